package cases

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/shim"
)

// The observables of a lock with hooks.
const (
	SeesBolt   = "bolt"   // how often each door was driven
	SeesOwner  = "owner"  // whether there is one
	SeesFloor  = "floor"  // the time floor
	SeesPolicy = "policy" // the policy's version
	SeesLog    = "log"    // the log's newest number
	SeesMemory = "memory" // operations of the memory
)

// witness is a further observable.
type witness struct {
	name string
	look func(*T) string
}

// Witness adds an observable for this case, in Setup: what look returns is the
// same before and after a refused tap.  It is how a case sees at level 1 that
// nothing changed, by an owner's tap for example, which must change nothing
// itself.  The field is on and fresh.
func (t *T) Witness(name string, look func(*T) string) {
	t.witnesses = append(t.witnesses, witness{name, look})
}

// sight is what is observed of a product, by name.
type sight map[string]string

// observe looks at the product, in a field of its own.
func (t *T) observe() sight {
	s := sight{}
	if t.Lock == nil {
		return s
	}
	t.Lock.Cycle()
	if t.Lock.Has(shim.VerbBolt) {
		s[SeesBolt] = fmt.Sprint(t.Lock.Bolt())
	}
	if t.Lock.Has(shim.VerbState) {
		k := t.Lock.Kept()
		s[SeesOwner], s[SeesFloor] = fmt.Sprint(!k.Vacant), fmt.Sprint(k.Floor)
		s[SeesPolicy], s[SeesLog] = fmt.Sprint(k.Policy), fmt.Sprint(k.Sequence)
	}
	for _, w := range t.witnesses {
		t.Lock.Cycle()
		s[w.name] = w.look(t)
	}
	return s
}

// memory counts the operations of the memory, where it can.
func (t *T) memory() string {
	if t.Lock == nil || !t.Lock.Has(shim.VerbOperations) {
		return ""
	}
	return fmt.Sprint(t.Lock.Operations().Flash)
}

// compare fails the case where something changed that may not.
func (t *T) compare(before, after sight, except []string) {
	for name, was := range before {
		if is := after[name]; is != was && !slices.Contains(except, name) {
			t.Failf("the refused tap changed something: %s was %s and is %s", name, was, is)
		}
	}
}
