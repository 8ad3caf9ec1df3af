package lock

import (
	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/credential"
	ct "github.com/postern-lock/postern/credential/credentialtest"
)

// policies are faults of a policy's settings, and of its signer, who is known
// without a search.
func policies() []cases.Case {
	set := func(what string, field int64, value []byte, row string) flaw {
		return flaw{what, []string{row}, credential.ReasonMalformed, settings(func(m *ct.Map) { m.Set(field, value) }), nil}
	}
	return probes()[0].flawed(200, []flaw{
		{"the kid is not that of the owner, who signed", []string{"PST-OBJ-001#5", "PST-OBJ-013"}, credential.ReasonIssuerUnknown, func(o *ct.Object) {
			o.Header(func(m *ct.Map) { m.Set(4, ct.Bytes([]byte("somebody"))) })
		}, nil},
		set("a setting has a number that this version does not know", 60, ct.Uint(1), "PST-OBJ-008#7"),
		set("a setting has a number that this version does not know, and is an array", 60, ct.Array(ct.Uint(1)), "PST-OBJ-008#7"),
		set("reset is false, which is said by leaving it out", 8, []byte{0xF4}, "PST-OBJ-008#8"),
	})
}
