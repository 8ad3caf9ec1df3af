package holder_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/worldtest"
)

// printed returns everything that fmt makes of the values.
func printed(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
	}
	return b.String()
}

// requireWithout requires that no piece of 8 bytes of the secret is in the text,
// in any way of writing bytes.
func requireWithout(t *testing.T, text string, secret []byte) {
	t.Helper()
	low := strings.ToLower(text)
	for i := 0; i+8 <= len(secret); i++ {
		piece := secret[i : i+8]
		require.NotContains(t, text, string(piece))
		require.NotContains(t, low, hex.EncodeToString(piece))
		require.NotContains(t, text, strings.Trim(fmt.Sprint(piece), "[]"))
		require.NotContains(t, low, strings.Trim(fmt.Sprintf("%#v", piece)[7:], "{}"))
	}
	require.NotContains(t, text, base64.StdEncoding.EncodeToString(secret))
}

// ephemeral is a random source that keeps what it gave.
type ephemeral struct {
	next  interface{ Read([]byte) (int, error) }
	given []byte
}

func (e *ephemeral) Read(p []byte) (int, error) {
	n, err := e.next.Read(p)
	e.given = append(e.given, p[:n]...)
	return n, err
}

// TestNothingSecretIsPrinted prints phones, keys, results and the errors of
// everything that can go wrong, and looks for private keys.
func TestNothingSecretIsPrinted(t *testing.T) {
	w := worldtest.New(t)
	twoSuites(t, w)
	var seeds [][]byte
	for _, p := range []*holder.Phone{w.NeighbourPhone(t), p256Phone(t, w, "owner", nil)} {
		random := &ephemeral{next: p.Rand}
		p.Rand = random
		var text strings.Builder
		text.WriteString(printed(p.Key))
		for at := range 5 {
			r, err := p.Open(t.Context(), cut{delivered: true}.cutter(w, at, nil), credential.OperationOpen)
			text.WriteString(printed(r, err))
			w.Lock.Reset()
		}
		for _, c := range impostors {
			f, q := newFake(t, w), w.NeighbourPhone(t)
			q.Rand = random
			c.change(t, w, f, q, credential.LockClaims{Key: worldtest.Public(t, "lock"), IssuedAt: w.Now - 50*worldtest.Day, ID: w.LockID})
			r, err := q.Open(t.Context(), f.link(), credential.OperationOpen)
			text.WriteString(printed(r, err))
		}
		f := newFake(t, w)
		f.answer = func(int, message.Request) []byte { return []byte{0xA0} }
		r, err := w.NeighbourPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
		text.WriteString(printed(r, err))

		p.Rand = nil // whose bytes are the app's own matter
		text.WriteString(printed(p, *p))
		require.NotEmpty(t, random.given)
		for i := 0; i+32 <= len(random.given); i += 32 {
			seeds = append(seeds, random.given[i:i+32])
		}
		for _, seed := range append(seeds, privateBytes(t, "neighbour"), privateBytes(t, "owner")) {
			requireWithout(t, text.String(), seed)
		}
	}
}

// TestErrorsHoldNothingOfTheHolder: an app may send them to its developer.
func TestErrorsHoldNothingOfTheHolder(t *testing.T) {
	w := worldtest.New(t)
	p := w.NeighbourPhone(t)
	for at := range 5 {
		_, err := p.Open(t.Context(), cut{delivered: true, lasting: true}.cutter(w, at, nil), credential.OperationOpen)
		requireWithout(t, printed(err), p.Grant)
		requireWithout(t, printed(err), p.Key.PublicKey().X())
		w.Lock.Reset()
	}
}

// TestTheSecretsAreLookedForRightly shows that requireWithout can fail.
func TestTheSecretsAreLookedForRightly(t *testing.T) {
	secret := privateBytes(t, "neighbour")
	for _, text := range []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)), fmt.Sprint(secret), fmt.Sprintf("%#v", secret),
	} {
		inner := new(testing.T)
		done := make(chan struct{})
		go func() { defer close(done); requireWithout(inner, "x "+text+" y", secret) }()
		<-done
		require.True(t, inner.Failed(), text)
	}
}

// privateBytes returns the private keys with the name.
func privateBytes(t *testing.T, name string) []byte {
	t.Helper()
	key := worldtest.Key(name)
	seed, ok := key.(interface{ Seed() []byte })
	require.True(t, ok)
	scalar, err := p256Key(t, name).(interface{ Bytes() ([]byte, error) }).Bytes()
	require.NoError(t, err)
	return append(bytes.Clone(seed.Seed()), scalar...)
}
