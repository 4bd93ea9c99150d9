package train

import (
	"os"
	"testing"
)

func TestCosts(t *testing.T) {
	d := Dir(t.TempDir())
	if c, err := d.costs(); err != nil || c != (Costs{}) {
		t.Errorf("a run without timings: %+v, %v", c, err)
	}
	lines := `{"step":10,"steps":10,"load_s":0.5,"forward_s":1,"backward_s":2,"update_s":0.25,"write_s":0.25,"validate_s":3,"real_time":10,"arena_bytes":100,"memory_bytes":300}
{"step":20,"steps":10,"load_s":0,"forward_s":1,"backward_s":1,"update_s":0,"write_s":0,"validate_s":1,"real_time":4,"arena_bytes":200,"memory_bytes":200}
{"step":30,"st`
	if err := os.WriteFile(d.path(timingFile), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	// 4 s at 10 and 2 s at 4 times real time.
	if c, err := d.costs(); err != nil || c != (Costs{Seconds: 10, RealTime: 8, Arena: 200, Memory: 300}) {
		t.Errorf("%+v, %v", c, err)
	}
}
