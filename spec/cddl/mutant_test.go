package cddl_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
)

// tree is an item that can be altered and encoded again.
type tree struct {
	major byte
	arg   uint64
	text  []byte
	items []*tree // keys and values in turn
	inner []*tree // of a byte string that holds arrays or maps
}

// plant reads one item, and the items in its byte strings.
func plant(data []byte) (n *tree, rest []byte) {
	if len(data) == 0 {
		return nil, nil
	}
	n = &tree{major: data[0] >> 5, arg: uint64(data[0] & 0x1f)}
	rest = data[1:]
	if n.arg >= 24 {
		size := 1 << (n.arg - 24)
		if n.arg > 27 || len(rest) < size {
			return nil, nil
		}
		n.arg = binary.BigEndian.Uint64(append(make([]byte, 8-size), rest[:size]...))
		rest = rest[size:]
	}
	count := n.arg
	switch n.major {
	case 2, 3:
		if count > uint64(len(rest)) {
			return nil, nil
		}
		n.text, rest = rest[:count], rest[count:]
		if n.inner = plantAll(n.text); n.inner != nil && n.inner[0].major != 4 && n.inner[0].major != 5 {
			n.inner = nil
		}
	case 4, 5:
		for range count * uint64(n.major-3) {
			var part *tree
			if part, rest = plant(rest); part == nil {
				return nil, nil
			}
			n.items = append(n.items, part)
		}
	}
	return n, rest
}

// plantAll reads a sequence, and returns nil where the data are none.
func plantAll(data []byte) []*tree {
	var all []*tree
	for len(data) > 0 {
		n, rest := plant(data)
		if n == nil {
			return nil
		}
		all, data = append(all, n), rest
	}
	return all
}

// encode encodes the item, the keys of maps in order.
func (n *tree) encode() []byte {
	b := n.content()
	switch n.major {
	case 4:
		return append(head(4, uint64(len(n.items))), b...)
	case 5:
		return append(head(5, uint64(len(n.items)/2)), b...)
	case 2, 3:
		return append(head(n.major, uint64(len(b))), b...)
	}
	return head(n.major, n.arg)
}

func (n *tree) content() []byte {
	switch {
	case n.inner != nil:
		return encodeAll(n.inner)
	case n.major == 5:
		var pairs [][2][]byte
		for i := 0; i < len(n.items); i += 2 {
			pairs = append(pairs, [2][]byte{n.items[i].encode(), n.items[i+1].encode()})
		}
		slices.SortFunc(pairs, func(a, b [2][]byte) int { return bytes.Compare(a[0], b[0]) })
		var b []byte
		for _, p := range pairs {
			b = append(append(b, p[0]...), p[1]...)
		}
		return b
	case n.major == 4:
		return encodeAll(n.items)
	}
	return n.text
}

func encodeAll(items []*tree) []byte {
	var b []byte
	for _, n := range items {
		b = append(b, n.encode()...)
	}
	return b
}

// head encodes a head in its shortest form.
func head(major byte, arg uint64) []byte {
	b := binary.BigEndian.AppendUint64(nil, arg)
	switch major <<= 5; {
	case arg < 24:
		return []byte{major | byte(arg)}
	case arg < 1<<8:
		return append([]byte{major | 24}, b[7:]...)
	case arg < 1<<16:
		return append([]byte{major | 25}, b[6:]...)
	case arg < 1<<32:
		return append([]byte{major | 26}, b[4:]...)
	}
	return append([]byte{major | 27}, b...)
}

// mutant is an altered sample.
type mutant struct {
	kind string
	data []byte
}

// mutate returns every mutant of a sample, each altered in one place.  Items whose
// encoding is inside another sample are left whole.
func mutate(s sample, inside map[string]bool) []mutant {
	all := plantAll(s.data)
	if s.rule == "info" {
		all[1].inner = nil // a context is a byte string, whatever it holds
	}
	var out []mutant
	m := mutator{
		whole: func(kind string) { out = append(out, mutant{kind, encodeAll(all)}) },
		enter: func(n *tree) bool {
			e := n.encode()
			page := n.major == 2 && len(n.text) == 768 // of the log, whose type is another
			return !page && (!inside[string(e)] || bytes.Equal(e, s.data))
		},
	}
	m.list(&all, true)
	return slices.DeleteFunc(out, func(m mutant) bool { return bytes.Equal(m.data, s.data) })
}

// mutator alters a tree in one place after the other, and calls whole each time.
type mutator struct {
	whole func(kind string)
	enter func(*tree) bool // whether to alter what stands in the item
}

// list alters a list of items, and each of them.
func (m mutator) list(items *[]*tree, elements bool) {
	was := *items
	for i, n := range was {
		*items = slices.Delete(slices.Clone(was), i, i+1)
		if elements {
			m.whole("dropped")
		}
		*items = slices.Clone(was)
		for _, alien := range n.aliens() {
			(*items)[i] = alien
			m.whole("type")
		}
		for _, beyond := range n.beyond() {
			(*items)[i] = beyond
			m.whole("range")
		}
		*items = was
		m.inside(n)
	}
	if elements {
		for _, extra := range []*tree{{major: 0}, {major: 2, text: make([]byte, 8)}, {major: 4}} {
			*items = append(slices.Clone(was), extra)
			m.whole("added")
		}
		if len(was) > 0 {
			*items = append(slices.Clone(was), slices.Repeat(was[len(was)-1:], 33)...)
			m.whole("longer")
		}
	}
	*items = was
}

// inside alters what stands in an item.
func (m mutator) inside(n *tree) {
	switch {
	case !m.enter(n):
	case n.inner != nil:
		m.list(&n.inner, true)
	case n.major == 4:
		m.list(&n.items, true)
	case n.major == 5:
		was := n.items
		for i := 0; i < len(was); i += 2 {
			n.items = slices.Delete(slices.Clone(was), i, i+2)
			m.whole("dropped")
			for _, label := range []*tree{{major: was[i].major, arg: was[i].arg + 100}, {major: was[i].major ^ 1, arg: was[i].arg}} {
				n.items = slices.Clone(was)
				n.items[i] = label
				m.whole("label")
			}
			if i+2 < len(was) {
				n.items = slices.Clone(was)
				n.items[i], n.items[i+2] = was[i+2], was[i]
				m.whole("swapped")
			}
			n.items = was
			values := []*tree{was[i+1]}
			value := mutator{enter: m.enter, whole: func(kind string) {
				n.items = slices.Clone(was)
				n.items[i+1] = values[0]
				m.whole(kind)
				n.items = was
			}}
			value.list(&values, false)
		}
		for _, label := range []*tree{{major: 0, arg: 77}, {major: 1, arg: 77}, {major: 2, text: []byte{1}}} {
			n.items = append(slices.Clone(was), label, &tree{})
			m.whole("added")
		}
		n.items = was
	}
}

// aliens are items of other types.
func (n *tree) aliens() []*tree {
	return slices.DeleteFunc([]*tree{{major: 0, arg: 1}, {major: 2, text: []byte{}}, {major: 3, text: []byte("a")}, {major: 4}, {major: 5}, {major: 7, arg: 20}},
		func(a *tree) bool { return a.major == n.major })
}

// beyond are items of the type that are greater or smaller.
func (n *tree) beyond() []*tree {
	switch n.major {
	case 0, 1:
		return []*tree{{major: n.major, arg: 1<<64 - 1}, {major: n.major, arg: 1 << 32}, {major: 1 - n.major, arg: n.arg}, {major: n.major}}
	case 2, 3:
		if n.inner == nil {
			longer := append(bytes.Clone(n.text), 1)
			return []*tree{{major: n.major, text: longer}, {major: n.major, text: longer[:max(0, len(longer)-2)]}}
		}
	}
	return nil
}

// readers are what the reference reads the types with.  They check more than a
// type can say, but for signatures.
var readers = map[string]func([]byte) error{
	"authority":        func(b []byte) error { _, err := credential.ParseAuthority(b); return err },
	"lock-certificate": func(b []byte) error { _, err := credential.ParseLockCertificate(b); return err },
	"grant":            func(b []byte) error { _, err := credential.ParseGrant(b); return err },
	"policy":           func(b []byte) error { _, err := credential.ParsePolicy(b); return err },
	"revocation-list":  func(b []byte) error { _, err := credential.ParseRevocationList(b); return err },
	"time-token":       func(b []byte) error { _, err := credential.ParseTimeToken(b); return err },
	"ccs":              func(b []byte) error { _, err := credential.ParseClaimsSet(b); return err },
}

func init() { readers["request"], readers["response"] = readRequest, readResponse }

// readRequest reads a request and the objects in it.
func readRequest(b []byte) error {
	r, err := message.ParseRequest(b)
	if err != nil {
		return err
	}
	for _, object := range r.Chain {
		err = errors.Join(err, readOne(object, "grant", "authority"))
	}
	for _, object := range r.Documents {
		err = errors.Join(err, readOne(object, "policy", "revocation-list", "time-token"))
	}
	return err
}

// readOne reads an object of one of the kinds.
func readOne(object []byte, rules ...string) (err error) {
	for _, rule := range rules {
		err = readers[rule](object)
		if err == nil || !strings.Contains(err.Error(), "object-type") {
			return err
		}
	}
	return err
}

// readResponse reads a response of this version and the receipt in it.  The
// fields that a phone would take with more outcomes than a lock sends them with
// are held to the table of section 6.8.
func readResponse(b []byte) error {
	r, err := message.ParseResponse(b)
	drove := r.Outcome == credential.OutcomeOpened || r.Outcome == credential.OutcomeUnconfirmed ||
		r.Outcome == credential.OutcomeFailed && r.Reason == credential.ReasonDrive
	done := r.Outcome == credential.OutcomeDone
	switch {
	case err != nil:
		return err
	case r.Unknown,
		r.Slot > 32 || r.Slot > 0 && !drove,
		r.Log != nil && (!done || len(r.Log) != 768 && len(r.Log) != 792),
		r.Receipt != nil && !drove && !done:
		return errors.New("not of this version")
	}
	if r.Receipt != nil {
		_, err = credential.ParseReceipt(r.Receipt)
	}
	return err
}

// acrossFields is what the reference says of rules that the definitions leave to
// the text: they hold several fields against each other, or count the pairs of a
// map whose keys are optional.
var acrossFields = regexp.MustCompile(`must be after|or be left out|policy version: is missing, and a policy has one|role: is missing, and only tamper has none|conditions: 1 to 8 entries are allowed`)

// goodWithoutReader are the mutants of another good form where the reference has
// no reader: another value, a list of suites in place of one or a longer one, and
// one entry less in a page of the log.
var goodWithoutReader = regexp.MustCompile(` range$|^error (type|added)$|^log-page dropped$`)

// Whatever the reference reads is of its type, and what is of the type and still
// not read breaks a rule that is not one of a single field.
func TestMutantsAreRefused(t *testing.T) {
	samples := distinct(append(objects(t), taps(t)...))
	inside := map[string]bool{} // mutants of what stands in other samples are made once
	for _, s := range samples {
		if s.rule == "grant" || s.rule == "lock-certificate" || s.rule == "ccs" {
			inside[string(s.data)] = true
		}
		if s.rule == "PLAINTEXT_3" {
			inside[string(firstItem(t, s.data)[2:])] = true
		}
	}
	defined := schema(t)
	total, refused := map[string]int{}, map[string]int{}
	for _, s := range samples {
		read := readers[s.rule]
		for _, m := range mutate(s, inside) {
			id := s.rule + " " + m.kind
			total[m.kind]++
			mismatch := defined.Validate(s.rule, m.data)
			if mismatch != nil {
				refused[m.kind]++
			}
			switch {
			case read == nil && mismatch == nil:
				require.Regexp(t, goodWithoutReader, id, "%x", m.data)
			case read == nil:
			case mismatch == nil:
				if err := read(m.data); err != nil {
					require.Regexp(t, acrossFields, err.Error(), "%s %x", id, m.data)
				}
			default:
				require.Error(t, read(m.data), "%s is narrower than the reference: %v: %x", id, mismatch, m.data)
			}
		}
	}
	for _, kind := range []string{"dropped", "added", "longer", "type", "range", "label", "swapped"} {
		require.NotZero(t, refused[kind], kind)
	}
	t.Log("mutants", total, "refused", refused)
}
