//go:build race

package train

func init() { underRace = true }
