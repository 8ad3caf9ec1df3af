package cddl

// A node is the definition of a type.
type node interface {
	// origin returns where the definition stands, and its text.
	origin() source
	// match returns nil where the item is of the type.
	match(m *matching, it *item, at *spot) *fault
}

// source is the text of a definition.
type source struct {
	place
	text string
}

func (s source) origin() source { return s }

// The types.
type (
	// choice is one of several types, the first that matches.
	choice struct {
		source
		of []node
	}

	// literal is one integer, text string or byte string.
	literal struct {
		source
		value item
	}

	// span is every integer from low to high.
	span struct {
		source
		low, high integer
	}

	// basic is a type that has a name in RFC 8610, appendix D.
	basic struct {
		source
		is func(*item) bool
	}

	// reference is the type of a rule.
	reference struct {
		source
		name string
		rule *rule
	}

	// array has the elements of a group.
	array struct {
		source
		group *group
	}

	// table is a map with the pairs of a group.
	table struct {
		source
		group *group
	}

	// sized is a string whose length in bytes is of a type.
	sized struct {
		source
		target, size node
	}

	// holding is a byte string that holds one item of a type, or a sequence.
	holding struct {
		source
		target   node
		content  node   // of the item
		sequence *array // whose elements are the items of the sequence, where content is nil
	}
)

// A group is a list of entries.
type group struct {
	source
	entries []entry
}

// An entry is one part of a group: a type, perhaps with a key, or a group.
type entry struct {
	source
	least, most int
	key         node   // of a pair, or nil
	label       bool   // the key has a colon, and in an array it is a comment
	cut         bool   // a pair with the key is of the type, or the map does not match
	value       node   // or nil
	group       *group // where value is nil
	named       *rule  // of a group, where value is its name
}

// plain reports whether the entry is nothing but a type.
func (e *entry) plain() bool {
	return e.value != nil && e.key == nil && e.least == 1 && e.most == 1
}

// A rule gives a type or a group a name.
type rule struct {
	place
	name  string
	value node   // or nil
	group *group // where value is nil
	uses  []*rule
	depth int // of the rules that it uses, 0 before it is known
}

// basics are the names of RFC 8610, appendix D, that are in use.
var basics = map[string]func(*item) bool{
	"any":   func(*item) bool { return true },
	"uint":  func(it *item) bool { return it.kind == kindUint },
	"nint":  func(it *item) bool { return it.kind == kindNint },
	"int":   func(it *item) bool { return it.kind <= kindNint },
	"bstr":  func(it *item) bool { return it.kind == kindBytes },
	"bytes": func(it *item) bool { return it.kind == kindBytes },
	"tstr":  func(it *item) bool { return it.kind == kindText },
	"text":  func(it *item) bool { return it.kind == kindText },
	"bool": func(it *item) bool {
		return it.kind == kindOther && (it.info == simpleFalse || it.info == simpleTrue)
	},
	"false": func(it *item) bool { return it.kind == kindOther && it.info == simpleFalse },
	"true":  func(it *item) bool { return it.kind == kindOther && it.info == simpleTrue },
}

// others are the names of RFC 8610, appendix D, that are not in use.  Nobody
// can define them, so that no definition means something else to another tool.
var others = []string{
	"tdate", "time", "number", "biguint", "bignint", "bigint", "integer", "unsigned", "decfrac", "bigfloat",
	"eb64url", "eb64legacy", "eb16", "encoded-cbor", "uri", "b64url", "b64legacy", "regexp", "mime-message",
	"cbor-any", "float16", "float32", "float64", "float16-32", "float32-64", "float", "nil", "null", "undefined",
}
