// Package tfevents writes event files, which TensorBoard shows: curves,
// histograms, pictures, sounds, texts and the settings of runs.
//
// A file is records, each a protocol buffer tensorflow.Event behind its length
// and in front of its checksum (the TFRecord format):
// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto.
package tfevents

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer writes the event file of a run, or of its part since a resume. It is
// used by one goroutine.
type Writer struct {
	f *os.File
	w *bufio.Writer
}

// prefix begins the name of every event file; the time at which it was begun,
// in ten digits, and the host follow. TensorBoard reads a folder's files in the
// order of their names, one after the other.
const prefix = "events.out.tfevents."

// Create begins a new event file in a folder, behind all that are there.
//
// from is the first step that it will tell of. What earlier files say of that
// step and later ones is taken back: a run that was resumed makes those steps
// again, and TensorBoard forgets the ones that came to nothing.
func Create(dir string, from int) (*Writer, error) {
	at := time.Now().Unix()
	earlier, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return nil, err
	}
	for _, path := range earlier {
		digits, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), ".")
		if t, err := strconv.ParseInt(digits, 10, 64); err == nil {
			at = max(at, t+1)
		}
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "host"
	}
	f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("%s%010d.%s", prefix, at, host)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Writer{f: f, w: bufio.NewWriter(f)}
	var version, start message
	version.text(eventVersion, "brain.Event:2")
	start.number(sessionStatus, sessionStart)
	var session message
	session.bytes(eventSession, start)
	if err := errors.Join(w.event(0, version), w.event(from, session), w.Flush()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// The numbers of the fields that are used here, by message.
const (
	eventTime    = 1
	eventStep    = 2
	eventVersion = 3
	eventSummary = 5
	eventSession = 7

	sessionStatus = 1
	sessionStart  = 1 // a value of status

	summaryValue = 1
)

// Write adds values of a step.
func (w *Writer) Write(step int, values ...Value) error {
	if len(values) == 0 {
		return nil
	}
	var summary, body message
	for _, v := range values {
		summary.bytes(summaryValue, v.encoded)
	}
	body.bytes(eventSummary, summary)
	return w.event(step, body)
}

// event adds an event whose time and step come before its body.
func (w *Writer) event(step int, body message) error {
	var m message
	m.double(eventTime, now())
	m.number(eventStep, step)
	return w.record(append(m, body...))
}

// record frames data: its length, the length's checksum, data, its checksum.
func (w *Writer) record(data []byte) error {
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	head = binary.LittleEndian.AppendUint32(head, masked(head))
	for _, part := range [][]byte{head, data, binary.LittleEndian.AppendUint32(nil, masked(data))} {
		if _, err := w.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is TFRecord's checksum: CRC-32C, rotated and shifted, so that the
// checksum of data that holds checksums is no plain one.
func masked(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// Flush brings what was written to the file.
func (w *Writer) Flush() error { return w.w.Flush() }

// Close ends the file.
func (w *Writer) Close() error { return errors.Join(w.w.Flush(), w.f.Close()) }

// message builds a protocol buffer.
type message []byte

func (m *message) number(field protowire.Number, v int) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) double(field protowire.Number, v float64) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed64Type)
	*m = protowire.AppendFixed64(*m, math.Float64bits(v))
}

func (m *message) float(field protowire.Number, v float64) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed32Type)
	*m = protowire.AppendFixed32(*m, math.Float32bits(float32(v)))
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, b)
}

func (m *message) text(field protowire.Number, s string) { m.bytes(field, []byte(s)) }

// doubles is a packed list.
func (m *message) doubles(field protowire.Number, list []float64) {
	var b []byte
	for _, v := range list {
		b = protowire.AppendFixed64(b, math.Float64bits(v))
	}
	m.bytes(field, b)
}
