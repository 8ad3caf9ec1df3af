package service

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/examples/operator/api"
)

// FuzzDecode takes what hostile clients may send: whatever is taken says the same
// when it is written again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"key":"ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a","receipt":"AA","certificates":["AA"]}`))
	f.Add([]byte(`{"id":"01000000000000000000000000000000","holder":"p256:02","area":"RlI","service":"post","actions":["deliver"],"notBefore":1,"expires":2}`))
	f.Add([]byte(`{"logs":[{"lock":"1020304050607080","pages":["AA"]}]}`))
	f.Add([]byte(`{"to":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		again[api.Registration](t, data)
		again[api.Duty](t, data)
		again[api.Logs](t, data)
		again[api.Loss](t, data)
		again[api.Parcel](t, data)
	})
}

func again[T any](t *testing.T, data []byte) {
	var first, second T
	if decode(data, &first) != nil {
		return
	}
	text, err := json.Marshal(first)
	require.NoError(t, err)
	require.NoError(t, decode(text, &second), string(text))
	require.Equal(t, first, second)
}
