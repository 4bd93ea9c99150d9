package metric_test

import (
	"fmt"

	"partials/metric"
)

// A prediction is measured against its target, block by block.
func Example() {
	fmt.Println(metric.Names())
	m, _ := metric.Get("snr")
	meter := m.New(16000)
	meter.Add([]float32{0.9, -0.9}, []float32{1, -1})
	meter.Add([]float32{1.1}, []float32{1})
	fmt.Printf("%s %.1f %s\n", m.Title, meter.Value(), m.Unit)
	fmt.Println("20 dB is better than 10:", m.Better(20, 10))
	// Output:
	// [esr estoi lsd mae mse peak seg_snr si_sdr snr stoi]
	// SNR 20.0 dB
	// 20 dB is better than 10: true
}
