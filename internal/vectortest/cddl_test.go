package vectortest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/spec"
	"github.com/postern-lock/postern/spec/vectors"
)

// structure is the flag of invalid tests that break the rule of their kind.
const structure = "structure"

// TestObjectsKeepToTheirTypes holds the vectors against the CDDL of the standard.
func TestObjectsKeepToTheirTypes(t *testing.T) {
	rules := map[string]string{"claims-set": "ccs"}
	for _, kind := range []string{"authority", "lock-certificate", "grant", "policy", "revocation-list", "time-token", "receipt"} {
		rules[kind] = kind
	}
	file, err := vectors.Open[vectors.ObjectParams, vectors.ObjectTest]("object")
	require.NoError(t, err)
	check := typeCheck(t, rules)
	for _, g := range file.Groups {
		for _, test := range g.Tests {
			check(g.Params.Kind, test.Test, test.Data)
		}
	}
}

func TestMessagesKeepToTheirTypes(t *testing.T) {
	file, err := vectors.Open[vectors.MessageParams, vectors.MessageTest]("message")
	require.NoError(t, err)
	check := typeCheck(t, map[string]string{
		"select-answer": "select-answer", "message-1": "message_1", "message-2": "message_2", "plaintext-2": "PLAINTEXT_2", "plaintext-3": "PLAINTEXT_3",
		"edhoc-error": "error", "request": "request", "response": "response", "log-entry": "log-entry", "log-page": "log-page",
	})
	for _, g := range file.Groups {
		for _, test := range g.Tests {
			if data := typed(g.Params.Kind, test.Data); !slices.Contains(test.Flags, "later") && data != nil {
				check(g.Params.Kind, test.Test, data)
			}
		}
	}
}

// typed returns what a type describes of a message, or nil where none does.
func typed(kind string, data []byte) []byte {
	switch kind {
	case "handshake-2", "resume":
		return nil
	case "select-answer":
		return data[min(4, len(data)):]
	case "log-page":
		if page, _, err := dcbor.Next(data); err == nil {
			return page
		}
	}
	return data
}

// typeCheck returns a check of a valid test, which is of the type, and of an
// invalid one with the flag structure, which is not.  Every rule has both.
func typeCheck(t *testing.T, rules map[string]string) func(kind string, test vectors.Test, data []byte) {
	schema, err := spec.Schema()
	require.NoError(t, err)
	valid, invalid := map[string]int{}, map[string]int{}
	t.Cleanup(func() {
		for kind := range rules {
			require.NotZero(t, valid[kind], kind)
			require.NotZero(t, invalid[kind], kind)
		}
	})
	return func(kind string, test vectors.Test, data []byte) {
		err := schema.Validate(rules[kind], data)
		switch {
		case test.Result == vectors.Valid:
			valid[kind]++
			assert.NoError(t, err, "%s tcId %d: %s", kind, test.TcID, test.Comment)
		case slices.Contains(test.Flags, structure):
			invalid[kind]++
			assert.Error(t, err, "%s tcId %d: %s", kind, test.TcID, test.Comment)
		}
	}
}
