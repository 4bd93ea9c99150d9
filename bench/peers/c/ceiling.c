// What the machine can do at most: prints a line of JSON with the GFLOP/s of
// fused multiply-adds on one core (AVX2, twelve chains in registers) and the
// GB/s, read plus written, of copying 256 MiB with one thread and with two.
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double fma_gflops(void) {
  enum { chains = 12, rounds = 4000000 };
  __m256 a[chains], m = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(1e-3f);
  for (int i = 0; i < chains; i++) a[i] = _mm256_set1_ps((float)i);
  double start = now();
  for (int r = 0; r < rounds; r++) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; i++) a[i] = _mm256_fmadd_ps(a[i], m, b);
  }
  double spent = now() - start;
  float sink[8];
  for (int i = 1; i < chains; i++) a[0] = _mm256_add_ps(a[0], a[i]);
  _mm256_storeu_ps(sink, a[0]);
  volatile float keep = sink[0];
  (void)keep;
  return 2.0 * 8 * chains * rounds / spent * 1e-9;
}

enum { size = 256 << 20 };
struct part { char *to, *from; size_t n; };

static void *copy(void *p) {
  struct part *part = p;
  memcpy(part->to, part->from, part->n);
  return 0;
}

static double copy_gbps(char *to, char *from, int threads) {
  pthread_t t[2];
  struct part p[2];
  double start = now();
  for (int i = 0; i < threads; i++) {
    size_t n = size / (size_t)threads;
    p[i] = (struct part){to + (size_t)i * n, from + (size_t)i * n, n};
    pthread_create(&t[i], 0, copy, &p[i]);
  }
  for (int i = 0; i < threads; i++) pthread_join(t[i], 0);
  return 2.0 * size / (now() - start) * 1e-9;
}

static double best(double a, double b) { return a > b ? a : b; }

int main(void) {
  char *from = malloc(size), *to = malloc(size);
  if (!from || !to) return 1;
  memset(from, 1, size), memset(to, 2, size);
  double fma = 0, copy1 = 0, copy2 = 0;
  for (int i = 0; i < 9; i++) {
    fma = best(fma, fma_gflops());
    copy1 = best(copy1, copy_gbps(to, from, 1));
    copy2 = best(copy2, copy_gbps(to, from, 2));
  }
  printf("{\"fma\": %.4g, \"copy1\": %.4g, \"copy2\": %.4g}\n", fma, copy1, copy2);
  return 0;
}
