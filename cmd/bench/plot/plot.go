// Package plot draws two kinds of charts as SVG: lines over two axes, and rows of dots over one.
package plot

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Axis is what is measured along a side of a chart, with its unit. An axis is logarithmic unless Linear is set.
type Axis struct {
	Label  string
	Linear bool
}

// Guide is a value that is marked on the axis of values, such as a target.
type Guide struct {
	Value float64
	Name  string
}

// Lines is a chart of values over another value.
type Lines struct {
	Title, Subtitle string
	X, Y            Axis
	Of              []Line
	Guides          []Guide
}

// Line is one of them; its points are in the order of X.
type Line struct {
	Name   string
	Points []Point
}

// Point is a value at a place.
type Point struct{ X, Y float64 }

// Dots is a chart of named rows, with a dot for each series that has a value in it.
type Dots struct {
	Title, Subtitle string
	X               Axis
	Series          []string
	Rows            []Row
	Guides          []Guide
}

// Row is a line of dots, in the order of the series; NaN is none. A row without values is a heading.
type Row struct {
	Name   string
	Values []float64
}

// Sizes in pixels.
const (
	plotWidth  = 560.0
	plotHeight = 420.0
	rowHeight  = 17.0
	nameHeight = 15.0 // of a line's name beside its end
	top        = 78.0
	bottom     = 58.0
	left       = 84.0
	font       = 12.0
	charWidth  = 6.4 // of the font, about
)

// palette is that of Okabe and Ito, which people who do not see all colours tell apart, without its yellow, which is too light
// for a line on white.
func palette() []string {
	return []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#7f7f7f"}
}

// dashes tell lines of the same colour apart.
func dashes() []string { return []string{"", "7 3", "2 3"} }

// drawing is an SVG in the making.
type drawing struct {
	strings.Builder
	width, height float64
}

func newDrawing(width, height float64, title, subtitle string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" font-family="system-ui, sans-serif" font-size="%s">`+"\n",
		n(width), n(height), n(width), n(height), n(font))
	fmt.Fprintf(d, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(d, `<rect width="%s" height="%s" fill="#ffffff"/>`+"\n", n(width), n(height)) // so that it is legible on a dark page
	d.text(20, 28, "start", "#111111", 17, true, title)
	d.text(20, 48, "start", "#555555", font, false, subtitle)
	return d
}

func (d *drawing) text(x, y float64, anchor, colour string, size float64, bold bool, text string) {
	weight := ""
	if bold {
		weight = ` font-weight="600"`
	}
	fmt.Fprintf(d, `<text x="%s" y="%s" text-anchor="%s" fill="%s" font-size="%s"%s>%s</text>`+"\n", n(x), n(y), anchor, colour, n(size), weight, html.EscapeString(text))
}

func (d *drawing) line(x1, y1, x2, y2 float64, colour, dash string, width float64) {
	style := ""
	if dash != "" {
		style = ` stroke-dasharray="` + dash + `"`
	}
	fmt.Fprintf(d, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" stroke-width="%s"%s/>`+"\n", n(x1), n(y1), n(x2), n(y2), colour, n(width), style)
}

func (d *drawing) dot(x, y float64, colour string) {
	fmt.Fprintf(d, `<circle cx="%s" cy="%s" r="4" fill="%s" stroke="#ffffff" stroke-width="1"/>`+"\n", n(x), n(y), colour)
}

func (d *drawing) end() string { return d.String() + "</svg>\n" }

// n writes a coordinate.
func n(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// scale places values between two pixels.
type scale struct {
	axis     Axis
	min, max float64 // of the values
	from, to float64 // in pixels
}

// newScale covers all values: with whole steps of 1, 2, 5 of each power of ten, or from 0 where it is linear.
func newScale(axis Axis, values []float64, from, to float64) scale {
	s := scale{axis: axis, min: slices.Min(values), max: slices.Max(values), from: from, to: to}
	if axis.Linear {
		s.min, s.max = 0, s.max*1.08
		return s
	}
	if s.min, s.max = stepBelow(s.min), stepAbove(s.max); s.min == s.max { // a single value has room on both sides
		s.min, s.max = stepBelow(s.min/1.001), stepAbove(s.max*1.001)
	}
	return s
}

func (s scale) place(value float64) float64 {
	share := (value - s.min) / (s.max - s.min)
	if !s.axis.Linear {
		share = math.Log(value/s.min) / math.Log(s.max/s.min)
	}
	return s.from + share*(s.to-s.from)
}

// ticks are the values that get a label; of a logarithmic axis over many powers of ten, the powers alone.
func (s scale) ticks() []float64 {
	var all []float64
	if s.axis.Linear {
		step := stepAbove(s.max / 10)
		for value := 0.0; value <= s.max; value += step {
			all = append(all, value)
		}
		return all
	}
	for value := s.min; value <= s.max*1.0001; value = stepAbove(value * 1.001) {
		if power := math.Log10(value); s.max/s.min <= 2000 || math.Abs(power-math.Round(power)) < 1e-6 {
			all = append(all, value)
		}
	}
	return all
}

// stepAbove is the least 1, 2 or 5 times a power of ten that is not below a value.
func stepAbove(value float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(value)))
	for _, step := range []float64{1, 2, 5, 10} {
		if step*power >= value*(1-1e-9) {
			return step * power
		}
	}
	return 10 * power
}

// stepBelow is the greatest that is not above it.
func stepBelow(value float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(value)+1e-9))
	for _, step := range []float64{5, 2} {
		if step*power <= value*(1+1e-9) {
			return step * power
		}
	}
	return power
}

// number writes a value of an axis: 0.05, 20, 1,000,000.
func number(value float64) string {
	if value < 1000 {
		return strconv.FormatFloat(math.Round(value*1e6)/1e6, 'g', -1, 64)
	}
	digits := strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
