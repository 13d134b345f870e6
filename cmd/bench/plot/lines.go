package plot

import (
	"fmt"
	"html"
	"slices"
	"strings"
)

// SVG draws the chart; "" when no line has a point.
func (c Lines) SVG() string {
	var xs, ys []float64
	longest := 0
	for _, line := range c.Of {
		for _, p := range line.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
		longest = max(longest, len([]rune(line.Name)))
	}
	if len(xs) == 0 {
		return ""
	}
	for _, g := range c.Guides {
		ys = append(ys, g.Value)
	}
	height := max(plotHeight, float64(len(c.Of))*nameHeight)
	d := newDrawing(left+plotWidth+40+float64(longest)*charWidth+20, top+height+bottom, c.Title, c.Subtitle)
	x, y := newScale(c.X, xs, left, left+plotWidth), newScale(c.Y, ys, top+height, top)
	for _, value := range y.ticks() {
		d.line(left, y.place(value), left+plotWidth, y.place(value), "#e4e4e4", "", 1)
		d.text(left-8, y.place(value)+4, "end", "#333333", font, false, number(value))
	}
	for _, value := range places(xs) {
		d.line(x.place(value), top, x.place(value), top+height, "#e4e4e4", "", 1)
		d.text(x.place(value), top+height+20, "middle", "#333333", font, false, number(value))
	}
	d.text(left+plotWidth/2, top+height+44, "middle", "#111111", font, false, c.X.Label)
	fmt.Fprintf(d, `<text transform="translate(22 %s) rotate(-90)" text-anchor="middle" fill="#111111">%s</text>`+"\n", n(top+height/2), html.EscapeString(c.Y.Label))
	for _, g := range c.Guides {
		d.line(left, y.place(g.Value), left+plotWidth, y.place(g.Value), "#b00020", "4 4", 1)
		d.text(left+6, y.place(g.Value)-5, "start", "#b00020", font-1, false, g.Name)
	}
	c.draw(d, x, y)
	return d.end()
}

// draw draws the lines, with their names beside their ends.
func (c Lines) draw(d *drawing, x, y scale) {
	type end struct {
		name, colour string
		x, y, label  float64
	}
	var ends []end
	for i, line := range c.Of {
		if len(line.Points) == 0 {
			continue
		}
		colour, dash := palette()[i%len(palette())], dashes()[i/len(palette())%len(dashes())]
		var path []string
		for _, p := range line.Points {
			path = append(path, n(x.place(p.X))+","+n(y.place(p.Y)))
		}
		style := ""
		if dash != "" {
			style = ` stroke-dasharray="` + dash + `"`
		}
		fmt.Fprintf(d, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"%s/>`+"\n", strings.Join(path, " "), colour, style)
		for _, p := range line.Points {
			d.dot(x.place(p.X), y.place(p.Y), colour)
		}
		last := line.Points[len(line.Points)-1]
		ends = append(ends, end{line.Name, colour, x.place(last.X), y.place(last.Y), 0})
	}
	slices.SortStableFunc(ends, func(a, b end) int {
		if a.y < b.y {
			return -1
		}
		if a.y > b.y {
			return 1
		}
		return 0
	})
	wanted := make([]float64, len(ends))
	for i, e := range ends {
		wanted[i] = e.y
	}
	for i, at := range apart(wanted, nameHeight, min(y.from, y.to), max(y.from, y.to)) {
		e := ends[i]
		d.line(e.x+5, e.y, left+plotWidth+32, at, e.colour, "", 0.7)
		d.text(left+plotWidth+36, at+4, "start", e.colour, font, false, e.name)
	}
}

// places are the different ones, in order.
func places(xs []float64) []float64 { return slices.Compact(slices.Sorted(slices.Values(xs))) }

// apart moves places, which are in order, so that none is closer to the next one than the distance, and all are within the
// limits as far as there is room.
func apart(places []float64, distance, least, most float64) []float64 {
	moved := slices.Clone(places)
	for i := range moved {
		if i > 0 {
			moved[i] = max(moved[i], moved[i-1]+distance)
		} else {
			moved[i] = max(moved[i], least)
		}
	}
	for i := len(moved) - 1; i >= 0; i-- {
		limit := most
		if i < len(moved)-1 {
			limit = moved[i+1] - distance
		}
		moved[i] = min(moved[i], limit)
	}
	return moved
}
