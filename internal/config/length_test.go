package config

import "testing"

func TestLength(t *testing.T) {
	for _, c := range []struct {
		text     string
		want     Length
		written  string
		samples  int // at 44100 Hz
		position int // of 100000 samples
	}{
		{"4096", Samples(4096), "4096", 4096, 4096},
		{"-1", Samples(-1), "-1", -1, 99999},
		{"0", Samples(0), "0", 0, 0},
		{"0s", Samples(0), "0", 0, 0},
		{"2.5s", Seconds(2.5), "2.5s", 110250, 110250},
		{"300ms", Seconds(0.3), "0.3s", 13230, 13230},
		{"1 s", Seconds(1), "1s", 44100, 44100},
		{"-0.5s", Seconds(-0.5), "-0.5s", -22050, 77950},
		{"1e-3s", Seconds(0.001), "0.001s", 44, 44},
		{"0.01ms", Seconds(0.00001), "0.00001s", 0, 0},
	} {
		var l Length
		if err := l.UnmarshalText([]byte(c.text)); err != nil || l != c.want {
			t.Errorf("%s: got %#v, %v; want %#v", c.text, l, err, c.want)
		}
		if got := l.String(); got != c.written {
			t.Errorf("%s: written %s; want %s", c.text, got, c.written)
		}
		if got := l.Samples(44100); got != c.samples {
			t.Errorf("%s: %d samples; want %d", c.text, got, c.samples)
		}
		if got := l.Position(44100, 100000); got != c.position {
			t.Errorf("%s: position %d; want %d", c.text, got, c.position)
		}
		if got := l.Negative(); got != (c.samples < 0) {
			t.Errorf("%s: negative %v", c.text, got)
		}
	}
	for _, text := range []string{"", "s", "ms", "1.5", "1e3", "2x", "infs", "nans", "0x1p3s", "1_0s", "1e10s", "-1e10s", "9999999999999999", "99999999999999999999", "1s2", "--1s"} {
		var l Length
		if err := l.UnmarshalText([]byte(text)); err != errLength {
			t.Errorf("%q: got %v, %v; want %v", text, l, err, errLength)
		}
	}
}
