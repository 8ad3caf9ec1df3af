package edhoc

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
)

// logPageOf returns a page of n bytes, none of them zero.
func logPageOf(n int) []byte {
	page := make([]byte, n)
	for i := range page {
		page[i] = byte(i%255 + 1)
	}
	return page
}

// fresh is the nonce of a transaction.
var fresh = [16]byte{0xF0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// sealByTheFormulas seals a page by chapter 19 with the standard library's HKDF.
func sealByTheFormulas(t testing.TB, key LogKey, page []byte) []byte {
	t.Helper()
	whole := append(bytes.Clone(page), make([]byte, 768-len(page))...)
	sum := sha256.Sum256(whole)
	expand := func(info []byte, length int) []byte {
		b, err := hkdf.Expand(sha256.New, key[:], string(info), length)
		require.NoError(t, err)
		return b
	}
	salt := expand(append(append(append([]byte{0x01, 0x58, 0x30}, sum[:]...), fresh[:]...), 0x10), 16)
	okm := expand(append(append([]byte{0x02, 0x50}, salt...), 0x18, 0x1D), 29)
	aead, err := suite.NewCCM([16]byte(okm))
	require.NoError(t, err)
	sealed, err := aead.Seal([13]byte(okm[16:]), whole, nil)
	require.NoError(t, err)
	return append(salt, sealed...)
}

func TestLogPagesByTheFormulas(t *testing.T) {
	key := LogKey(bytes.Repeat([]byte{0x11}, 32))
	for _, n := range []int{0, 1, 102, 767, 768} {
		page := logPageOf(n)
		sealed, err := key.Seal(page, fresh)
		require.NoError(t, err)
		require.Len(t, sealed, SealedLogLength)
		require.Equal(t, sealByTheFormulas(t, key, page), sealed)
		opened, err := key.Open(sealed)
		require.NoError(t, err)
		require.Equal(t, append(page, make([]byte, 768-n)...), opened)
	}
}

// TestLogPageOfAnotherImplementation has its values from AESCCM and HKDFExpand of
// the Python package cryptography.
func TestLogPageOfAnotherImplementation(t *testing.T) {
	var key LogKey
	for i := range key {
		key[i] = byte(i)
	}
	page := []byte{0x83, 0x48}
	for i := range 100 {
		page = append(page, byte(i+1))
	}
	sealed, err := key.Seal(page, fresh)
	require.NoError(t, err)
	require.Equal(t, fromHex(t, "54f750126e02ca1c4481f9165bca09ce"), sealed[:16])
	require.Equal(t, fromHex(t, "d0d961a3e5c98e92"), sealed[len(sealed)-8:])
	sum := sha256.Sum256(sealed)
	require.Equal(t, fromHex(t, "da1aaea8bb20fae5cdb9bdfedfcf247ac51d24f47cff6fff412af2b4e4d93170"), sum[:])
}

func TestLogPageThatIsTooLongIsNotSealed(t *testing.T) {
	sealed, err := new(LogKey).Seal(make([]byte, 769), fresh)
	requireFault(t, err, ErrLimit, "page")
	require.Nil(t, sealed)
}

func TestSealedLogPagesOfOtherLengthsDoNotOpen(t *testing.T) {
	var key LogKey
	sealed, err := key.Seal(nil, fresh)
	require.NoError(t, err)
	for n := range sealed {
		_, err := key.Open(sealed[:n])
		requireFault(t, err, ErrDecrypt, "page")
	}
	_, err = key.Open(append(sealed, 0))
	requireFault(t, err, ErrDecrypt, "page")
}

func TestAlteredLogPagesDoNotOpen(t *testing.T) {
	var key LogKey
	sealed, err := key.Seal(logPageOf(300), fresh)
	require.NoError(t, err)
	for i := range sealed {
		for _, change := range []byte{0x01, 0x80, 0xFF} {
			altered := bytes.Clone(sealed)
			altered[i] ^= change
			page, err := key.Open(altered)
			require.ErrorIs(t, err, ErrDecrypt, "byte %d", i)
			require.Nil(t, page)
		}
	}
}

func TestLogPagesDoNotOpenUnderAnotherKey(t *testing.T) {
	sealed, err := new(LogKey).Seal(logPageOf(300), fresh)
	require.NoError(t, err)
	_, err = (&LogKey{31: 1}).Open(sealed)
	require.ErrorIs(t, err, ErrDecrypt)
}

// TestLogPagesShareNothing seals pages that differ in one bit: neither salt nor
// what follows it tells that they are alike.
func TestLogPagesShareNothing(t *testing.T) {
	var key LogKey
	one, err := key.Seal([]byte{1}, fresh)
	require.NoError(t, err)
	other, err := key.Seal([]byte{0}, fresh)
	require.NoError(t, err)
	same := 0
	for i := range one {
		if one[i] == other[i] {
			same++
		}
	}
	require.Less(t, same, len(one)/10)
	again, err := key.Seal([]byte{1}, fresh)
	require.NoError(t, err)
	require.Equal(t, one, again, "no chance takes part")
	later, err := key.Seal([]byte{1}, [16]byte{})
	require.NoError(t, err)
	require.NotEqual(t, one[:16], later[:16], "nobody can tell whether a page is the same")
}

func TestLogKeyOfARun(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		key, err := x.exporterI.LogKey(selectHash)
		require.NoError(t, err)
		want, err := x.exporterI.Export(32771, selectHash, 32)
		require.NoError(t, err)
		require.Equal(t, want, key[:])
		other, err := x.exporterR.LogKey(selectHash)
		require.NoError(t, err)
		require.Equal(t, key, other)
		another, err := x.exporterR.LogKey(make([]byte, 32))
		require.NoError(t, err)
		require.NotEqual(t, key, another)
	})
}

func TestLogKeyWantsAWholeHash(t *testing.T) {
	_, err := new(Exporter).LogKey(make([]byte, 31))
	requireFault(t, err, ErrLocal, "selectHash")
	_, err = new(Exporter).LogKey(make([]byte, 32))
	require.ErrorIs(t, err, ErrUsed)
}

func TestLogKeysAreNotPrinted(t *testing.T) {
	k := LogKey(bytes.Repeat([]byte{0xAB}, 32))
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d"} {
		require.Equal(t, "edhoc.LogKey", fmt.Sprintf(verb, k))
		require.Equal(t, "edhoc.LogKey", fmt.Sprintf(verb, &k))
	}
}

// FuzzOpenLogPage gives any bytes for a sealed page: what opens is a whole page.
func FuzzOpenLogPage(f *testing.F) {
	key := LogKey{1}
	for _, n := range []int{0, 300, 768} {
		f.Add(sealByTheFormulas(f, key, logPageOf(n)))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		page, err := key.Open(sealed)
		if err != nil {
			requireOwnError(t, err)
			return
		}
		require.Len(t, page, 768)
	})
}

// TestBlindHead derives a head's stand-in with the standard library's HKDF.
func TestBlindHead(t *testing.T) {
	key, head := LogKey{7}, [32]byte{9}
	blind, err := key.Blind(head)
	require.NoError(t, err)
	want, err := hkdf.Expand(sha256.New, key[:], string(append(append([]byte{0x03, 0x58, 0x20}, head[:]...), 0x18, 0x20)), 32)
	require.NoError(t, err)
	require.Equal(t, want, blind[:])
}
