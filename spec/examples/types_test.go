package examples_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/spec"
)

// kindOfObject finds the kind in the note on an object's first byte.
var kindOfObject = regexp.MustCompile(`^([a-z ]+): array of 4$`)

// Every object and every message on the pages is of its type.
func TestBytesAreOfTheirTypes(t *testing.T) {
	schema, err := spec.Schema()
	require.NoError(t, err)
	pages, err := spec.Examples()
	require.NoError(t, err)
	count := map[string]int{}
	check := func(page, rule string, data []byte) {
		require.NoError(t, schema.Validate(rule, data), "%s: %X", page, data)
		count[rule]++
	}
	for _, page := range pages[1:] { // after the index
		for _, s := range parse(page.Text) {
			for _, p := range s.parts {
				for _, e := range p.entries {
					switch e.name {
					case "Object":
						kind := kindOfObject.FindStringSubmatch(e.lines[0].note)
						require.NotNil(t, kind, e.lines[0].note)
						rule := strings.ReplaceAll(kind[1], " ", "-")
						if rule == "authority-certificate" {
							rule = "authority"
						}
						check(page.Name, rule, e.bytes)
					case "PLAINTEXT_2", "PLAINTEXT_3":
						check(page.Name, e.name, e.bytes)
					case "Request":
						check(page.Name, "request", e.bytes)
					case "Response opened":
						check(page.Name, "response", e.bytes)
					}
				}
				if !pairTitle.MatchString(p.title) {
					continue
				}
				switch sent := p.read(); sent.name {
				case "SELECT":
					check(page.Name, "select-answer", sent.answer[4:])
				case "HANDSHAKE-1":
					check(page.Name, "message_1", sent.data)
					check(page.Name, "message_2", sent.answer)
				case "HANDSHAKE-2":
					message3, _, err := dcbor.Next(sent.data)
					require.NoError(t, err)
					check(page.Name, "message_3", message3)
				}
			}
		}
	}
	require.Equal(t, "examples/README.md", pages[0].Name)
	t.Log(count)
	for _, rule := range []string{
		"authority", "lock-certificate", "grant", "policy", "select-answer", "message_1", "message_2", "message_3",
		"PLAINTEXT_2", "PLAINTEXT_3", "request", "response",
	} {
		require.NotZero(t, count[rule], rule)
	}
}
