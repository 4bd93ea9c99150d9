// Command stream plays live sound through the model of a run, block by block:
// raw float32 samples of one channel, little-endian, from standard input to
// standard output, as sox and other tools speak them:
//
//	sox in.wav -t f32 -c 1 -r 44100 - | stream runs/quickstart | sox -t f32 -c 1 -r 44100 - out.wav
package main

import (
	"encoding/binary"
	"log"
	"os"

	"partials/train"
)

func main() {
	player, err := train.Load(os.Args[1], "cpu", train.Options{Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer player.Close()
	in, out := [][]float32{make([]float32, 256)}, [][]float32{make([]float32, 256)} // a slice for each channel
	for binary.Read(os.Stdin, binary.LittleEndian, in[0]) == nil {
		player.Process(out, in)
		if err := binary.Write(os.Stdout, binary.LittleEndian, out[0]); err != nil {
			log.Fatal(err)
		}
	}
}
