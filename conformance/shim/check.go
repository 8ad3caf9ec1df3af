package shim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// maxText is the longest sentence in a line, maxName the longest name.
const (
	maxText = 1000
	maxName = 100
)

// maxRequest is the longest request for a right, in bytes, and maxLink the longest
// link of one, in characters: more than any that is good has.
const (
	maxRequest = 768
	maxLink    = 1100
)

// checker is a message with rules that its types do not say.
type checker interface{ check() error }

// span refuses a number outside its bounds.
func span(what string, v, low, high int) error {
	if v < low || v > high {
		return fmt.Errorf("%s is %d, where %d to %d is allowed", what, v, low, high)
	}
	return nil
}

func (h *Hello) check() error {
	table, known := verbs[h.Role]
	switch {
	case h.Protocol != Protocol:
		return fmt.Errorf("protocol %d, where this suite speaks %d", h.Protocol, Protocol)
	case !known:
		return fmt.Errorf("role %q does not exist", h.Role)
	}
	if err := span("length of product", len(h.Product), 1, maxName); err != nil {
		return err
	}
	if err := span("length of version", len(h.Version), 1, maxName); err != nil {
		return err
	}
	for _, name := range []string{h.Product, h.Version} {
		if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("the name %q has a character that does not print", name)
		}
	}
	for i, v := range h.Verbs {
		if !slices.Contains(table.all, v) {
			return fmt.Errorf("role %s has no verb %q", h.Role, v)
		}
		if slices.Contains(h.Verbs[:i], v) {
			return fmt.Errorf("verb %q twice", v)
		}
	}
	return nil
}

// whole refuses a shim without the mandatory verbs.  One that is the control beside
// a link needs not what the link gives.
func (h *Hello) whole(control bool) error {
	table := verbs[h.Role]
	for _, v := range table.all[:table.mandatory] {
		if !h.Has(v) && !(control && v.Level() == L0) {
			return fmt.Errorf("role %s needs the verb %q", h.Role, v)
		}
	}
	return nil
}

func (a *Answer) check() error {
	switch {
	case a.Silent == (a.APDU != nil):
		return fmt.Errorf("want one of apdu and silent")
	case a.Microseconds != nil && *a.Microseconds < 0:
		return fmt.Errorf("us is negative")
	case a.Silent:
		return nil
	}
	return span("length of apdu", len(a.APDU), 2, 4096)
}

func (d *Driven) check() error {
	for i, m := range d.Moves {
		if err := span("resource", m.Resource, 0, 255); err != nil {
			return err
		}
		if m.Count < 1 {
			return fmt.Errorf("count %d of a door that was driven", m.Count)
		}
		if i > 0 && d.Moves[i-1].Resource >= m.Resource {
			return fmt.Errorf("moves are not in ascending order")
		}
	}
	return nil
}

func (r *Refused) check() error { return span("reason", r.Reason, 0, 255) }

func (t *Told) check() error {
	if err := span("outcome", t.Outcome, 0, 255); err != nil {
		return err
	}
	if err := checkReasons(append([]int{t.Reason}, t.Documents...)...); err != nil {
		return err
	}
	if t.LogKey != nil && len(t.LogKey) != 32 {
		return fmt.Errorf("logkey has %d bytes, not 32", len(t.LogKey))
	}
	return nil
}

// checkReasons refuses what is no reason, also not one of a later registry.
func checkReasons(reasons ...int) error {
	for _, r := range reasons {
		if r < 0 || int64(r) > math.MaxUint32 {
			return fmt.Errorf("reason %d, where 0 to %d is allowed", r, uint32(math.MaxUint32))
		}
	}
	return nil
}

func (a *Asked) check() error {
	if err := span("length of bytes", len(a.Bytes), 1, maxRequest); err != nil {
		return err
	}
	return span("length of link", len(a.Link), 1, maxLink)
}

func (t *Taken) check() error {
	if t.Taken && t.Reason != 0 {
		return fmt.Errorf("reason %d for a pass that is taken", t.Reason)
	}
	return checkReasons(t.Reason)
}

func (i *Issued) check() error {
	if (i.Object != nil) == (i.Refused != "") {
		return fmt.Errorf("want one of object and refused")
	}
	return nil
}
