package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"golang.org/x/term"
)

// results is standard output. It remembers the first error, so that a full
// disk is told of once, at the end.
type results struct {
	w   io.Writer
	err error
}

func (r *results) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.w.Write(p)
	if err != nil {
		r.err = fmt.Errorf("writing the results: %w", err)
	}
	return n, r.err
}

// screen is standard error, where several goroutines write, and where a
// progress bar may stand that every other line must go through.
type screen struct {
	mu  sync.Mutex
	w   io.Writer
	bar io.Writer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bar != nil {
		if n, err := s.bar.Write(p); err == nil {
			return n, nil
		} // the bar is at its end
	}
	return s.w.Write(p)
}

// under puts a bar at the bottom of the screen.
func (s *screen) under(bar io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bar = bar
}

// terminal returns the terminal that a bar can be drawn on, or nil.
func (s *screen) terminal() *os.File {
	f, ok := s.w.(*os.File)
	if !ok {
		return nil
	}
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width == 0 || height == 0 { // 0: a terminal that does not know its size
		return nil
	}
	return f
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// table prints rows in columns.
func (a *app) table(rows [][]string) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// warn tells of what is odd about a file.
func (a *app) warn(file string, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(a.err, "warning: %s: %s\n", file, w)
	}
}

// count is "1 channel", "2 channels".
func count[T int | int64](n T, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// shellWord is a path as it can be typed into a shell.
func shellWord(path string) string {
	if strings.ContainsAny(path, " \t'\"$&;()*?<>|`") {
		return strconv.Quote(path)
	}
	return path
}
