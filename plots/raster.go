package plots

import (
	"image"
	"math"

	"gonum.org/v1/plot/plotter"
)

// The most cells of a raster, about what the axes of one panel have pixels for.
const (
	maxRasterColumns = 1200
	maxRasterRows    = 400
)

// raster is a matrix reduced to the cells that paper can show.
type raster struct {
	cells          [][]float64 // [columns][rows], row 0 at the bottom; NaN where there is no data
	seconds        [2]float64  // left edge of the first and right edge of the last frame
	kiloHz         [2]float64  // lower edge of the lowest and upper edge of the highest row
	lacksAnyNumber bool
}

// pool chooses between two values that fall into one cell.
type pool func(a, b float64) float64

// greatest keeps a thin partial visible among quiet neighbours.
func greatest(a, b float64) float64 { return max(a, b) }

// farthest keeps the value farthest from zero, with its sign.
func farthest(a, b float64) float64 {
	if math.Abs(b) > math.Abs(a) {
		return b
	}
	return a
}

// newRaster reduces db [frames][bins] to at most maxRasterColumns by maxRasterRows cells. db may
// have fewer rows than frames: the rest is missing data.
func newRaster(db [][]float32, frames int, sc Scale, choose pool) raster {
	bins := 0
	for _, row := range db {
		bins = max(bins, len(row))
	}
	r := raster{lacksAnyNumber: true, seconds: [2]float64{0, 1}, kiloHz: [2]float64{0, sc.MaxHz / 1000}}
	if frames > 0 {
		r.seconds = [2]float64{-sc.SecondsPerFrame / 2, (float64(frames) - 0.5) * sc.SecondsPerFrame}
	}
	if frames == 0 || bins == 0 {
		return r
	}
	binHz := sc.RateHz / 2 / float64(max(bins-1, 1))
	kept := min(bins, int(sc.MaxHz/binHz+1e-9)+1)
	r.kiloHz = [2]float64{-binHz / 2000, (float64(kept) - 0.5) * binHz / 1000}

	r.cells = make([][]float64, min(frames, maxRasterColumns))
	rows := min(kept, maxRasterRows)
	for c := range r.cells {
		cell := make([]float64, rows)
		for k := range cell {
			cell[k] = math.NaN()
		}
		for i := c * frames / len(r.cells); i < (c+1)*frames/len(r.cells) && i < len(db); i++ {
			for k, v := range db[i][:min(kept, len(db[i]))] {
				db := levelOf(v)
				if math.IsNaN(db) {
					continue
				}
				r.lacksAnyNumber = false
				// The row whose bins [row*kept/rows, (row+1)*kept/rows) hold bin k.
				row := ((k+1)*rows - 1) / kept
				if math.IsNaN(cell[row]) {
					cell[row] = db
				} else {
					cell[row] = choose(cell[row], db)
				}
			}
		}
		r.cells[c] = cell
	}
	return r
}

// image paints the cells with lo..hi across the colour map. Small rasters are repeated, so that
// a renderer that blends neighbours blurs no visible edge.
func (r raster) image(colors *colorMap, lo, hi float64) *image.NRGBA {
	rows := len(r.cells[0])
	wide, high := repeats(len(r.cells), 800), repeats(rows, 320)
	img := image.NewNRGBA(image.Rect(0, 0, len(r.cells)*wide, rows*high))
	for x := range img.Rect.Dx() {
		for y := range img.Rect.Dy() {
			v := r.cells[x/wide][rows-1-y/high]
			img.SetNRGBA(x, y, colors.at((v-lo)/(hi-lo)))
		}
	}
	return img
}

func repeats(cells, wanted int) int { return (wanted + cells - 1) / cells }

// panel returns axes in seconds and kHz with the raster and its colour bar.
func (s Scale) panel(label string, r raster, colors *colorMap, lo, hi float64) panel {
	p := newPlot("time (s)", "frequency (kHz)", linearTicks{9}, linearTicks{5})
	p.X.Min, p.X.Max = r.seconds[0], r.seconds[1]
	p.Y.Min, p.Y.Max = r.kiloHz[0], r.kiloHz[1]
	if r.lacksAnyNumber {
		p.Add(centred("no data yet"))
	} else {
		p.Add(plotter.NewImage(r.image(colors, lo, hi), p.X.Min, p.Y.Min, p.X.Max, p.Y.Max))
	}
	return panel{label: label, plot: p, bar: &colorBar{colors, lo, hi, "dB"}, weight: 1}
}
