package main

import (
	"fmt"
	"regexp"
	"strings"
)

// A sequence is a figure of the text that says who tells whom what:
//
//	phone (reader)                       lock (card)
//
//	SELECT AID                     ->
//	                               <-    version
//	  checks it
type sequence struct {
	parties []party
	steps   []step
}

// A party is a column of the figure.
type party struct {
	name, rest string // "phone", "(reader)"
	column     int    // of the figure's text
}

// A step is a message, or where both parties are the same one what it does.
type step struct {
	from, to int // parties
	text     string
}

var (
	partyName = regexp.MustCompile(`\S+(?: \S+)*`)
	arrowMark = regexp.MustCompile(`\s(->|<-)(\s|$)`)
)

// parseSequence reads a figure.  Other code is no sequence.
func parseSequence(code string) (sequence, bool) {
	lines := strings.Split(strings.TrimRight(code, "\n"), "\n")
	var s sequence
	for _, at := range partyName.FindAllStringIndex(lines[0], -1) {
		name, rest, _ := strings.Cut(lines[0][at[0]:at[1]], " ")
		s.parties = append(s.parties, party{strings.TrimSuffix(name, ","), rest, at[0]})
	}
	if len(lines) < 3 || lines[1] != "" || len(s.parties) < 2 || !arrowMark.MatchString(code) {
		return sequence{}, false
	}
	asked := make([]int, len(s.parties)) // who sent the last message to each
	for _, line := range lines[2:] {
		if !s.read(line, asked) {
			return sequence{}, false
		}
	}
	return s, true
}

// read reads one line of the figure.
func (s *sequence) read(line string, asked []int) bool {
	said := strings.TrimSpace(line)
	column := strings.Index(line, said)
	at := arrowMark.FindStringSubmatchIndex(line)
	if at == nil {
		if said != "" {
			s.steps = append(s.steps, step{s.at(column), s.at(column), said})
		}
		return true
	}
	before, after := strings.TrimSpace(line[:at[2]]), strings.TrimSpace(line[at[3]:])
	if line[at[2]:at[3]] == "->" {
		from, to := s.at(column), s.at(at[2])+1
		if before == "" || after != "" || to >= len(s.parties) {
			return false
		}
		asked[to] = from
		s.steps = append(s.steps, step{from, to, before})
		return true
	}
	from := s.at(strings.LastIndex(line, after))
	if before != "" || after == "" || from == 0 {
		return false
	}
	s.steps = append(s.steps, step{from, asked[from], after})
	return true
}

// at returns the party in whose column a text begins.
func (s *sequence) at(column int) int {
	p := 0
	for i := range s.parties {
		if s.parties[i].column <= column {
			p = i
		}
	}
	return p
}

// Places in the drawing of a sequence.
const (
	sequenceWidth = 460
	sequenceEdge  = 30 // from the border to the first and the last line
)

// x returns where a party's line is.
func (s *sequence) x(p int) int {
	return sequenceEdge + p*(sequenceWidth-2*sequenceEdge)/(len(s.parties)-1)
}

// svg draws the figure.
func (s *sequence) svg() string {
	var d drawing
	y := 74
	for _, step := range s.steps {
		y = s.draw(&d, step, y)
	}
	var whole drawing
	for i, p := range s.parties {
		x, anchor, width := s.x(i), "middle", sequenceWidth/len(s.parties)
		switch i {
		case 0:
			x, anchor = machineMargin, "start"
		case len(s.parties) - 1:
			x, anchor = sequenceWidth-machineMargin, "end"
		}
		whole.text(x, 20, anchor, "name", p.name)
		whole.text(x, 20+textLine, anchor, "guard", wrap(p.rest, width)...)
		whole.path("life", "M%d %dV%d", s.x(i), 58, y)
	}
	whole.elements.WriteString(d.elements.String())
	var names []string
	for _, p := range s.parties {
		names = append(names, p.name)
	}
	return whole.figure(sequenceWidth, y+machineMargin, fmt.Sprintf("What %s say to each other, from top to bottom.", strings.Join(names, " and ")))
}

// draw draws a step below y and returns where it ends.
func (s *sequence) draw(d *drawing, st step, y int) int {
	from, to := s.x(st.from), s.x(st.to)
	if from != to {
		lines := wrap(st.text, max(from, to)-min(from, to)-16)
		d.text((from+to)/2, y+10, "middle", "input", lines...)
		y += len(lines)*textLine + 2
		d.arrow("c0", from, to, y)
		return y + 12
	}
	x, anchor := from+10, "start"
	if st.from == len(s.parties)-1 {
		x, anchor = from-10, "end"
	}
	lines := wrap(st.text, (sequenceWidth-2*sequenceEdge)*3/4)
	d.text(x, y+10, anchor, "guard", lines...)
	d.dot("head own", from, y+6)
	return y + len(lines)*textLine + 6
}
