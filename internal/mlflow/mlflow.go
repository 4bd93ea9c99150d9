// Package mlflow speaks to an MLflow tracking server: runs with parameters,
// metrics and tags, over its REST API 2.0,
// https://mlflow.org/docs/latest/rest-api.html.
package mlflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Client speaks to one server. As MLflow's own client it takes a name and
// password, or a token, from MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD
// and MLFLOW_TRACKING_TOKEN.
type Client struct {
	address string
	http    *http.Client
}

// patience is how long a request may take.
const patience = 10 * time.Second

// New returns a client of the server at an address, as http://127.0.0.1:5000.
func New(address string) (*Client, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q is no address of a server, as http://127.0.0.1:5000 is", address)
	case u.User != nil:
		return nil, errors.New("the address has a name or password in it, which recipes keep; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead")
	}
	return &Client{strings.TrimRight(address, "/"), &http.Client{Timeout: patience}}, nil
}

// Param is a setting of a run, Metric a number at a step, Tag a note.
type (
	Param struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	Metric struct {
		Key   string  `json:"key"`
		Value float64 `json:"value"`
		Time  int64   `json:"timestamp"` // ms since 1970
		Step  int64   `json:"step"`
	}
	Tag = Param
)

// Status is how a run goes.
type Status string

// The statuses.
const (
	Running  Status = "RUNNING"
	Finished Status = "FINISHED"
	Failed   Status = "FAILED"
	Killed   Status = "KILLED"
)

// refusal is what the server answers when it does not do what it is asked.
type refusal struct {
	Code    string `json:"error_code"`
	Message string `json:"message"`
	status  string
}

func (e *refusal) Error() string { return fmt.Sprintf("%s %s: %s", e.status, e.Code, e.Message) }

// Experiment returns the id of the experiment of that name, and makes it where
// there is none.
func (c *Client) Experiment(ctx context.Context, name string) (id string, err error) {
	var found struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		} `json:"experiment"`
	}
	err = c.call(ctx, http.MethodGet, "experiments/get-by-name?experiment_name="+url.QueryEscape(name), nil, &found)
	var no *refusal
	if !errors.As(err, &no) || no.Code != "RESOURCE_DOES_NOT_EXIST" {
		return found.Experiment.ID, err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	err = c.call(ctx, http.MethodPost, "experiments/create", map[string]any{"name": name}, &made)
	return made.ID, err
}

// Create makes a run, which is running, and returns its id.
func (c *Client) Create(ctx context.Context, experiment, name string, tags []Tag) (run string, err error) {
	var made struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			} `json:"info"`
		} `json:"run"`
	}
	err = c.call(ctx, http.MethodPost, "runs/create", map[string]any{
		"experiment_id": experiment, "run_name": name, "start_time": time.Now().UnixMilli(), "tags": tags,
	}, &made)
	return made.Run.Info.ID, err
}

// The most that one request can log.
const (
	maxMetrics = 1000
	maxParams  = 100
)

// LogParams adds settings to a run.
func (c *Client) LogParams(ctx context.Context, run string, params []Param) error {
	for len(params) > 0 {
		n := min(len(params), maxParams)
		if err := c.call(ctx, http.MethodPost, "runs/log-batch", map[string]any{"run_id": run, "params": params[:n]}, nil); err != nil {
			return err
		}
		params = params[n:]
	}
	return nil
}

// LogMetrics adds numbers to a run and returns how many the server has taken.
func (c *Client) LogMetrics(ctx context.Context, run string, metrics []Metric) (taken int, err error) {
	for taken < len(metrics) {
		n := min(len(metrics)-taken, maxMetrics)
		if err := c.call(ctx, http.MethodPost, "runs/log-batch", map[string]any{"run_id": run, "metrics": metrics[taken : taken+n]}, nil); err != nil {
			return taken, err
		}
		taken += n
	}
	return taken, nil
}

// Update says how a run goes, and that it has ended now where it is no longer
// running.
func (c *Client) Update(ctx context.Context, run string, s Status) error {
	body := map[string]any{"run_id": run, "status": s}
	if s != Running {
		body["end_time"] = time.Now().UnixMilli()
	}
	return c.call(ctx, http.MethodPost, "runs/update", body, nil)
}

// call sends body as JSON and reads the answer into to.
func (c *Client) call(ctx context.Context, method, path string, body, to any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.address+"/api/2.0/mlflow/"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("MLFLOW_TRACKING_TOKEN"); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	} else if name := os.Getenv("MLFLOW_TRACKING_USERNAME"); name != "" {
		req.SetBasicAuth(name, os.Getenv("MLFLOW_TRACKING_PASSWORD"))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	const most = 1 << 20 // bytes of an answer
	answer, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		no := &refusal{status: res.Status}
		if json.Unmarshal(answer, no) != nil || no.Code == "" { // a proxy, or no MLflow at all
			no.Message = fmt.Sprintf("%.200q", answer)
		}
		return no
	}
	if to == nil {
		return nil
	}
	if err := json.Unmarshal(answer, to); err != nil {
		return fmt.Errorf("the server's answer is no JSON: %w", err)
	}
	return nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }
