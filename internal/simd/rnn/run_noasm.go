//go:build !amd64 || purego

package rnn

import "partials/internal/impl"

func init() { impl.Register(pkg, impl.Generic, true, nil) }

type (
	forwardRun  struct{}
	backwardRun struct{}
)

func (f *Forward) run(_ *Scratch, first, last, from, to int) { f.generic(first, last, from, to) }

func (b *Backward) run(_ *Scratch, first, last, from, to, origin int) {
	b.generic(first, last, from, to, origin)
}
