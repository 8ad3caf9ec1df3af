package main

import (
	"fmt"
	"slices"
	"strings"
)

// A machine is a state machine, read from a table of the text whose first four
// columns are state, input, guard and next.
type machine struct {
	states      []string // in the order in which the table names them
	transitions []transition
}

// A transition is a row of the table for one of its states.
type transition struct {
	from, input, guard string
	to                 []string // none where the state stays as it is
}

// anywhere is the box of the rows that hold in every state.
const anywhere = "any state"

// newMachine reads a table, the head first.  It is no machine where the head is
// another one.
func newMachine(rows [][]string) (machine, bool) {
	if len(rows) == 0 || len(rows[0]) < 4 || !slices.Equal(rows[0][:4], []string{"state", "input", "guard", "next"}) {
		return machine{}, false
	}
	var m machine
	add := func(state string) {
		if !slices.Contains(m.states, state) {
			m.states = append(m.states, state)
		}
	}
	for _, row := range rows[1:] {
		for _, from := range strings.Split(row[0], ", ") {
			if from == "any" {
				from = anywhere
			}
			add(from)
			tr := transition{from: from, input: row[1], guard: row[2]}
			if row[3] != "same" {
				tr.to = strings.Split(strings.Replace(row[3], " or ", ", ", 1), ", ")
			}
			m.transitions = append(m.transitions, tr)
		}
	}
	for _, tr := range m.transitions {
		for _, to := range tr.to {
			add(to)
		}
	}
	return m, true
}

// targets returns the states that a transition leads to, in the order of states.
func (m machine) targets() []string {
	return slices.DeleteFunc(slices.Clone(m.states), func(s string) bool {
		return !slices.ContainsFunc(m.transitions, func(t transition) bool { return slices.Contains(t.to, s) })
	})
}

// Places in the drawing of a machine, from left to right: the boxes of the
// states, what the transitions are for, and one lane for each state that can be
// next.  A transition's line runs to the lane of its next state, the lane to that
// state's box.
const (
	machineMargin = 8
	boxWidth      = 92
	labelLeft     = machineMargin + boxWidth + 12
	labelWidth    = 256
	laneLeft      = labelLeft + labelWidth + 8
	laneStep      = 13
	colours       = 6 // classes c0 to c5 of the style sheet
)

// lane is where the lines to one state meet.
type lane struct {
	x           int
	top, bottom int
	class       string
}

// reach has the lane go as far as y.
func (l *lane) reach(y int) {
	if l.top == 0 {
		l.top, l.bottom = y, y
	}
	l.top, l.bottom = min(l.top, y), max(l.bottom, y)
}

// svg draws the machine.
func (m machine) svg() string {
	var d drawing
	lanes := map[string]*lane{}
	for i, s := range m.targets() {
		lanes[s] = &lane{x: laneLeft + i*laneStep, class: fmt.Sprintf("c%d", i%colours)}
	}
	var boxes drawing
	y := machineMargin
	for _, s := range m.states {
		y = m.state(&d, &boxes, s, y, lanes) + 14
	}
	for _, s := range m.targets() {
		l := lanes[s]
		d.path("line "+l.class, "M%d %dV%d", l.x, l.top, l.bottom)
	}
	d.elements.WriteString(boxes.elements.String())
	return d.figure(laneLeft+len(lanes)*laneStep+machineMargin-4, y-14+machineMargin,
		"States of the table below: each line leads from an input, with its guard, to the lane of the next state.")
}

// state draws what belongs to one state, from y on, and returns where it ends.
func (m machine) state(d, boxes *drawing, s string, y int, lanes map[string]*lane) int {
	top := y
	if l := lanes[s]; l != nil { // the lane's way in
		y += 14
		d.arrow(l.class, l.x, machineMargin+boxWidth, y)
		l.reach(y)
		y += 4
	}
	for _, tr := range m.transitions {
		if tr.from != s {
			continue
		}
		input := wrap(tr.input, labelWidth)
		d.text(labelLeft, y+textLine, "start", "input", input...)
		y += len(input) * textLine
		for _, remark := range []string{bracket(tr.guard), tr.stays()} {
			lines := wrap(remark, labelWidth)
			d.text(labelLeft, y+textLine, "start", "guard", lines...)
			y += len(lines) * textLine
		}
		y += 6
		m.exit(d, tr, y, lanes)
		y += 6
	}
	bottom := max(y, top+34)
	class, name := "state", wrap(s, boxWidth)
	switch {
	case s == anywhere:
		class = "state any"
	case !slices.ContainsFunc(m.transitions, func(t transition) bool { return t.from == s }):
		class = "state last"
	}
	if l := lanes[s]; l != nil {
		class += " " + l.class
	}
	boxes.box(class, machineMargin, top, boxWidth, bottom-top)
	boxes.text(machineMargin+boxWidth/2, (top+bottom)/2+5-(len(name)-1)*textLine/2, "middle", "name", name...)
	return bottom
}

// bracket puts a guard into brackets, where there is one.
func bracket(guard string) string {
	if guard == "" {
		return ""
	}
	return "[" + guard + "]"
}

// stays says of a transition that it leads to no other state.
func (t transition) stays() string {
	if len(t.to) > 0 {
		return ""
	}
	return "the state stays as it is"
}

// exit draws the line of a transition to the lanes of its next states.
func (m machine) exit(d *drawing, tr transition, y int, lanes map[string]*lane) {
	from := machineMargin + boxWidth
	if len(tr.to) == 0 {
		d.path("line stays", "M%d %dH%d", from, y, labelLeft+labelWidth)
		return
	}
	for _, to := range tr.to {
		l := lanes[to]
		d.path("line "+l.class, "M%d %dH%d", from, y, l.x)
		d.dot("head "+l.class, l.x, y)
		l.reach(y)
		from = l.x
	}
}
