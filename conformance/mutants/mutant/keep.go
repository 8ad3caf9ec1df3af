package mutant

import "slices"

// kept is what a lock does not forget, where it should.
var kept = map[string]any{}

// Keep adds values to those that were kept under the name, and returns all of
// them.  What is kept outlives the lock's power, and the lock.
func Keep[T comparable](name string, values []T) []T {
	all, _ := kept[name].([]T)
	for _, v := range values {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	kept[name] = all
	return slices.Clone(all)
}
