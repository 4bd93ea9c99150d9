package sweep

import (
	"fmt"
	"regexp"
	"strings"
)

// Cluster is what a manifest for a cluster needs to know.
type Cluster struct {
	Program []string // the command line of the sweep, without --trial
	Name    string
	Trials  int
	AtOnce  int // trials that run at the same time; 0 sets no limit
	CPUs    int // of a trial
	Image   string
	Claim   string // name of the persistent volume claim that holds data and runs
}

// Slurm is a job array, a task for each trial: sbatch takes it.
// https://slurm.schedmd.com/job_array.html
func (c Cluster) Slurm() string {
	limit := ""
	if c.AtOnce > 0 {
		limit = fmt.Sprintf("%%%d", c.AtOnce)
	}
	return fmt.Sprintf(`#!/bin/sh
# %d trials, one a task. Run it from the folder that the paths begin in; when all
# are done the same command without --trial prints the table.
#SBATCH --job-name=%s
#SBATCH --array=0-%d%s
#SBATCH --cpus-per-task=%d
#SBATCH --output=%%x-%%a.log
exec %s --threads %d --trial "$SLURM_ARRAY_TASK_ID"
`, c.Trials, label(c.Name), c.Trials-1, limit, c.CPUs, shell(c.Program), c.CPUs)
}

// Kubernetes is an indexed Job, a pod for each trial: kubectl apply takes it.
// https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/
func (c Cluster) Kubernetes() string {
	atOnce := c.AtOnce
	if atOnce == 0 {
		atOnce = c.Trials
	}
	var command strings.Builder
	for _, word := range append(append([]string{}, c.Program...), "--threads", fmt.Sprint(c.CPUs), "--trial", "$(JOB_COMPLETION_INDEX)") {
		fmt.Fprintf(&command, "            - %s\n", quoted(word))
	}
	return fmt.Sprintf(`# %d trials, one a pod. The volume holds the data, and the runs of all pods; when
# all are done the same command without --trial prints the table.
apiVersion: batch/v1
kind: Job
metadata:
  name: %s
spec:
  completions: %d
  parallelism: %d
  completionMode: Indexed
  backoffLimit: %d
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: %s
          workingDir: /work
          command:
%s          resources:
            requests:
              cpu: %q
          volumeMounts:
            - name: work
              mountPath: /work
      volumes:
        - name: work
          persistentVolumeClaim:
            claimName: %s
`, c.Trials, label(c.Name), c.Trials, atOnce, max(6, c.Trials), quoted(c.Image), command.String(), fmt.Sprint(c.CPUs), quoted(c.Claim))
}

var notLabel = regexp.MustCompile(`[^a-z0-9]+`)

// label is a name as DNS, and so both systems, take it.
func label(name string) string {
	l := strings.Trim(notLabel.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(l) > 52 { // pods add an index and a random suffix, 63 in all
		l = strings.TrimRight(l[:52], "-")
	}
	if l == "" {
		l = "sweep"
	}
	return l
}

// shell is a command line that a shell takes apart into these words.
func shell(words []string) string {
	var list []string
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,+@%", r)
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		list = append(list, w)
	}
	return strings.Join(list, " ")
}

// quoted is a YAML string. Single quotes keep all as it is.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
