package inspect

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// objects returns a good object of every kind but the receipt, by kind.
func objects(t *testing.T) map[string][]byte {
	t.Helper()
	w, err := world.New(2)
	require.NoError(t, err)
	all := map[string][]byte{"authority": w.Post.Authority().Bytes()}
	p, err := w.Factory(0)
	require.NoError(t, err)
	all["lock-certificate"] = p.Identities[0].Certificate
	add := func(kind string, b []byte, err error) {
		require.NoError(t, err)
		all[kind] = b
	}
	b, err := w.Round(nil)
	add("grant", b, err)
	b, err = w.Policy(4, nil)
	add("policy", b, err)
	r, err := issuer.NewRevoker(w.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	b, err = r.Revoke(credential.RevocationClaims{IssuedAt: w.Now, Version: 1})
	add("revocation-list", b, err)
	s, err := issuer.NewTimeSource(w.Key("post"), w.Post.Authority())
	require.NoError(t, err)
	b, err = s.State(w.Now, 60)
	add("time-token", b, err)
	return all
}

func TestObjectsAreNamed(t *testing.T) {
	for kind, b := range objects(t) {
		f, err := Any(b)
		require.NoError(t, err)
		require.Empty(t, f.Faults, kind)
		require.True(t, strings.HasPrefix(f.Kind, kind+", typ 650"), f.Kind)
		require.Contains(t, f.Text, "signed by the key")
		require.Contains(t, f.Text, "the signature was not verified")
		require.Contains(t, f.String(), "nothing is wrong with it")
	}
}

// TestSpoiltObjectsAreFound takes the last byte off, and puts one more behind.
func TestSpoiltObjectsAreFound(t *testing.T) {
	for kind, b := range objects(t) {
		for _, bad := range [][]byte{b[:len(b)-1], append(append([]byte(nil), b...), 0)} {
			f, err := Object(bad)
			require.NoError(t, err)
			require.NotEmpty(t, f.Faults, kind)
			require.Contains(t, f.String(), "WRONG: ")
		}
	}
}

func TestCBOR(t *testing.T) {
	f := CBOR(unhex(t, "00 38ff 4401020304 6161 820120 a10102 f4 f5 3bffffffffffffffff 43810102 5111111111111111111111111111111111 11 31"))
	require.Equal(t, `CBOR
   0  00                        0
   1  38ff                      -256
   3  4401020304                h'01020304'
   8  6161                      "a"
  10  82                        array of 2
  11  01                          1
  12  20                          -1
  13  a1                        map of 1
  14  0102                        1: 2
  16  f4                        false
  17  f5                        true
  18  3bffffffffffffffff        -18446744073709551616
  27  43                        byte string of 3 bytes that holds
  28  81                          array of 1
  29  01                            1
  30  02                          2
  31  511111111111111111111111  byte string of 17 bytes
      111111111111
  49  31                        -18
nothing is wrong with it, as far as it shows by itself
`, f.String())
}

func TestFaultsOfCBOR(t *testing.T) {
	for in, says := range map[string]string{
		"1800":                                   "byte 0: 0 is encoded in 2 bytes",
		"190010":                                 "16 is encoded in 3 bytes",
		"4401":                                   "a string of 4 bytes, of which 1 come",
		"8201":                                   "the data end where an item should be",
		"19":                                     "within the head",
		"9f01ff":                                 "indefinite length",
		"1c":                                     "reserved",
		"a2020001 00":                            "key 01 stands behind 02",
		"a201000100":                             "twice",
		"f6":                                     "simple or floating-point",
		"f90000":                                 "simple or floating-point",
		"61ff":                                   "not UTF-8",
		"c100":                                   "tag 1",
		"9bffffffffffffffff":                     "18446744073709551615 elements",
		strings.Repeat("81", 40) + "00":          "nested deeper",
		"5bffffffffffffffff00":                   "a string of 18446744073709551615 bytes",
		"a1" + strings.Repeat("81", 30) + "0000": "nested deeper",
	} {
		f := CBOR(unhex(t, in))
		require.NotEmpty(t, f.Faults, in)
		require.Contains(t, strings.Join(f.Faults, "\n"), says, in)
		whole(t, f, unhex(t, in))
	}
}

func TestAPDUs(t *testing.T) {
	for in, says := range map[string]string{
		"00a4040009f0504f535445524e0100": "nothing is wrong",
		"00a4040009f0504f535445524e0300": "a lock answers 6A82",
		"00a4000009f0504f535445524e0100": "a lock answers 6A86",
		"ff10000000":                     "a lock answers 6E00",
		"80b0000000":                     "a lock answers 6D00",
		"801000000501020300":             "a lock answers 6700",
		"80100000000001ff0000":           "extended length fields",
	} {
		f, err := Command(unhex(t, in))
		require.NoError(t, err)
		require.Contains(t, f.String(), says, in)
	}
	for in, says := range map[string]string{
		"6f1f851d840118" + "481020304050607080" + "50" + strings.Repeat("00", 16) + "9000": "answer to SELECT",
		"6f1e851d840100" + "481020304050607080" + "50" + strings.Repeat("00", 16) + "9000": "lengths behind 6F and 85",
		"006982": "an error status comes with data",
		"90":     "no response",
		"9000":   "response 9000",
	} {
		f, err := Response(unhex(t, in))
		require.NoError(t, err)
		require.Contains(t, f.String(), says, in)
	}
}

func TestAnyTellsThemApart(t *testing.T) {
	for in, kind := range map[string]string{
		"00a4040009f0504f535445524e0100": "command SELECT", "6a82": "response 6A82", "9000": "response 9000", "a10102": "CBOR", "8010000000": "command HANDSHAKE-1",
	} {
		f, err := Any(unhex(t, in))
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(f.Kind, kind), "%s: %s", in, f.Kind)
	}
	_, err := Any(nil)
	require.Error(t, err)
}

func TestTranscript(t *testing.T) {
	all := Transcript("> 00a40400 SELECT\n< 6a82  not found\n< nothing\n>\nnoise\n  > 80c0000000\n")
	require.Len(t, all, 3)
	require.Contains(t, all[1].Kind, "response 6A82")
	require.Contains(t, all[2].Kind, "GET RESPONSE")
}

// TestNestedStringsTakeNoTime opens strings in strings, each of which could be
// read twice.
func TestNestedStringsTakeNoTime(t *testing.T) {
	b := []byte{0x80, 0}
	for range 1000 {
		if len(b) > 255 {
			b = append([]byte{0x81, 0x59, byte(len(b) >> 8), byte(len(b))}, b...)
		} else {
			b = append([]byte{0x81, 0x58, byte(len(b))}, b...)
		}
	}
	began := time.Now()
	_ = CBOR(b)
	require.Less(t, time.Since(began), time.Second)
}

func FuzzAny(f *testing.F) {
	f.Add([]byte("\x84\x43\xa1\x01\x27\xa0\x40\x40"))
	f.Add([]byte("\x00\xA4\x04\x00\x09\xF0POSTERN\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := Any(b); err == nil {
			_ = x.String()
			whole(t, x, b)
		}
		whole(t, CBOR(b), b)
		whole(t, Plain("request", b), b)
		var talk Talk
		for _, ins := range []string{"\x00\xA4\x04\x00", "\x80\x10\x00\x00", "\x80\x12\x00\x00", "\x80\x16\x00\x00\x00"} {
			whole(t, talk.Command([]byte(ins)), []byte(ins))
			whole(t, talk.Response(b), b)
			whole(t, talk.Command(b), b)
		}
	})
}

// whole requires that the parts hold every byte, each once.
func whole(t *testing.T, f Finding, b []byte) {
	t.Helper()
	var all []byte
	for _, p := range f.Parts {
		require.Equal(t, len(all), p.At, "%+v", f)
		require.NotEmpty(t, p.Bytes, "%+v", f)
		all = append(all, p.Bytes...)
	}
	require.Equal(t, append([]byte(nil), b...), all, "%+v", f)
}
