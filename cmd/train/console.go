package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// console is a slog.Handler for people: the message and its values on a line,
// warnings marked, no clock.
type console struct {
	w     io.Writer // safe for concurrent use
	from  slog.Level
	attrs []slog.Attr
}

func newConsole(w io.Writer, from slog.Level) *console { return &console{w: w, from: from} }

func (c *console) Enabled(_ context.Context, l slog.Level) bool { return l >= c.from }

func (c *console) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
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
