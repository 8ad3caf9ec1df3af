// Package app holds the cases for apps, one file an area.  The suite is the lock.
package app

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/credentialtest"
	"github.com/postern-lock/postern/lock/locktest"
)

// All returns every case for apps.
func All() []cases.Case {
	all := slices.Concat(selection(), message2(), keys(), suites(), certificates(), offCurve(), makers(), chains(), pages(), roads(), answers(), fields(), channels(),
		status(), append(links(), halves()), pieces(), waits(), supplies(), lives(), documents(), receipts(), resumptions(), append(slots(), forgotten()), memory(), owners(), cards(), passes())
	for i := range all {
		all[i].Role = shim.RoleApp
		all[i].Needs = append([]shim.Verb{shim.VerbProvision, shim.VerbTap}, all[i].Needs...)
	}
	return all
}

// The instructions.
const (
	selects    = 0xA4
	handshake1 = 0x10
	handshake2 = 0x12
	request    = 0x14
	resume     = 0x16
)

// What a phone has sent when it ends a tap.
const (
	onlySelect = "SELECT"
	greeted    = "SELECT HANDSHAKE-1"
	whole      = "SELECT HANDSHAKE-1 HANDSHAKE-2"
	further    = "SELECT HANDSHAKE-1 HANDSHAKE-2 REQUEST"
	resumed    = "SELECT RESUME"
	fellBack   = "SELECT RESUME SELECT HANDSHAKE-1 HANDSHAKE-2"
)

// opened is what a good tap comes to.
var opened = []cases.Outcome{cases.Said(credential.OutcomeOpened, credential.ReasonNone)}

// row is a negative case whose fault is in the lock.
type row struct {
	number int
	what   string // the fault, for people: title and fault
	shows  []string
	fault  func(t *cases.T, d *cases.Door)
	want   cases.Outcome
	sends  []string // the commands of the tap with the fault
}

// negatives makes the cases of a table, in which tap is the tap.
func negatives(area string, tap func(t *cases.T, set func(*cases.Door)) cases.Outcome, rows ...row) []cases.Case {
	var all []cases.Case
	for _, r := range rows {
		all = append(all, cases.Case{
			ID: fmt.Sprintf("APP-%s-%03d", area, r.number), Revision: 1, Title: r.what, Fault: r.what, Requirements: r.shows,
			Passes: opened, Allowed: []cases.Outcome{r.want},
			Act: func(t *cases.T, faulty bool) cases.Outcome {
				if !faulty {
					return tap(t, nil)
				}
				o := tap(t, func(d *cases.Door) { r.fault(t, d) })
				if r.sends != nil {
					t.App.Sends(r.sends...)
				}
				return o
			},
		})
	}
	return all
}

// open is the tap of most tables.
func open(t *cases.T, set func(*cases.Door)) cases.Outcome { return t.App.Open(set) }

// alters is a fault that alters one value of the lock.
func alters(value locktest.Value, alter func([]byte) []byte) func(*cases.T, *cases.Door) {
	return func(_ *cases.T, d *cases.Door) { d.Alter[value] = alter }
}

// unconfirmed is a phone's own word after the request was handed over.
func unconfirmed(r credential.Reason) cases.Outcome {
	return cases.Reported(credential.OutcomeUnconfirmed, r)
}

// suite2 makes the app one whose key is on P-256.
func suite2(t *cases.T) {
	t.App.Install(func(i *shim.Install) {
		i.Key = shim.Private{Suite: 2, Private: private(t.World.Key2("neighbour"))}
		i.Grant = t.Made(t.World.Guest(func(c *credential.GrantClaims) { c.Holder = t.World.Public2("neighbour") }))
	})
}

// array alters the elements of an array.
func array(alter func([][]byte) [][]byte) func([]byte) []byte {
	return func(b []byte) []byte {
		items, err := credentialtest.Items(b[1:]) // arrays of fewer than 24 items have a head of one byte
		if err != nil {
			panic(err)
		}
		return credentialtest.Array(alter(items)...)
	}
}
