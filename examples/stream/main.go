// Command stream plays live sound through the model of a run, block by block:
// raw float32 samples of one channel, little-endian, from standard input to
// standard output, as sox and other tools speak them:
//
//	sox in.wav -t f32 -c 1 -r 44100 - | stream runs/quickstart | sox -t f32 -c 1 -r 44100 - out.wav
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"math"
	"os"

	"partials/train"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: stream RUN, the folder of a run, with raw float32 samples on standard input")
		os.Exit(2)
	}
	player, err := train.Load(os.Args[1], "cpu", train.Options{Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer player.Close()
	if player.Inputs != 1 || player.Outputs != 1 {
		log.Fatal("this program streams one channel; the run's model has more")
	}
	raw, in, out := make([]byte, 4*256), make([]float32, 256), make([]float32, 256)
	for err == nil {
		var read int
		read, err = io.ReadFull(os.Stdin, raw) // an error, and less than a block, at the end
		n := read / 4
		for i := range n {
			in[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		player.Process([][]float32{out[:n]}, [][]float32{in[:n]}) // a slice for each channel
		if err := binary.Write(os.Stdout, binary.LittleEndian, out[:n]); err != nil {
			log.Fatal(err)
		}
	}
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		log.Fatal(err)
	}
}
