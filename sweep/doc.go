// Package sweep trains a recipe many times with other settings and says which
// are best: every combination of values (a grid), combinations drawn at random,
// or successive halving, which gives all a short training and goes on with the
// best of them only.
//
// A sweep is a folder with a run for each trial. It can be stopped and gone on
// with at any time: what is done stays done. It can be spread over the nodes of
// a cluster, a trial each.
package sweep
