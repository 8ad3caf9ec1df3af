package main

import (
	"fmt"
	"html"
	"strings"
)

// A drawing collects the elements of an SVG.  Colours come from the page's style
// sheet, by classes, so that it follows light and dark.
type drawing struct {
	elements strings.Builder
}

// textLine is from one line to the next, in the units of the drawings; a letter
// has 13 of them.
const textLine = 16

// width returns how wide a text is at the most, whatever font the reader has.
func width(s string) int {
	tenths := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljtf.,:;'()[] ", r):
			tenths += 50
		case strings.ContainsRune("mwMW", r):
			tenths += 125
		case r >= 'A' && r <= 'Z':
			tenths += 94
		default:
			tenths += 80
		}
	}
	return tenths / 10
}

// text draws lines of text, the first with its base at y.  Anchor is start,
// middle or end.
func (d *drawing) text(x, y int, anchor, class string, lines ...string) {
	for i, line := range lines {
		fmt.Fprintf(&d.elements, `<text x="%d" y="%d" text-anchor="%s" class="%s">%s</text>`+"\n", x, y+i*textLine, anchor, class, html.EscapeString(line))
	}
}

// path draws a path.
func (d *drawing) path(class, format string, args ...any) {
	fmt.Fprintf(&d.elements, `<path class="%s" d="%s"/>`+"\n", class, fmt.Sprintf(format, args...))
}

// box draws a rectangle with round corners.
func (d *drawing) box(class string, x, y, width, height int) {
	fmt.Fprintf(&d.elements, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", class, x, y, width, height)
}

// dot draws a point.
func (d *drawing) dot(class string, x, y int) {
	fmt.Fprintf(&d.elements, `<circle class="%s" cx="%d" cy="%d" r="3"/>`+"\n", class, x, y)
}

// arrow draws a line from one x to another, with a head at its end.
func (d *drawing) arrow(class string, from, to, y int) {
	back := -7
	if to < from {
		back = 7
	}
	d.path("line "+class, "M%d %dH%d", from, y, to)
	d.path("head "+class, "M%d %dl%d -4v8z", to, y, back)
}

// figure returns the drawing as a figure of the page.
func (d *drawing) figure(width, height int, caption string) string {
	return fmt.Sprintf(`<figure class="drawing"><div class="scroll" tabindex="0" role="region" aria-label="diagram"><svg viewBox="0 0 %d %d" style="max-width:%dpx" role="img" aria-label="%s">
%s</svg></div><figcaption>%s</figcaption></figure>
`, width, height, width*5/4, html.EscapeString(caption), d.elements.String(), html.EscapeString(caption))
}

// wrap breaks a text into lines of at most so many units.
func wrap(s string, room int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case width(line+" "+word) <= room:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
