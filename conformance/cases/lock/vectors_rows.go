package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern-lock/postern/spec/vectors"
)

// rowOf is the row of a requirement that names a reason, where one row alone does.
var rowOf = map[string]map[string]int{
	"PST-DEC-018": {
		"target": 1, "action": 2, "delegation": 3, "resource": 4, "condition-unknown": 5, "policy-version": 6, "evidence": 7, "hours": 8,
	},
	"PST-DEC-037": {
		"authority-expired": 1, "expired": 2, "not-yet-valid": 3,
		"target": 4, "action": 4, "resource": 4, "condition-unknown": 4, "policy-version": 4, "denied": 5, "blocked": 5, "not-admitted": 5,
	},
	"PST-TIME-017": {
		"malformed": 1, "evidence": 2, "superseded": 3, "issuer-unknown": 4, "algorithm": 5, "signature": 6, "authority-right": 7, "authority-expired": 8,
	},
	"PST-OWN-029": {"malformed": 1, "target": 2, "limit": 3, "superseded": 4, "issuer-unknown": 5, "signature": 7},
	"PST-OWN-031": {"blocked": 6, "not-admitted": 7, "evidence": 8, "hours": 9},
	"PST-REV-012": {
		"malformed": 1, "issuer-unknown": 2, "algorithm": 3, "signature": 4, "authority-right": 5, "authority-expired": 6, "superseded": 7, "table-full": 8,
	},
	"PST-USE-007": {"table-full": 2, "uses-spent": 4},
	"PST-DLG-005": {"service": 6},
}

// deniedBy is the row of PST-OWN-031 by which a grant is denied, by what the vector
// tries; the first flag that stands here counts.
var deniedBy = []struct {
	flag string
	row  int
}{{"transfer", 1}, {"revoked", 2}, {"denied", 4}, {"least", 5}}

// closer are requirements that stand for some vectors alone, from a number to a
// number: what their flags say is not all, or too much.
var closer = []struct {
	area        string
	first, last int
	ids         []string
}{
	{"policy", 16, 16, []string{"PST-OWN-029#6"}},
	{"policy", 17, 17, []string{"PST-OWN-029#8"}},
	{"policy", 21, 21, []string{"PST-DOC-001#4"}},
	{"policy", 23, 23, []string{"PST-DOC-001#3"}},
	{"policy", 26, 26, []string{"PST-DOC-001#2", "PST-DOC-006#2"}},
	{"policy", 27, 27, []string{"PST-DOC-001#5", "PST-DOC-006#4"}},
	{"policy", 29, 29, []string{"PST-DOC-006#1"}},
	{"policy", 30, 30, []string{"PST-DOC-001#2", "PST-DOC-006#1"}},
	{"policy", 31, 31, []string{"PST-OWN-001"}},
	{"policy", 32, 33, []string{"PST-OWN-001#4"}},
	{"policy", 33, 61, []string{"PST-OWN-029#1"}},
	{"policy", 37, 38, []string{"PST-OWN-001#1"}},
	{"policy", 39, 40, []string{"PST-OWN-001#2"}},
	{"policy", 41, 42, []string{"PST-OWN-001#10"}},
	{"policy", 43, 43, []string{"PST-OWN-001#9"}},
	{"policy", 44, 45, []string{"PST-OWN-001#11"}},
	{"policy", 46, 48, []string{"PST-OWN-001#9"}},
	{"policy", 49, 49, []string{"PST-OWN-001#3"}},
	{"policy", 50, 50, []string{"PST-OWN-001#4"}},
	{"policy", 51, 52, []string{"PST-OWN-001#12"}},
	{"policy", 53, 54, []string{"PST-OWN-001#5"}},
	{"policy", 55, 55, []string{"PST-OWN-001#14"}},
	{"policy", 56, 56, []string{"PST-OWN-001#13"}},
	{"policy", 57, 57, []string{"PST-OWN-001#7"}},
	{"policy", 58, 58, []string{"PST-OWN-001#6"}},
	{"policy", 59, 59, []string{"PST-OWN-001#15"}},
	{"policy", 60, 61, []string{"PST-OWN-001#8"}},
	{"policy", 62, 62, []string{"PST-OWN-001#8", "PST-OWN-011"}},
	{"policy", 63, 66, []string{"PST-OWN-010#2", "PST-OWN-011"}},
	{"policy", 178, 178, []string{"PST-OWN-029#5"}},
	{"policy", 201, 203, []string{"PST-OWN-034#1"}},
	{"policy", 210, 210, []string{"PST-OWN-034#3"}},
	{"policy", 211, 214, []string{"PST-OWN-034#10"}},
	{"policy", 220, 220, []string{"PST-OWN-034#6"}},
	{"policy", 222, 224, []string{"PST-OWN-034#2"}},
	{"policy", 227, 228, []string{"PST-OWN-034#5"}},
	{"policy", 230, 232, []string{"PST-OWN-034#11"}},
	{"policy", 265, 265, []string{"PST-REV-001#1"}},
	{"policy", 266, 266, []string{"PST-REV-001#3"}},
	{"policy", 267, 267, []string{"PST-REV-001#1", "PST-REV-012#1"}},
	{"policy", 268, 268, []string{"PST-REV-012#1"}},
	{"policy", 269, 269, []string{"PST-REV-001#3", "PST-REV-012#1"}},
	{"policy", 270, 271, []string{"PST-REV-001#2", "PST-REV-012#1"}},
	{"policy", 272, 273, []string{"PST-REV-012#1"}},
	{"policy", 287, 287, []string{"PST-TIME-007"}},
	{"policy", 296, 304, []string{"PST-REV-012#8"}},
	{"time", 3, 3, []string{"PST-TIME-007", "PST-TIME-009#2"}},
	{"time", 6, 6, []string{"PST-TIME-007", "PST-TIME-009#2"}},
	{"time", 7, 7, []string{"PST-TIME-007", "PST-TIME-009#3"}},
	{"time", 16, 16, []string{"PST-TIME-007", "PST-TIME-009#2"}},
	{"time", 20, 20, []string{"PST-TIME-007", "PST-TIME-009#3"}},
	{"time", 21, 21, []string{"PST-TIME-007", "PST-TIME-009#1"}},
	{"time", 35, 36, []string{"PST-TIME-014", "PST-TIME-017#1"}},
	{"time", 37, 42, []string{"PST-TIME-017#1"}},
	{"time", 43, 44, []string{"PST-TIME-014"}},
	{"time", 47, 47, []string{"PST-TIME-030"}},
	{"time", 123, 126, []string{"PST-TIME-012#1"}},
	{"time", 127, 128, []string{"PST-TIME-012#4"}},
	{"time", 134, 134, []string{"PST-TIME-012#1"}},
	{"time", 199, 199, []string{"PST-TIME-019#3"}},
	{"time", 200, 200, []string{"PST-TIME-019#2"}},
	{"time", 201, 201, []string{"PST-TIME-019#4"}},
	{"uses", 54, 54, []string{"PST-USE-007#3", "PST-USE-007#5", "PST-USE-007#7"}},
	{"uses", 55, 55, []string{"PST-USE-007#4", "PST-USE-007#7"}},
	{"uses", 63, 69, []string{"PST-USE-007#3", "PST-USE-007#4", "PST-USE-007#5", "PST-USE-007#7"}},
	{"uses", 105, 106, []string{"PST-USE-007#1"}},
	{"uses", 109, 109, []string{"PST-USE-007#1"}},
	{"uses", 111, 114, []string{"PST-OWN-034#7"}},
	{"uses", 118, 120, []string{"PST-OWN-034#7"}},
	{"chain", 218, 219, []string{"PST-DEC-018#3"}},
	{"chain", 223, 225, []string{"PST-DEC-018#3"}},
	{"chain", 226, 228, []string{"PST-DLG-005#1"}},
	{"chain", 230, 230, []string{"PST-DLG-005#1"}},
	{"chain", 232, 232, []string{"PST-DEC-018#3"}},
	{"chain", 247, 247, []string{"PST-DLG-005#5", "PST-DLG-005#7"}},
	{"chain", 249, 249, []string{"PST-DLG-005#5", "PST-DLG-005#7"}},
	{"chain", 250, 251, []string{"PST-DLG-005#6", "PST-DLG-005#7"}},
	{"chain", 262, 262, []string{"PST-DLG-005#2", "PST-DLG-005#3"}},
	{"chain", 263, 264, []string{"PST-DLG-005#5", "PST-DLG-005#8"}},
	{"chain", 265, 265, []string{"PST-DLG-005#6", "PST-DLG-005#8"}},
	{"chain", 266, 266, []string{"PST-DLG-005#4", "PST-DLG-005#8"}},
	{"chain", 267, 267, []string{"PST-DLG-005#5", "PST-DLG-005#7"}},
	{"chain", 268, 272, []string{"PST-DLG-005#3"}},
	{"chain", 273, 273, []string{"PST-DLG-005#1"}},
	{"chain", 274, 274, []string{"PST-DLG-005#3"}},
	{"chain", 275, 275, []string{"PST-DLG-005#1"}},
	{"chain", 276, 276, []string{"PST-DLG-005#2"}},
	{"chain", 285, 285, []string{"PST-TIME-008"}},
}

// requirements returns what a vector shows: what stands for it alone, then what the
// notes of its flags say, by its row where the reason tells it.
func (g vectorGroup) requirements(test *vectors.DecisionTest) []string {
	var cited []string
	add := func(id string) {
		if !slices.Contains(cited, id) {
			cited = append(cited, id)
		}
	}
	for _, c := range closer {
		if c.area == g.area && c.first <= test.TcID && test.TcID <= c.last {
			for _, id := range c.ids {
				add(id)
			}
		}
	}
	alone := slices.Clone(cited)
	for _, flag := range test.Flags {
		if flag == "action" {
			add("PST-DEC-018#" + fmt.Sprint(9+operation(test)))
		}
		for _, id := range g.notes[flag].Requirements {
			nearer := slices.ContainsFunc(alone, func(c string) bool { return c == id || strings.HasPrefix(c, id+"#") })
			if nearer || !g.binding[id] || id == "PST-REV-001" && test.TcID < 200 || id == "PST-OWN-001" && test.TcID > 200 {
				continue // the flag form is of policies and of lists
			}
			for _, id := range g.rows(test, flag, id) {
				add(id)
			}
		}
	}
	return cited
}

// operation is the one that a vector's last request asks for, of the registry.
func operation(test *vectors.DecisionTest) int {
	requests := test.Steps[len(test.Steps)-1].Requests
	return requests[len(requests)-1].Fields.Operation
}

// rows returns the rows of a requirement that a vector shows, or the requirement.
func (g vectorGroup) rows(test *vectors.DecisionTest, flag, id string) []string {
	row := rowOf[id][test.Reason]
	switch {
	case id == "PST-OWN-031" && test.Reason == "denied":
		for _, d := range deniedBy {
			if row == 0 && slices.Contains(test.Flags, d.flag) {
				row = d.row
			}
		}
	case id == "PST-USE-007" && flag == "count" && test.Result == vectors.Valid:
		row = 5
	case id == "PST-USE-007" && flag == "retry" && test.Result == vectors.Valid:
		row = 3
	}
	var ids []string
	if row > 0 {
		ids = append(ids, fmt.Sprintf("%s#%d", id, row))
	}
	if ids == nil {
		return []string{id}
	}
	return ids
}
