// Package dropped exports what gobind drops: the test of the test.
package dropped

// Function has a type that gobind does not know.
func Function(lists [][]byte) {}

// Kept is bound.
func Kept(text string) string { return text }

// Thing has both kinds.
type Thing struct {
	Field map[string]int
	Good  int
}

// Method has a type that gobind does not know.
func (*Thing) Method(n uint64) {}

// Bound is bound.
func (*Thing) Bound() int { return 1 }

// Callback has both kinds.
type Callback interface {
	Many(a, b []string) error
	One(text string) error
}
