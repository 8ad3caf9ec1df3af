package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/operator/api"
	"github.com/postern-lock/postern/issuer/ledger"
)

func TestBytesHaveOneForm(t *testing.T) {
	for text, want := range map[string][]byte{"": {}, "AA": {0}, "-_8": {0xfb, 0xff}, "AAAA": {0, 0, 0}} {
		var b api.Bytes
		require.NoError(t, b.UnmarshalText([]byte(text)))
		require.Equal(t, string(want), string(b))
		again, err := b.MarshalText()
		require.NoError(t, err)
		require.Equal(t, text, string(again))
	}
	for _, text := range []string{"A", "AB", "AA=", "AA==", "+/8", "A A", "AA\n", "AAA\r", "é"} {
		require.Error(t, new(api.Bytes).UnmarshalText([]byte(text)), text)
	}
}

func TestIDsHaveOneForm(t *testing.T) {
	lock := credential.LockID{0x0a, 0xff, 7: 1}
	var id api.LockID
	require.NoError(t, id.UnmarshalText([]byte("0aff000000000001")))
	require.Equal(t, api.Of(lock), id)
	require.Equal(t, lock.String(), id.String())
	require.Equal(t, "000102030405060708090a0b0c0d0e0f", api.Of(ledger.DutyID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}).String())
	before := id
	for _, text := range []string{"", "0aff", "0AFF000000000001", "0aff00000000000g", "0aff0000000000011", " aff000000000001", strings.Repeat("0", 32)} {
		require.Error(t, id.UnmarshalText([]byte(text)), text)
		require.Equal(t, before, id)
	}
	require.Error(t, new(api.Digest).UnmarshalText([]byte(strings.Repeat("0", 16))))
}

func TestNamesOfTheRegistry(t *testing.T) {
	for s := credential.ServicePost; s <= credential.ServiceMaintenance; s++ {
		name, err := api.Service(s).MarshalText()
		require.NoError(t, err)
		var again api.Service
		require.NoError(t, again.UnmarshalText(name))
		require.Equal(t, s, credential.Service(again))
	}
	for _, bad := range []string{"", "none", "Post", "service-77", "0"} {
		require.Error(t, new(api.Service).UnmarshalText([]byte(bad)), bad)
	}
	const all = `["open","deliver","collect","return","service","read-log","configure"]`
	var a api.Actions
	require.NoError(t, json.Unmarshal([]byte(all), &a))
	again, err := json.Marshal(a)
	require.NoError(t, err)
	require.Equal(t, all, string(again))
	for _, bad := range []string{`[]`, `["open","open"]`, `["Open"]`, `"open"`, `[1]`, `7`, `null`, `["none"]`, `["open+deliver"]`} {
		require.Error(t, new(api.Actions).UnmarshalJSON([]byte(bad)), bad)
	}
	var one api.Action
	require.NoError(t, one.UnmarshalText([]byte("deliver")))
	require.Equal(t, credential.ActionDeliver, credential.Actions(one))
	require.Error(t, one.UnmarshalText([]byte("none")))
}

func TestProblemIsAnErrorWithAName(t *testing.T) {
	p := &api.Problem{Type: api.ProblemBase + "busy", Title: "too many requests at once", Status: 503, Detail: "try again later"}
	require.EqualError(t, p, "busy: too many requests at once: try again later")
	require.True(t, p.Temporary())
	p.Status = 422
	require.False(t, p.Temporary())
}
