package edhoc

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
)

// selectHash stands for the hash of a SELECT command and its answer.
var selectHash = func() []byte { h := sha256.Sum256([]byte("SELECT")); return h[:] }()

// channels returns the two ends of the channel of a new run.
func channels(t testing.TB) (phone, lock *Channel) {
	t.Helper()
	x := newFixture(t, 0, "kid").run(t)
	phone, err := NewChannel(x.exporterI, selectHash, true)
	require.NoError(t, err)
	lock, err = NewChannel(x.exporterR, selectHash, false)
	require.NoError(t, err)
	return phone, lock
}

func seal(t testing.TB, c *Channel, plaintext string) []byte {
	t.Helper()
	ciphertext, err := c.Seal([]byte(plaintext))
	require.NoError(t, err)
	return ciphertext
}

// requireDead checks that a channel has ended in both directions.
func requireDead(t testing.TB, c *Channel, valid []byte) {
	t.Helper()
	plaintext, err := c.Open(valid)
	require.ErrorIs(t, err, ErrClosed)
	require.Nil(t, plaintext)
	ciphertext, err := c.Seal(nil)
	require.ErrorIs(t, err, ErrClosed)
	require.Nil(t, ciphertext)
}

func TestChannelCarriesBothDirections(t *testing.T) {
	phone, lock := channels(t)
	for n := range wire.LimitRequests {
		request := fmt.Sprint("request ", n)
		got, err := lock.Open(seal(t, phone, request))
		require.NoError(t, err)
		require.Equal(t, request, string(got))
		response := fmt.Sprint("response ", n)
		got, err = phone.Open(seal(t, lock, response))
		require.NoError(t, err)
		require.Equal(t, response, string(got))
	}
}

// TestChannelBytes computes the messages again from the standard's text, with
// nothing of the channel but its labels.
func TestChannelBytes(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	keys, err := x.exporterR.Export(32768, selectHash, 58)
	require.NoError(t, err)
	phone, err := NewChannel(x.exporterI, selectHash, true)
	require.NoError(t, err)
	lock, err := NewChannel(x.exporterR, selectHash, false)
	require.NoError(t, err)
	for _, side := range []struct {
		channel *Channel
		key, iv []byte
	}{{phone, keys[:16], keys[32:45]}, {lock, keys[16:32], keys[45:58]}} {
		aead, err := suite.NewCCM([16]byte(side.key))
		require.NoError(t, err)
		for n := range byte(3) {
			nonce := [13]byte(side.iv)
			nonce[12] ^= n
			want, err := aead.Seal(nonce, []byte("message"), nil)
			require.NoError(t, err)
			require.Equal(t, want, seal(t, side.channel, "message"))
		}
	}
}

func TestChannelRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault func(t *testing.T, phone, lock *Channel) []byte
		kind  Kind
	}{
		{"reordering", func(t *testing.T, phone, _ *Channel) []byte {
			seal(t, phone, "first")
			return seal(t, phone, "second")
		}, ErrDecrypt},
		{"replay", func(t *testing.T, phone, lock *Channel) []byte {
			first := seal(t, phone, "first")
			_, err := lock.Open(first)
			require.NoError(t, err)
			return first
		}, ErrDecrypt},
		{"reflection", func(t *testing.T, _, lock *Channel) []byte { return seal(t, lock, "response") }, ErrDecrypt},
		{"empty", func(*testing.T, *Channel, *Channel) []byte { return nil }, ErrDecrypt},
		{"another context", func(t *testing.T, _, _ *Channel) []byte {
			x := newFixture(t, 0, "kid").run(t)
			other, err := NewChannel(x.exporterI, make([]byte, 32), true)
			require.NoError(t, err)
			return seal(t, other, "request")
		}, ErrDecrypt},
		{"length", func(*testing.T, *Channel, *Channel) []byte { return make([]byte, maxMessage+1) }, ErrLimit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			phone, lock := channels(t)
			plaintext, err := lock.Open(tt.fault(t, phone, lock))
			require.ErrorIs(t, err, tt.kind)
			require.Nil(t, plaintext)
			requireDead(t, lock, seal(t, phone, "next"))
		})
	}
}

func TestChannelRefusesEveryChange(t *testing.T) {
	phone, lock := channels(t)
	message := seal(t, phone, "request")
	for _, changed := range changesOf(message, false) {
		end := &Channel{out: lock.out, in: &direction{aead: lock.in.aead, iv: lock.in.iv}}
		plaintext, err := end.Open(changed)
		require.ErrorIs(t, err, ErrDecrypt)
		require.Nil(t, plaintext)
		requireDead(t, end, message)
	}
	plaintext, err := lock.Open(message)
	require.NoError(t, err)
	require.Equal(t, "request", string(plaintext))
}

func TestChannelIsUsedUp(t *testing.T) {
	phone, lock := channels(t)
	for range wire.LimitRequests {
		_, err := lock.Open(seal(t, phone, "request"))
		require.NoError(t, err)
	}
	ciphertext, err := phone.Seal([]byte("one too many"))
	require.ErrorIs(t, err, ErrLimit)
	require.Nil(t, ciphertext)

	// The last response still comes in, and the other side refuses one more.
	_, err = phone.Open(seal(t, lock, "response"))
	require.NoError(t, err)
	_, err = lock.Open(make([]byte, 16))
	require.ErrorIs(t, err, ErrLimit)
	requireDead(t, lock, nil)
}

func TestChannelCountsInBytesOfTheNonce(t *testing.T) {
	d := &direction{iv: [ivLength]byte(bytes.Repeat([]byte{0xa5}, ivLength))}
	seen := map[[ivLength]byte]bool{}
	for n := range wire.LimitRequests {
		nonce, err := d.nonce()
		require.NoError(t, err)
		require.False(t, seen[nonce])
		seen[nonce] = true
		require.Equal(t, bytes.Repeat([]byte{0xa5}, ivLength-1), nonce[:ivLength-1])
		require.Equal(t, byte(n)^0xa5, nonce[ivLength-1])
	}
	_, err := d.nonce()
	require.ErrorIs(t, err, ErrLimit)
}

func TestSealOfTooMuchUsesNoNumber(t *testing.T) {
	phone, lock := channels(t)
	_, err := phone.Seal(make([]byte, maxMessage-ChannelOverhead+1))
	require.ErrorIs(t, err, ErrLimit)
	longest := make([]byte, maxMessage-ChannelOverhead)
	plaintext, err := lock.Open(seal(t, phone, string(longest)))
	require.NoError(t, err)
	require.Equal(t, longest, plaintext)
}

func TestChannelNeedsARunAndAHash(t *testing.T) {
	x := newFixture(t, 0, "kid").run(t)
	for _, hash := range [][]byte{nil, make([]byte, 31), make([]byte, 33)} {
		_, err := NewChannel(x.exporterI, hash, true)
		requireFault(t, err, ErrLocal, "selectHash")
	}
	_, err := NewChannel(x.exporterI, selectHash, true)
	require.NoError(t, err)
	for _, hash := range [][]byte{selectHash, make([]byte, 32)} {
		_, err = NewChannel(x.exporterI, hash, true)
		require.ErrorIs(t, err, ErrUsed)
	}
	_, err = x.exporterI.Export(wire.LabelResumption, nil, 32)
	require.NoError(t, err, "the exporter serves other purposes still")
}

func TestZeroChannelHasEnded(t *testing.T) {
	requireDead(t, new(Channel), make([]byte, 16))
}

// changesOf returns every truncation of a message, every extension by one byte
// and every change of one byte: of all values of the byte, or of one bit only.
func changesOf(message []byte, allValues bool) [][]byte {
	var changes [][]byte
	for n := range message {
		changes = append(changes, slices.Clone(message[:n]))
		for difference := 1; difference < 256; difference++ {
			if allValues || difference&(difference-1) == 0 {
				changed := slices.Clone(message)
				changed[n] ^= byte(difference)
				changes = append(changes, changed)
			}
		}
	}
	for last := range 256 {
		changes = append(changes, append(slices.Clone(message), byte(last)))
	}
	return changes
}
