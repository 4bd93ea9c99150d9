// Package mlflowtest is an MLflow server for tests: it holds requests to the
// shapes and limits of the REST API as the real server does.
package mlflowtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
)

// Server remembers what it is told.
type Server struct {
	URL string

	mu          sync.Mutex
	down        bool
	refused     int // requests while it was down
	runs        []*Run
	experiments []string // by id
	auth        string
}

// Run is what the server knows of a run.
type Run struct {
	ID, Name, Experiment, Status string
	Params, Tags                 map[string]string
	Metrics                      map[string][]Point
	Ended                        bool
}

// Point is a number at a step.
type Point struct {
	Step  int
	Value float64
}

// New starts a server until the end of the test.
func New(t *testing.T) *Server {
	s := &Server{}
	mux := http.NewServeMux()
	const api = "/api/2.0/mlflow/"
	mux.HandleFunc("GET "+api+"experiments/get-by-name", s.answer(s.find))
	mux.HandleFunc("POST "+api+"experiments/create", s.answer(s.experiment))
	mux.HandleFunc("POST "+api+"runs/create", s.answer(s.create))
	mux.HandleFunc("POST "+api+"runs/log-batch", s.answer(s.log))
	mux.HandleFunc("POST "+api+"runs/update", s.answer(s.update))
	h := httptest.NewServer(mux)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

// Down says whether the server answers everything with 503.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Refused is how many requests came while it was down.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// Runs are all runs so far.
func (s *Server) Runs() []*Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs
}

// Auth is the Authorization header of the last request.
func (s *Server) Auth() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.auth
}

// refusal is an error of the API.
type refusal struct {
	status  int
	Code    string `json:"error_code"`
	Message string `json:"message"`
}

func invalid(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "INVALID_PARAMETER_VALUE", fmt.Sprintf(format, args...)}
}

func (s *Server) answer(f func(*http.Request) (any, *refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.auth = r.Header.Get("Authorization")
		if s.down {
			s.refused++
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		result, no := f(r)
		if no != nil {
			w.WriteHeader(no.status)
			_ = json.NewEncoder(w).Encode(no)
			return
		}
		_ = json.NewEncoder(w).Encode(result)
	}
}

// body reads a request that has the given fields only.
func body(r *http.Request, to any) *refusal {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return invalid("%v", err)
	}
	return nil
}

func (s *Server) find(r *http.Request) (any, *refusal) {
	name := r.URL.Query().Get("experiment_name")
	for id, e := range s.experiments {
		if e == name {
			return map[string]any{"experiment": map[string]any{"experiment_id": fmt.Sprint(id)}}, nil
		}
	}
	return nil, &refusal{http.StatusNotFound, "RESOURCE_DOES_NOT_EXIST", "no experiment " + name}
}

func (s *Server) experiment(r *http.Request) (any, *refusal) {
	var in struct {
		Name string `json:"name"`
	}
	if no := body(r, &in); no != nil {
		return nil, no
	}
	s.experiments = append(s.experiments, in.Name)
	return map[string]any{"experiment_id": fmt.Sprint(len(s.experiments) - 1)}, nil
}

type entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func (s *Server) create(r *http.Request) (any, *refusal) {
	var in struct {
		Experiment string  `json:"experiment_id"`
		Name       string  `json:"run_name"`
		Start      int64   `json:"start_time"`
		Tags       []entry `json:"tags"`
	}
	if no := body(r, &in); no != nil {
		return nil, no
	}
	var id int
	if n, err := fmt.Sscan(in.Experiment, &id); n != 1 || err != nil || id >= len(s.experiments) {
		return nil, invalid("no experiment %q", in.Experiment)
	}
	if in.Start < 1e12 {
		return nil, invalid("start_time %d is not in milliseconds", in.Start)
	}
	run := &Run{ID: fmt.Sprint("run", len(s.runs)), Name: in.Name, Experiment: s.experiments[id], Status: "RUNNING",
		Params: map[string]string{}, Tags: map[string]string{}, Metrics: map[string][]Point{}}
	for _, t := range in.Tags {
		run.Tags[t.Key] = t.Value
	}
	s.runs = append(s.runs, run)
	return map[string]any{"run": map[string]any{"info": map[string]any{"run_id": run.ID}}}, nil
}

// key is what names of metrics and parameters can be made of.
var key = regexp.MustCompile(`^[\w/. :-]{1,250}$`)

func (s *Server) log(r *http.Request) (any, *refusal) {
	var in struct {
		Run     string `json:"run_id"`
		Metrics []struct {
			Key   string  `json:"key"`
			Value float64 `json:"value"`
			Time  int64   `json:"timestamp"`
			Step  int     `json:"step"`
		} `json:"metrics"`
		Params []entry `json:"params"`
	}
	if no := body(r, &in); no != nil {
		return nil, no
	}
	run, no := s.run(in.Run)
	if no != nil {
		return nil, no
	}
	if len(in.Metrics) > 1000 || len(in.Params) > 100 {
		return nil, invalid("%d metrics and %d parameters", len(in.Metrics), len(in.Params))
	}
	for _, p := range in.Params {
		if before, ok := run.Params[p.Key]; !key.MatchString(p.Key) || len(p.Value) > 500 || ok && before != p.Value {
			return nil, invalid("parameter %q", p.Key)
		}
		run.Params[p.Key] = p.Value
	}
	for _, m := range in.Metrics {
		if !key.MatchString(m.Key) || m.Time < 1e12 {
			return nil, invalid("metric %q at %d", m.Key, m.Time)
		}
		run.Metrics[m.Key] = append(run.Metrics[m.Key], Point{m.Step, m.Value})
	}
	return map[string]any{}, nil
}

func (s *Server) update(r *http.Request) (any, *refusal) {
	var in struct {
		Run    string `json:"run_id"`
		Status string `json:"status"`
		End    int64  `json:"end_time"`
	}
	if no := body(r, &in); no != nil {
		return nil, no
	}
	run, no := s.run(in.Run)
	if no != nil {
		return nil, no
	}
	run.Status, run.Ended = in.Status, in.End > 0
	return map[string]any{}, nil
}

func (s *Server) run(id string) (*Run, *refusal) {
	for _, r := range s.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, &refusal{http.StatusNotFound, "RESOURCE_DOES_NOT_EXIST", "no run " + id}
}
