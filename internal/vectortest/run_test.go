package vectortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec/vectors"
)

// errPanic marks a check that panicked, which no vector may make it do.
var errPanic = errors.New("panic")

// area is one area with its reader.
type area[P, T any] struct {
	name string
	// check holds the implementation against one test: it returns nil where
	// the implementation makes of it what the test expects.
	check func(P, T) error
	// common gives the part of a test that all areas share.
	common func(*T) *vectors.Test
	// flips is how many digits of each text in a valid test are changed, one
	// at a time, with all of them where it is 0.
	flips int
	// unread, where it is not nil, tells whether a field may change unnoticed:
	// its path without indices, such as "taps.seed", and the flags of the test.
	// Parameters of a group are "params.name", without flags.  Say why.
	unread func(path string, flags []string) bool
}

// run checks every test of the area, and that a change in it is noticed.
func (a area[P, T]) run(t *testing.T) {
	file, err := vectors.Open[P, T](a.name)
	require.NoError(t, err)
	for _, g := range file.Groups {
		for _, test := range g.Tests {
			c := a.common(&test)
			require.NoError(t, a.checked(g.Params, test), "%s tcId %d: %s", a.name, c.TcID, c.Comment)
			a.flipVerdict(t, g.Params, test)
		}
		if !testing.Short() {
			a.flipParams(t, g)
		}
		for _, test := range g.Tests {
			a.flipTest(t, g.Params, test)
		}
	}
}

// checked is check, with a panic as an error.
func (a area[P, T]) checked(params P, test T) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return a.check(params, test)
}

// noticed tells whether a change was noticed.  A panic is no way to notice.
func (a area[P, T]) noticed(t *testing.T, params P, test T, what string) bool {
	err := a.checked(params, test)
	require.NotErrorIs(t, err, errPanic, "%s %s", a.name, what)
	return err != nil
}

// flipVerdict turns the result around, and gives another reason.
func (a area[P, T]) flipVerdict(t *testing.T, params P, test T) {
	c := a.common(&test)
	what := fmt.Sprintf("tcId %d: %s", c.TcID, c.Comment)
	was := *c
	if c.Result == vectors.Valid {
		c.Result, c.Reason = vectors.Invalid, "malformed"
	} else {
		c.Result, c.Reason = vectors.Valid, ""
	}
	require.True(t, a.noticed(t, params, test, what), "%s %s: another result", a.name, what)
	if was.Result == vectors.Invalid {
		*c = was
		c.Reason += "x"
		require.True(t, a.noticed(t, params, test, what), "%s %s: another reason", a.name, what)
	}
}

// flipTest changes one place after the other of a valid test.
func (a area[P, T]) flipTest(t *testing.T, params P, test T) {
	c := *a.common(&test)
	if c.Result != vectors.Valid {
		return
	}
	tree := treeOf(t, test)
	for _, name := range []string{"tcId", "comment", "flags", "result"} {
		delete(tree, name)
	}
	changes(tree, a.places(c.TcID), func(path string) {
		if a.unread != nil && a.unread(path, c.Flags) {
			return
		}
		changed, err := decodeTree[T](t, tree)
		if err != nil {
			return // noticed before any check
		}
		*a.common(&changed) = c
		require.True(t, a.noticed(t, params, changed, path), "%s tcId %d: nobody noticed a change in %s: %+v", a.name, c.TcID, path, changed)
	})
}

// flipParams changes one place after the other of a group's parameters, which
// one of its tests must notice.
func (a area[P, T]) flipParams(t *testing.T, g vectors.Group[P, T]) {
	tree := treeOf(t, g.Params)
	changes(tree, a.places(0), func(path string) {
		if a.unread != nil && a.unread("params."+path, nil) {
			return
		}
		changed, err := decodeTree[P](t, tree)
		if err != nil {
			return
		}
		for _, test := range g.Tests {
			if a.noticed(t, changed, test, path) {
				return
			}
		}
		require.Fail(t, "nobody noticed", "%s, group %q: a change in params.%s", a.name, g.Comment, path)
	})
}

// places returns which digits of a text of n are changed: all, or so many that
// are spread over it, others in each test; in short only those of some tests.
func (a area[P, T]) places(tcID int) func(n int) []int {
	flips := a.flips
	if testing.Short() {
		flips = 2
		if tcID%16 != 0 {
			return func(int) []int { return nil }
		}
	}
	return func(n int) []int {
		count := n
		if flips > 0 {
			count = min(n, flips)
		}
		var all []int
		for i := range count {
			all = append(all, (i*n/count+tcID)%n)
		}
		return all
	}
}

// changes makes one change after the other in a tree of JSON values and calls
// changed with the path of each while it is made: a digit of a text, a number
// or a truth value.
func changes(tree map[string]any, places func(n int) []int, changed func(path string)) {
	for name, value := range tree {
		change(name, value, func(v any) { tree[name] = v }, places, changed)
	}
}

func change(path string, value any, set func(any), places func(n int) []int, changed func(path string)) {
	try := func(v any) {
		set(v)
		changed(path)
		set(value)
	}
	switch v := value.(type) {
	case string:
		if v == "" {
			try("00")
			return
		}
		for _, i := range places(len(v)) {
			try(v[:i] + string(another(v[i])) + v[i+1:])
		}
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			panic(err)
		}
		try(n + 1)
	case bool:
		try(!v)
	case map[string]any:
		for name, inner := range v {
			change(path+"."+name, inner, func(x any) { v[name] = x }, places, changed)
		}
	case []any:
		for i, inner := range v {
			change(path, inner, func(x any) { v[i] = x }, places, changed)
		}
	}
}

// another returns another digit for a hexadecimal one, and ? for the rest.
func another(c byte) byte {
	const digits = "0123456789abcdef0"
	if i := strings.IndexByte(digits, c); i >= 0 {
		return digits[i+1]
	}
	return '?'
}

// treeOf returns a value as the tree that its JSON is.
func treeOf(t *testing.T, v any) map[string]any {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var tree map[string]any
	require.NoError(t, d.Decode(&tree))
	return tree
}

// decodeTree is the way back.
func decodeTree[V any](t *testing.T, tree map[string]any) (V, error) {
	data, err := json.Marshal(tree)
	require.NoError(t, err)
	return vectors.Decode[V](data)
}

// verdict compares what the implementation made of a test with what the test
// expects; reason is "" where the implementation took it.
func verdict(expected vectors.Test, reason string) error {
	switch {
	case expected.Result == vectors.Valid && reason != "":
		return fmt.Errorf("refused as %s, and is valid", reason)
	case expected.Result == vectors.Invalid && reason == "":
		return fmt.Errorf("accepted, and is invalid: %s", expected.Reason)
	case expected.Reason != reason:
		return fmt.Errorf("refused as %s, and is %s", reason, expected.Reason)
	}
	return nil
}
