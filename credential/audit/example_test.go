package audit_test

import (
	"fmt"
	"os"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// An auditor is given a page of a log and two receipts.  The page tells that a guest
// opened; the lock signed that it was the post.
func ExampleAuditor_Run() {
	world := issuertest.New("example") // a scheme and a maker
	box := audittest.New(world, 1)     // a lock
	box.Write(nil)
	copied := box.Twin()
	box.Write(nil)
	copied.Write(func(e *credential.LogEntry) { e.Role, e.Service = credential.RoleGuest, credential.ServiceNone })
	brought := []audit.Item{copied.Page(1, 2), box.Receipt(), box.Receipt()}

	auditor, err := audit.New(audit.Config{Roots: world.Roots(), Makers: world.Makers()})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum audit.Summary
	for row, err := range auditor.Run(items(brought...)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		sum.Add(row)
		fmt.Println(row.Item, row.Kind, row.Verdict, row.Fault, row.Other, row.Claims.Entry)
	}
	sum.WriteTo(os.Stdout)
	// Output:
	// 2 receipt verified  0 #2 deliver started by operator post, not before 2027-03-01T08:02:00Z, grant aa01000000000000
	// 3 receipt duplicate  2 #2 deliver started by operator post, not before 2027-03-01T08:02:00Z, grant aa01000000000000
	// 1 entry verified  0 #1 deliver started by operator post, not before 2027-03-01T08:01:00Z, grant aa00000000000000
	// 1 entry refuted fork 2 #2 deliver started by guest, not before 2027-03-01T08:02:00Z, grant aa01000000000000
	//     verdict  receipts  entries
	//    verified         1        1
	//        told         0        0
	//   duplicate         1        0
	//    disputed         0        0
	//     refuted         0        1
	//     refused         0        0
	// pages refused: 0; items refused that are neither: 0; entries told again: 0; entries missing: 0
}
