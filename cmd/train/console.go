package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
)

// console is a slog.Handler for people: the message and its values on a line,
// warnings marked, no clock.
type console struct {
	mu    *sync.Mutex
	w     io.Writer
	attrs []slog.Attr
}

func newConsole(w io.Writer) *console { return &console{mu: new(sync.Mutex), w: w} }

func (c *console) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (c *console) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	if r.Level >= slog.LevelWarn {
		fmt.Fprintf(&b, "%s: ", strings.ToLower(r.Level.String()))
	}
	b.WriteString(r.Message)
	put := func(a slog.Attr) bool {
		v := a.Value.String()
		if strings.ContainsAny(v, " \t\n\"") {
			v = strconv.Quote(v)
		}
		fmt.Fprintf(&b, " %s=%s", a.Key, v)
		return true
	}
	for _, a := range c.attrs {
		put(a)
	}
	r.Attrs(put)
	b.WriteByte('\n')
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.w.Write(b.Bytes())
	return err
}

func (c *console) WithAttrs(attrs []slog.Attr) slog.Handler {
	d := *c
	d.attrs = append(append([]slog.Attr{}, c.attrs...), attrs...)
	return &d
}

// WithGroup is not used by this program: groups are flattened.
func (c *console) WithGroup(string) slog.Handler { return c }
