// Package train is the training loop and everything a run leaves behind: its
// folder, metrics, checkpoints, plots and report; and what is done with runs
// afterwards: resume, reproduce, evaluate, render.
//
// A Recipe decides a run. Start makes its folder and trains; Resume goes on
// from the last checkpoint; Reproduce does it all again and compares. A session
// is a recipe made real on a device, a run is a session that trains into a
// folder: run.train is the whole of training.
//
// The same recipe, program and device give the same bits, however many threads
// there are and however often the run was stopped or killed. So that a kill
// leaves nothing half done, a checkpoint is the only state that counts: metrics
// reach the disk before it, Resume cuts them back to it, and all files but the
// growing logs are written aside and renamed.
package train
