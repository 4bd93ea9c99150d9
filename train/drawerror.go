package train

import (
	"fmt"
	"math"
	"slices"

	"partials/plots"
)

// errorPictures show where an output that shall match its target sample by
// sample does not: at a typical place and at the worst, by the input's level, and
// by frequency.
func errorPictures(sound *excerptSound, rate int) []picture {
	target, output := sound.Target[0], sound.Output[0]
	n := min(rate/50, len(target)) // 20 ms
	typical, worst := places(target, output, n)
	overlay := func(name, title string, at int) picture {
		return picture{name, plots.Overlay{Title: title + sound.Name, Target: target, Output: output, RateHz: float64(rate), Start: at, Length: n}.Figure()}
	}
	list := []picture{
		overlay("waveform", "Waveform at a typical place: ", typical),
		overlay("waveform-worst", "Waveform at the worst place: ", worst),
	}
	if levels := errorByLevel(sound.Input[0], target, output, n); len(levels.X) > 0 {
		list = append(list, picture{"esr-by-level", plots.Curves{Title: "Error by the input's level: " + sound.Name, XLabel: "level of 20 ms of the input (dBFS)",
			YLabel: "error-to-signal ratio", Series: []plots.Series{levels}, Log: true}.Figure()})
	}
	if bands := errorByBand(target, output, rate); len(bands.X) > 0 {
		list = append(list, picture{"esr-by-band", plots.Curves{Title: "Error by frequency, in thirds of an octave: " + sound.Name, XLabel: "frequency (Hz)",
			YLabel: "error-to-signal ratio", Series: []plots.Series{bands}, Log: true, LogX: true}.Figure()})
	}
	return list
}

// minus is a - b, sample by sample.
func minus(a, b []float32) []float32 {
	d := make([]float32, len(a))
	for t, v := range a {
		d[t] = v - b[t]
	}
	return d
}

// errorEnergy is the energy of output - target, and of target.
func errorEnergy(target, output []float32) (err, signal float64) {
	for t, v := range target {
		d := float64(output[t]) - float64(v)
		err += d * d
		signal += float64(v) * float64(v)
	}
	return err, signal
}

// places returns where n samples have the median error-to-signal ratio of all
// that sound, and where the greatest energy of the error is.
func places(target, output []float32, n int) (typical, worst int) {
	type place struct {
		at         int
		esr, sound float64
	}
	var all []place
	most, loud := -1.0, 0.0
	for at := 0; at+n <= len(target); at += max(n, 1) {
		err, signal := errorEnergy(target[at:at+n], output[at:at+n])
		if err > most {
			most, worst = err, at
		}
		all = append(all, place{at, err / signal, signal})
		loud = max(loud, signal)
	}
	all = slices.DeleteFunc(all, func(p place) bool { return !(p.sound > loud/1000) || !isFinite(p.esr) })
	if len(all) == 0 {
		return worst, worst
	}
	slices.SortFunc(all, func(a, b place) int {
		if a.esr < b.esr {
			return -1
		}
		return 1
	})
	return all[len(all)/2].at, worst
}

// errorByLevel is the error-to-signal ratio of stretches of n samples by the RMS
// of their input, in steps of 6 dB.
func errorByLevel(input, target, output []float32, n int) plots.Series {
	const step = 6 // dB
	errs, signals := map[int]float64{}, map[int]float64{}
	for at := 0; at+n <= len(target) && n > 0; at += n {
		e, s := errorEnergy(target[at:at+n], output[at:at+n])
		_, in := errorEnergy(input[at:at+n], output[at:at+n])
		k := int(math.Floor(10 * math.Log10(in/float64(n)+1e-9) / step)) // silence is at -90 dBFS
		errs[k] += e
		signals[k] += s
	}
	series := plots.Series{Name: "ESR"}
	for k := -90/step - 1; k <= 0; k++ {
		if signals[k] > 0 {
			series.X = append(series.X, float64(k*step)+step/2)
			series.Y = append(series.Y, errs[k]/signals[k])
		}
	}
	return series
}

// errorByBand is the error-to-signal ratio in bands of a third of an octave from
// 25 Hz on, where the target has sound: within 90 dB of its loudest band.
func errorByBand(target, output []float32, rate int) plots.Series {
	const low, floor = 25.0, 1e-9
	errs, signals := powers(minus(output, target)), powers(target)
	bins, perHz := len(signals), 2*float64(len(signals)-1)/float64(rate)
	third := math.Pow(2, 1.0/6) // half a band
	var centres, e, s []float64
	loud := 0.0
	for f := low; f*third < float64(rate)/2; f *= third * third {
		be, bs := 0.0, 0.0
		for k := int(math.Ceil(f / third * perHz)); float64(k) < f*third*perHz && k < bins; k++ {
			be += errs[k]
			bs += signals[k]
		}
		centres, e, s = append(centres, f), append(e, be), append(s, bs)
		loud = max(loud, bs)
	}
	series := plots.Series{Name: "ESR"}
	for i, f := range centres {
		if s[i] > floor*loud {
			series.X = append(series.X, f)
			series.Y = append(series.Y, e[i]/s[i])
		}
	}
	return series
}

// decibels says how far below 1 a ratio of energies is.
func decibels(ratio float64) string { return fmt.Sprintf("%.1f dB", 10*math.Log10(ratio)) }
