package train

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"partials/internal/config"
	"partials/internal/mlflow"
)

// mlflowFile remembers the run at the server, for a resume to go on with.
const mlflowFile = "mlflow.json"

// mlflowRun is the content of that file.
type mlflowRun struct {
	Server string `json:"server"`
	ID     string `json:"run_id"`
}

// mlflowBook is MLflow's logbook. The server is spoken to on the side: training
// never waits for it, and one that cannot be reached is a warning. What it
// missed it gets when it is back.
type mlflowBook struct {
	client     *mlflow.Client
	dir        Dir
	log        *slog.Logger
	address    string
	experiment string
	params     []mlflow.Param

	// The speaker's own.
	run    string // at the server, empty until it is made
	begun  bool   // the server knows that the run is running
	warned bool   // since the server last took something

	mu      sync.Mutex
	pending []mlflow.Metric
	status  mlflow.Status

	wake chan struct{} // there is something to say
	stop chan struct{} // closed: say it and end
	done chan struct{} // closed: the speaker has ended
}

// maxPending is how many numbers are kept for a server that is away; the
// oldest go first.
const maxPending = 100_000

func openMLflow(dir Dir, s *session, settings []config.Setting) (*mlflowBook, error) {
	l := s.recipe.Log
	client, err := mlflow.New(l.MLflow)
	if err != nil {
		return nil, err
	}
	b := &mlflowBook{
		client: client, dir: dir, log: s.log, address: l.MLflow, experiment: l.Experiment, status: mlflow.Running,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	for _, x := range settings {
		b.params = append(b.params, mlflow.Param{Key: mlflowKey(x.Key), Value: shortened(x.Value)})
	}
	data, err := os.ReadFile(dir.path(mlflowFile))
	if err == nil {
		var before mlflowRun
		if json.Unmarshal(data, &before) == nil && before.Server == l.MLflow {
			b.run, b.params = before.ID, nil // the server keeps the first value of a setting
		}
	}
	go b.speak()
	return b, b.flush()
}

// mlflowKey is a name as MLflow allows it: letters, digits, and _ - . / and
// spaces.
func mlflowKey(name string) string {
	name = strings.NewReplacer("[", ".", "]", "").Replace(name)
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("_-./ ", r):
			return r
		}
		return '_'
	}, name)
}

// shortened is a value that any server takes.
func shortened(value string) string {
	const most = 500
	if len(value) > most {
		return value[:most]
	}
	return value
}

func (b *mlflowBook) points(step int, list []point) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now().UnixMilli()
	for _, p := range list {
		if isFinite(p.value) { // JSON has nothing else
			b.pending = append(b.pending, mlflow.Metric{Key: mlflowKey(p.name), Value: p.value, Time: now, Step: int64(step)})
		}
	}
	if over := len(b.pending) - maxPending; over > 0 {
		b.pending = append(b.pending[:0], b.pending[over:]...)
	}
	return nil
}

// flush wakes the speaker.
func (b *mlflowBook) flush() error {
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return nil
}

func (b *mlflowBook) end(status string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status = map[string]mlflow.Status{
		"finished": mlflow.Finished, "stopped early": mlflow.Finished, "interrupted": mlflow.Killed,
	}[status]
	if b.status == "" {
		b.status = mlflow.Failed
	}
	return nil
}

// close says what is left to say.
func (b *mlflowBook) close() error {
	close(b.stop)
	<-b.done
	return nil
}

// lastWords is how long the end of a run waits for the server.
const lastWords = 15 * time.Second

// speak tells the server what there is to tell, until close.
func (b *mlflowBook) speak() {
	defer close(b.done)
	defer b.client.Close()
	for {
		select {
		case <-b.wake:
			b.say(context.Background(), false)
		case <-b.stop:
			ctx, cancel := context.WithTimeout(context.Background(), lastWords)
			defer cancel()
			b.say(ctx, true)
			return
		}
	}
}

// say tells the server all that it does not know yet.
func (b *mlflowBook) say(ctx context.Context, end bool) {
	b.mu.Lock()
	metrics, status := b.pending, b.status
	b.pending = nil
	b.mu.Unlock()
	taken, err := b.tell(ctx, metrics, status, end)
	if err == nil {
		b.warned = false
		return
	}
	b.mu.Lock()
	b.pending = append(metrics[taken:len(metrics):len(metrics)], b.pending...)
	b.mu.Unlock()
	if !b.warned || end {
		b.log.Warn("the MLflow server does not take the run's log; the run goes on without", "server", b.address, "because", err)
		b.warned = true
	}
}

func (b *mlflowBook) tell(ctx context.Context, metrics []mlflow.Metric, status mlflow.Status, end bool) (taken int, err error) {
	if err := b.begin(ctx); err != nil {
		return 0, err
	}
	if taken, err = b.client.LogMetrics(ctx, b.run, metrics); err != nil || !end {
		return taken, err
	}
	return taken, b.client.Update(ctx, b.run, status)
}

// begin makes the run at the server, or goes on with that of an earlier part,
// and tells its settings.
func (b *mlflowBook) begin(ctx context.Context) (err error) {
	switch {
	case b.run == "":
		err = b.create(ctx)
	case !b.begun:
		err = b.client.Update(ctx, b.run, mlflow.Running)
	}
	if err != nil {
		return err
	}
	b.begun = true
	if err := b.client.LogParams(ctx, b.run, b.params); err != nil {
		return err
	}
	b.params = nil
	return nil
}

func (b *mlflowBook) create(ctx context.Context) error {
	experiment, err := b.client.Experiment(ctx, b.experiment)
	if err != nil {
		return err
	}
	run, err := b.client.Create(ctx, experiment, b.dir.Name(), []mlflow.Tag{
		{Key: "mlflow.source.name", Value: "partials " + Version}, {Key: "partials.run", Value: string(b.dir)},
	})
	if err != nil {
		return err
	}
	b.run = run
	data, err := json.Marshal(mlflowRun{Server: b.address, ID: run})
	if err != nil {
		return err
	}
	return writeAtomically(b.dir.path(mlflowFile), data)
}
