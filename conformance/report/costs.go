package report

import (
	"maps"
	"slices"

	"github.com/postern-lock/postern/apdu"
)

// Cost is what a kind of command cost where it succeeded; the refused ones cost
// something else.  Times are microseconds.
type Cost struct {
	Command string `json:"command"`
	Times   int    `json:"times"`
	Half    int64  `json:"half_within"`
	All     int64  `json:"all_within"`
	Bytes   int    `json:"most_bytes"` // of a command and its answer together
}

// Meter counts commands.  Its zero value has counted none.
type Meter struct {
	took  map[string][]int64
	bytes map[string]int
}

// Add counts the exchanges of a case.
func (m *Meter) Add(all []Exchange) {
	if m.took == nil {
		m.took, m.bytes = map[string][]int64{}, map[string]int{}
	}
	for _, e := range all {
		c, err := apdu.ParseCommand(e.Command)
		if err != nil {
			continue
		}
		if r, err := apdu.ParseResponse(e.Response); err != nil || r.SW.IsError() {
			continue
		}
		name := c.Name()
		m.took[name] = append(m.took[name], e.Took)
		m.bytes[name] = max(m.bytes[name], len(e.Command)+len(e.Response))
	}
}

// Costs returns what was counted, by the names of the commands.
func (m *Meter) Costs() []Cost {
	var all []Cost
	for _, name := range slices.Sorted(maps.Keys(m.took)) {
		t := slices.Sorted(slices.Values(m.took[name]))
		all = append(all, Cost{Command: name, Times: len(t), Half: t[len(t)/2], All: t[len(t)-1], Bytes: m.bytes[name]})
	}
	return all
}
