package inspect

import (
	"fmt"
	"strings"
	"sync"

	"github.com/postern-lock/postern/spec"
)

// A shape names what stands at the places of an item.  A nil one names nothing.
type shape struct {
	name     string
	registry string           // whose rows name the number
	mask     bool             // of bits that the registry names
	items    []*shape         // elements of an array or a sequence
	each     *shape           // all further ones
	keys     map[int64]*shape // values of a map
	holds    *shape           // what stands in a byte string
	object   bool             // a signed object, whose kind says the rest
}

// label is the name before a value.
func (s *shape) label() string {
	if s == nil || s.name == "" {
		return ""
	}
	return s.name + ": "
}

// element is the shape of an element.
func (s *shape) element(i int) *shape {
	switch {
	case s == nil:
		return nil
	case i < len(s.items):
		return s.items[i]
	}
	return s.each
}

// content is the shape of what stands in a byte string.
func (s *shape) content() *shape {
	if s == nil {
		return nil
	}
	return s.holds
}

// value is the shape of the value of a key, as it is encoded.
func (s *shape) value(key []byte) *shape {
	if s == nil || len(key) != 1 || key[0] >= 0x38 {
		return nil
	}
	k := int64(key[0])
	if key[0] >= 0x20 {
		k = 0x1F - k
	}
	return s.keys[k]
}

// of is the shape of the item that b begins with: of a signed object, that of its
// kind.
func (s *shape) of(b []byte) *shape {
	if s == nil || !s.object {
		return s
	}
	// The protected header is short and ends with the kind: 10 19 and two bytes.
	if len(b) < 2 || b[0] != 0x84 || b[1]>>5 != 2 || b[1]&31 >= 24 || len(b) < 2+int(b[1]&31) {
		return &shape{name: s.name}
	}
	header := b[2 : 2+b[1]&31]
	if len(header) < 4 || header[len(header)-4] != 0x10 || header[len(header)-3] != 0x19 {
		return &shape{name: s.name}
	}
	typ := uint64(header[len(header)-2])<<8 | uint64(header[len(header)-1])
	name := rowName("object-types", typ)
	return signed(s.name, name, scopes[name])
}

// number says what a number stands for.
func (s *shape) number(n uint64) string {
	if s == nil || s.registry == "" {
		return ""
	}
	if !s.mask {
		if name := rowName(s.registry, n); name != "" {
			return " (" + name + ")"
		}
		return " (not in the registry " + s.registry + ")"
	}
	var names []string
	for bit := uint64(1); bit != 0; bit <<= 1 {
		if n&bit != 0 {
			name := rowName(s.registry, bit)
			if name == "" {
				name = fmt.Sprintf("bit %d, not in the registry", bit)
			}
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// registries holds the names of all rows by registry.
var registries sync.Map

// rowName returns the name of a row; "" where there is none.
func rowName(registry string, value uint64) string {
	names, ok := registries.Load(registry)
	if !ok {
		all := map[uint64]string{}
		rows, _ := spec.Registry(registry) // embedded: a test reads each that is named here
		for _, r := range rows {
			all[uint64(r.Value)] = r.Name
		}
		names, _ = registries.LoadOrStore(registry, all)
	}
	return names.(map[uint64]string)[value]
}
