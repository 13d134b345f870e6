package plot

import "math"

// SVG draws the chart; "" when no row has a value.
func (c Dots) SVG() string {
	var values []float64
	longest := 0
	for _, row := range c.Rows {
		for _, value := range row.Values {
			if !math.IsNaN(value) {
				values = append(values, value)
			}
		}
		longest = max(longest, len([]rune(row.Name)))
	}
	if len(values) == 0 {
		return ""
	}
	for _, g := range c.Guides {
		values = append(values, g.Value)
	}
	names := 30 + float64(longest)*charWidth
	height := float64(len(c.Rows)) * rowHeight
	const legend = 24.0
	d := newDrawing(names+plotWidth+40, top+legend+height+bottom, c.Title, c.Subtitle)
	at := names
	for i, series := range c.Series {
		d.dot(at, top-6, palette()[i])
		d.text(at+9, top-2, "start", "#111111", font, false, series)
		at += 30 + float64(len([]rune(series)))*charWidth
	}
	begin, end := top+legend, top+legend+height
	x := newScale(c.X, values, names, names+plotWidth)
	for _, value := range x.ticks() {
		d.line(x.place(value), begin-6, x.place(value), end, "#e4e4e4", "", 1)
		d.text(x.place(value), end+18, "middle", "#333333", font, false, number(value))
	}
	d.text(names+plotWidth/2, end+42, "middle", "#111111", font, false, c.X.Label)
	for _, g := range c.Guides {
		d.line(x.place(g.Value), begin-6, x.place(g.Value), end, "#b00020", "4 4", 1)
		d.text(x.place(g.Value), begin-9, "middle", "#b00020", font-1, false, g.Name)
	}
	for i, row := range c.Rows {
		y := begin + (float64(i)+0.5)*rowHeight
		if len(row.Values) == 0 {
			d.text(16, y+4, "start", "#111111", font, true, row.Name)
			continue
		}
		d.text(names-12, y+4, "end", "#333333", font, false, row.Name)
		d.line(names, y, names+plotWidth, y, "#f2f2f2", "", 1)
		for s := len(row.Values) - 1; s >= 0; s-- { // the first one is on top
			if value := row.Values[s]; !math.IsNaN(value) {
				d.dot(x.place(value), y, palette()[s])
			}
		}
	}
	return d.end()
}
