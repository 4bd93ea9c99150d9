package mlflow_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"partials/internal/mlflow"
	"partials/internal/mlflow/mlflowtest"
)

func client(t *testing.T, address string) *mlflow.Client {
	t.Helper()
	c, err := mlflow.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestRun(t *testing.T) {
	server := mlflowtest.New(t)
	c, ctx := client(t, server.URL+"/"), t.Context()
	t.Setenv("MLFLOW_TRACKING_USERNAME", "me")
	t.Setenv("MLFLOW_TRACKING_PASSWORD", "secret")
	made, err := c.Experiment(ctx, "amps & pedals")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.Experiment(ctx, "amps & pedals"); again != made || err != nil {
		t.Fatalf("%s is %s the second time: %v", made, again, err)
	}
	run, err := c.Create(ctx, made, "plexi", []mlflow.Tag{{Key: "a", Value: "b"}})
	if err != nil {
		t.Fatal(err)
	}
	var params []mlflow.Param // more than one request holds
	for i := range 150 {
		params = append(params, mlflow.Param{Key: fmt.Sprint("p", i), Value: "v"})
	}
	var metrics []mlflow.Metric
	for i := range 2500 {
		metrics = append(metrics, mlflow.Metric{Key: "loss", Value: float64(i), Time: 1.7e12, Step: int64(i)})
	}
	if err := c.LogParams(ctx, run, params); err != nil {
		t.Fatal(err)
	}
	if n, err := c.LogMetrics(ctx, run, metrics); n != 2500 || err != nil {
		t.Fatal(n, err)
	}
	if err := c.Update(ctx, run, mlflow.Finished); err != nil {
		t.Fatal(err)
	}
	got := server.Runs()[0]
	if got.Experiment != "amps & pedals" || got.Name != "plexi" || got.Tags["a"] != "b" || got.Status != "FINISHED" || !got.Ended ||
		len(got.Params) != 150 || len(got.Metrics["loss"]) != 2500 {
		t.Errorf("the server knows %d parameters, %d numbers, %s %s", len(got.Params), len(got.Metrics["loss"]), got.Name, got.Status)
	}
	for i, p := range got.Metrics["loss"] {
		if p.Step != i || p.Value != float64(i) {
			t.Fatalf("number %d is %v", i, p)
		}
	}
	if server.Auth() != "Basic bWU6c2VjcmV0" {
		t.Errorf("authorization %q", server.Auth())
	}
	t.Setenv("MLFLOW_TRACKING_TOKEN", "tok")
	if err := c.Update(ctx, run, mlflow.Running); err != nil || server.Auth() != "Bearer tok" {
		t.Errorf("authorization %q, %v", server.Auth(), err)
	}
}

func TestErrorsSayWhat(t *testing.T) {
	server := mlflowtest.New(t)
	if _, err := client(t, server.URL).LogMetrics(t.Context(), "none", []mlflow.Metric{{Key: "a", Time: 1.7e12}}); err == nil || !strings.Contains(err.Error(), "404 Not Found RESOURCE_DOES_NOT_EXIST: no run none") {
		t.Error(err)
	}
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	if _, err := client(t, page.URL).Experiment(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Error(err)
	}
	for _, address := range []string{"", "localhost:5000", "ftp://a", "http://", "http://me:secret@host"} {
		if _, err := mlflow.New(address); err == nil || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
