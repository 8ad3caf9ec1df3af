package message_test

import "testing"

// fuzz runs checkParse over the form's golden and faulty messages and whatever
// the fuzzer makes of them.
func fuzz(f *testing.F, kind form) {
	for _, c := range golden {
		if c.form.name == kind.name {
			f.Add(unhex(f, c.bytes))
		}
	}
	for _, c := range faulty {
		if c.form.name == kind.name {
			f.Add(unhex(f, c.bytes))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, kind, data) })
}

func FuzzParseSelection(f *testing.F) { fuzz(f, selectionForm) }

func FuzzParseRequest(f *testing.F) { fuzz(f, requestForm) }

func FuzzParseResponse(f *testing.F) { fuzz(f, responseForm) }

func FuzzParseIDCred(f *testing.F) { fuzz(f, idCredForm) }
