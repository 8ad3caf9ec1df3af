package main

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
)

// machines returns the state machines of a chapter, with the rows of their
// tables.
func machines(t *testing.T, chapter string) (all []machine, rows [][][]string) {
	t.Helper()
	s, err := load()
	require.NoError(t, err)
	for _, d := range s.chapters {
		if !strings.HasPrefix(d.Name, chapter) {
			continue
		}
		require.NoError(t, ast.Walk(d.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if table, ok := n.(*tables.Table); ok && entering {
				if m, ok := newMachine(cells(table, d.source)); ok {
					all, rows = append(all, m), append(rows, cells(table, d.source)[1:])
				}
			}
			return ast.WalkContinue, nil
		}))
	}
	return all, rows
}

func TestMachinesOfTheText(t *testing.T) {
	for chapter, states := range map[string][]string{
		"07": {anywhere, "idle", "selected", "wait-3", "wait-chain", "judged"},
		"08": {"start", "selecting", "greeting", "resuming", "asking", "ended"},
	} {
		all, rows := machines(t, chapter)
		require.Len(t, all, 1, chapter)
		require.ElementsMatch(t, states, all[0].states, "a cell of the table is read wrongly")
		drawn := 0
		for _, row := range rows[0] {
			drawn += len(strings.Split(row[0], ", "))
		}
		require.Len(t, all[0].transitions, drawn)
	}
}

func TestTransitionsOfATable(t *testing.T) {
	head := []string{"state", "input", "guard", "next", "answer"}
	m, ok := newMachine([][]string{head, {"any", "a", "", "same", ""}, {"x, y", "b", "g", "x, y or z", ""}})
	require.True(t, ok)
	require.Equal(t, machine{[]string{anywhere, "x", "y", "z"}, []transition{
		{anywhere, "a", "", nil},
		{"x", "b", "g", []string{"x", "y", "z"}},
		{"y", "b", "g", []string{"x", "y", "z"}},
	}}, m)
	for _, rows := range [][][]string{nil, {{"state", "input"}}, {{"state", "what the lock holds"}, {"idle", "nothing"}}, {{"value", "input", "guard", "next"}}} {
		_, ok := newMachine(rows)
		require.False(t, ok)
	}
}

// element is one of a drawing.
type element struct {
	name, text string
	at         map[string]string
}

// number returns an attribute.
func (e element) number(t *testing.T, name string) int {
	n, err := strconv.Atoi(e.at[name])
	require.NoError(t, err, e)
	return n
}

// drawn returns the elements of a figure and the size of its drawing.
func drawn(t *testing.T, figure string) (all []element, width, height int) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(figure))
	for {
		token, _ := d.Token()
		switch e := token.(type) {
		case nil:
			return all, width, height
		case xml.CharData:
			if len(all) > 0 && all[len(all)-1].name == "text" {
				all[len(all)-1].text += strings.TrimSpace(string(e))
			}
		case xml.StartElement:
			at := map[string]string{}
			for _, a := range e.Attr {
				at[a.Name.Local] = a.Value
			}
			if e.Name.Local == "svg" {
				_, err := fmt.Sscanf(at["viewBox"], "0 0 %d %d", &width, &height)
				require.NoError(t, err)
			}
			all = append(all, element{e.Name.Local, "", at})
		}
	}
}

// requireLegible requires that texts stay in the drawing and off each other.
func requireLegible(t *testing.T, figure string) []element {
	t.Helper()
	all, broad, high := drawn(t, figure)
	type box struct {
		left, right, base int
		text              string
	}
	var boxes []box
	for _, e := range all {
		if e.name != "text" {
			continue
		}
		x, y, wide := e.number(t, "x"), e.number(t, "y"), width(e.text)
		b := box{x, x + wide, y, e.text}
		switch e.at["text-anchor"] {
		case "middle":
			b.left, b.right = x-wide/2, x+wide/2
		case "end":
			b.left, b.right = x-wide, x
		}
		require.GreaterOrEqual(t, b.left, 0, e.text)
		require.LessOrEqual(t, b.right, broad, e.text)
		require.Greater(t, b.base, 10, e.text)
		require.Less(t, b.base, high, e.text)
		for _, o := range boxes {
			apart := b.right <= o.left || o.right <= b.left || b.base-o.base >= textLine || o.base-b.base >= textLine
			require.True(t, apart, "%q is over %q", b.text, o.text)
		}
		boxes = append(boxes, b)
	}
	return all
}

// TestMachinesAreDrawnWhole requires each state, input and guard in the drawing,
// and a line for each transition and each next state.
func TestMachinesAreDrawnWhole(t *testing.T) {
	for _, chapter := range []string{"07", "08"} {
		all, _ := machines(t, chapter)
		m := all[0]
		elements := requireLegible(t, m.svg())
		var texts strings.Builder
		dots, heads, stays, boxes := 0, 0, 0, 0
		for _, e := range elements {
			switch {
			case e.name == "text":
				texts.WriteString(e.text + " ")
			case e.name == "circle":
				dots++
			case e.name == "rect":
				boxes++
			case strings.HasPrefix(e.at["class"], "head"):
				heads++
			case e.at["class"] == "line stays":
				stays++
			}
		}
		want, staying := 0, 0
		for _, tr := range m.transitions {
			require.Contains(t, texts.String(), tr.input)
			require.Contains(t, texts.String(), tr.guard)
			want += len(tr.to)
			if len(tr.to) == 0 {
				staying++
			}
		}
		require.Equal(t, want, dots)
		require.Equal(t, staying, stays)
		require.Equal(t, len(m.targets()), heads, "one way into each state")
		require.Equal(t, len(m.states), boxes)
		for _, s := range m.states {
			require.Contains(t, texts.String(), s)
		}
	}
}

func TestSequencesOfTheText(t *testing.T) {
	s, err := load()
	require.NoError(t, err)
	found := map[string]int{}
	for _, d := range s.chapters {
		require.NoError(t, ast.Walk(d.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if code, ok := n.(*ast.FencedCodeBlock); ok && entering {
				text := string(code.Lines().Value(d.source))
				sequence, ok := parseSequence(text)
				require.Equal(t, strings.HasPrefix(text, "phone ") && strings.Contains(text, "\n\n"), ok, "%s:\n%s", d.Name, text)
				if ok {
					found[d.Name[:2]]++
					requireLegible(t, sequence.svg())
				}
			}
			return ast.WalkContinue, nil
		}))
	}
	for _, chapter := range []string{"00", "15", "16"} {
		require.Positive(t, found[chapter], "a full opening, a resumed one, live time")
	}
}

const figure = `phone (reader)            lock          authority, far away

SELECT              ->
                    <-    nonce
  thinks
ask                               ->
                                  <-    token
                          waits
REQUEST             ->
                    <-    opened
`

func TestSequence(t *testing.T) {
	s, ok := parseSequence(figure)
	require.True(t, ok)
	require.Equal(t, []party{{"phone", "(reader)", 0}, {"lock", "", 26}, {"authority", "far away", 40}}, s.parties)
	require.Equal(t, []step{
		{0, 1, "SELECT"}, {1, 0, "nonce"}, {0, 0, "thinks"}, {0, 2, "ask"}, {2, 0, "token"}, {1, 1, "waits"}, {0, 1, "REQUEST"}, {1, 0, "opened"},
	}, s.steps)
	elements := requireLegible(t, s.svg())
	heads := 0
	for _, e := range elements {
		if e.name == "path" && strings.HasPrefix(e.at["class"], "head") {
			heads++
		}
	}
	require.Equal(t, 6, heads)
}

func TestOtherCodeIsNoSequence(t *testing.T) {
	for _, code := range []string{
		"", "a\n", "one\n\nmessage ->\n", "phone    lock\n\nno arrow\n", "phone    lock\nSELECT ->\n",
		"phone    lock\n\nSELECT ->  twice\n", "phone    lock\n\n       ->\n", "phone    lock\n\n   <-\n",
		"owner key --> grant --> holder key\n\nkey -> grant\n",
	} {
		_, ok := parseSequence(code)
		require.False(t, ok, code)
	}
}

func TestWrap(t *testing.T) {
	require.Nil(t, wrap("", 100))
	require.Equal(t, []string{"one"}, wrap(" one ", 1))
	require.Equal(t, []string{"aaaa aaaa", "aaaa"}, wrap("aaaa aaaa aaaa", width("aaaa aaaa")))
}
