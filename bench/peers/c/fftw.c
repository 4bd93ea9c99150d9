// FFTW's side of a measurement: speaks the protocol of ../worker.go for the
// workloads a/rfft* and a/irfft*. Plans are MEASUREd; where it may, the inverse
// destroys its input, which is FFTW's own choice, and the input is refilled
// outside of the time.
#include <fftw3.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static fftwf_plan forward, inverse, preserving;
static float *x;
static fftwf_complex *spectrum, *refill;
static size_t bins;
static int backward;

static double calls(fftwf_plan p, int n, int fill) {
  double spent = 0;
  for (int i = 0; i < n; i++) {
    if (fill) memcpy(spectrum, refill, bins * sizeof *spectrum);
    double start = now();
    fftwf_execute(p);
    spent += now() - start;
  }
  return spent;
}

static void open_workload(int batch, int n, int threads) {
  int k = n / 2 + 1;
  size_t samples = (size_t)batch * (size_t)n;
  bins = (size_t)batch * (size_t)k;
  fftwf_free(x), fftwf_free(spectrum), fftwf_free(refill);
  x = fftwf_malloc(samples * sizeof *x);
  spectrum = fftwf_malloc(bins * sizeof *spectrum);
  refill = fftwf_malloc(bins * sizeof *refill);
  fftwf_plan_with_nthreads(threads);
  forward = fftwf_plan_many_dft_r2c(1, &n, batch, x, 0, 1, n, spectrum, 0, 1, k, FFTW_MEASURE);
  inverse = fftwf_plan_many_dft_c2r(1, &n, batch, spectrum, 0, 1, k, x, 0, 1, n, FFTW_MEASURE);
  preserving = fftwf_plan_many_dft_c2r(1, &n, batch, spectrum, 0, 1, k, x, 0, 1, n, FFTW_MEASURE | FFTW_PRESERVE_INPUT);
  srand(1);
  for (size_t i = 0; i < samples; i++) x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  fftwf_execute(forward);
  memcpy(refill, spectrum, bins * sizeof *spectrum);
}

int main(void) {
  char line[4096], workload[64];
  fftwf_init_threads();
  while (fgets(line, sizeof line, stdin)) {
    int batch, n, threads, count;
    if (sscanf(line, "open %63s %d %d %d", workload, &batch, &n, &threads) == 4) {
      backward = strncmp(workload, "a/irfft", 7) == 0;
      open_workload(batch, n, threads);
      if (backward && calls(preserving, 50, 1) < calls(inverse, 50, 1)) inverse = preserving; // the faster of the two
      puts("ok");
    } else if (sscanf(line, "run %d", &count) == 1) {
      printf("%.9g\n", backward ? calls(inverse, count, 1) : calls(forward, count, 0));
    } else if (strcmp(line, "version\n") == 0) {
      puts(fftwf_version);
    } else {
      printf("error what is %s", line);
    }
    fflush(stdout);
  }
  return 0;
}
