package credentialtest

import (
	"bytes"
	"errors"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
)

// Map is a CBOR map that is laid open: pairs of encoded items in the order in
// which they are sent, with any key and any key twice.
type Map []Pair

// Pair is one pair of a Map.
type Pair struct{ Key, Value []byte }

// ParseMap takes an encoded map apart.
func ParseMap(b []byte) (Map, error) {
	r := dcbor.NewReader(b)
	var m Map
	for range r.Map(0, len(b)) {
		m = append(m, Pair{bytes.Clone(r.Raw()), bytes.Clone(r.Raw())})
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return m, nil
}

// find returns the index of the first pair with the integer key, -1 for none.
func (m Map) find(key int64) int {
	return slices.IndexFunc(m, func(p Pair) bool { return bytes.Equal(p.Key, Int(key)) })
}

// Get returns the value of the integer key, nil for none.
func (m Map) Get(key int64) []byte {
	if i := m.find(key); i >= 0 {
		return m[i].Value
	}
	return nil
}

// Set replaces the value of the integer key, or puts the pair where its key
// belongs among those that are there.
func (m *Map) Set(key int64, value []byte) {
	if i := m.find(key); i >= 0 {
		(*m)[i].Value = value
		return
	}
	k := Int(key)
	at := slices.IndexFunc(*m, func(p Pair) bool { return bytes.Compare(p.Key, k) > 0 })
	if at < 0 {
		at = len(*m)
	}
	*m = slices.Insert(*m, at, Pair{k, value})
}

// Append puts a pair last, whatever the order of keys asks for.
func (m *Map) Append(key, value []byte) { *m = append(*m, Pair{key, value}) }

// Delete takes the pair with the integer key out, where there is one.
func (m *Map) Delete(key int64) {
	if i := m.find(key); i >= 0 {
		*m = slices.Delete(*m, i, i+1)
	}
}

// Encode returns the map as it is.
func (m Map) Encode() []byte {
	b := dcbor.AppendMap(nil, len(m))
	for _, p := range m {
		b = append(append(b, p.Key...), p.Value...)
	}
	return b
}

var errForm = errors.New("credentialtest: it has not the form that is altered")
