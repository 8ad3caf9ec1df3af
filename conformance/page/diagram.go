package page

import (
	"fmt"
	"html"
	"html/template"
	"strings"

	"github.com/postern-lock/postern/conformance/shim"
)

// Places in the diagram of a case, in the units of its drawing.
const (
	diagramWidth = 440
	toolLine     = 66
	deviceLine   = 400
	rowHeight    = 34
	noteHeight   = 24
)

// parties are who stands left, and sends the commands, and who stands right.  The
// device is the left one where it is an app.
func parties(r shim.Role) (left, right string) {
	switch r {
	case shim.RoleApp:
		return "app", "tool"
	case shim.RoleLock, shim.RoleIssuer:
		return "tool", string(r)
	}
	return "tool", "device"
}

// diagram draws who told whom what, from top to bottom.
func diagram(all []*stage, r shim.Role) template.HTML {
	left, right := parties(r)
	var b strings.Builder
	y := 64
	for _, st := range all {
		y = heading(&b, st.Name, y)
		for _, s := range st.Steps {
			if s.Control != "" {
				y = note(&b, s, y, r)
			} else {
				y = arrows(&b, s, y)
			}
		}
	}
	bottom := y + 8
	var head strings.Builder
	letters(&head, toolLine, 20, "middle", "name", left)
	letters(&head, deviceLine, 20, "middle", "name", right)
	for _, x := range []int{toolLine, deviceLine} {
		fmt.Fprintf(&head, `<path class="life" d="M%d 28V%d"/>`, x, bottom)
	}
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Sequence of commands and answers, which the list below tells too.">%s%s</svg>`,
		diagramWidth, bottom+8, diagramWidth, bottom+8, head.String(), b.String()))
}

// letters draws a text.
func letters(b *strings.Builder, x, y int, anchor, class, s string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(s))
}

// heading draws the name of a stage.
func heading(b *strings.Builder, name string, y int) int {
	y += 6
	fmt.Fprintf(b, `<path class="rule" d="M0 %dH%d"/>`, y-18, diagramWidth)
	fmt.Fprintf(b, `<rect class="label" x="%d" y="%d" width="%d" height="20"/>`, (toolLine+deviceLine)/2-110, y-16, 220)
	letters(b, (toolLine+deviceLine)/2, y-1, "middle", "stage", short(name, 30))
	return y + 18
}

// note draws a request by the control channel.
func note(b *strings.Builder, s *step, y int, r shim.Role) int {
	letters(b, 4, y, "start", "faint", duration(s.at))
	x, next, anchor := deviceLine, deviceLine-12, "end"
	if r == shim.RoleApp {
		x, next, anchor = toolLine, toolLine+12, "start"
	}
	fmt.Fprintf(b, `<circle class="dot" cx="%d" cy="%d" r="3.5"/>`, x, y-4)
	letters(b, next, y, anchor, "faint", short(s.Control, 46))
	return y + noteHeight
}

// arrows draws a command and its answer.
func arrows(b *strings.Builder, s *step, y int) int {
	middle := (toolLine + deviceLine) / 2
	letters(b, 4, y, "start", "faint", duration(s.at))
	letters(b, middle, y, "middle", "input", fmt.Sprintf("%s, %d bytes", short(s.Name, 26), s.Sent))
	fmt.Fprintf(b, `<path class="line out" d="M%d %dH%d"/><path class="head out" d="M%d %dl-8 -4v8z"/>`, toolLine, y+6, deviceLine-6, deviceLine, y+6)
	y += rowHeight
	if s.Received == 0 {
		letters(b, (middle+deviceLine)/2, y, "middle", "bad", "no answer")
		fmt.Fprintf(b, `<path class="line bad stays" d="M%d %dH%d"/><path class="line bad" d="M%d %dl10 10m0 -10l-10 10"/>`, deviceLine, y+6, middle, middle-5, y+1)
		return y + rowHeight
	}
	class := "back"
	if s.Bad {
		class = "bad"
	}
	letters(b, middle, y, "middle", "input", fmt.Sprintf("%s, %d bytes%s", short(s.Status, 22), s.Received, s.Took))
	fmt.Fprintf(b, `<path class="line %s" d="M%d %dH%d"/><path class="head %s" d="M%d %dl8 -4v8z"/>`, class, deviceLine, y+6, toolLine+6, class, toolLine, y+6)
	return y + rowHeight
}

// short cuts a text.
func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
