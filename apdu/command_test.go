package apdu_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

// unhex reads hexadecimal digits; blanks are for the reader.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	require.NoError(t, err)
	return b
}

// cases are one command for each case and form of ISO/IEC 7816-4, 5.2.
var cases = []struct {
	name     string
	command  apdu.Command
	extended bool
	head     string // the encoding up to the data
	tail     string // and after it
}{
	{"case 1", apdu.Command{CLA: 0x80, INS: 0x14, P1: 1, P2: 2}, false, "80140102", ""},
	{"case 2 short", apdu.Command{INS: 0xC0, Ne: 17}, false, "00C0000011", ""},
	{"case 2 short, 255", apdu.Command{INS: 0xC0, Ne: 255}, false, "00C00000FF", ""},
	{"case 2 short, 256", apdu.Command{INS: 0xC0, Ne: 256}, false, "00C0000000", ""},
	{"case 3 short, 1 byte", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(1)}, false, "8010000001", ""},
	{"case 3 short, 255 bytes", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(255)}, false, "80100000FF", ""},
	{"case 4 short", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(3), Ne: 256}, false, "8010000003", "00"},
	{"case 4 short, 255 bytes", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(255), Ne: 1}, false, "80100000FF", "01"},
	{"case 2 extended", apdu.Command{INS: 0xC0, Ne: 17}, true, "00C00000 000011", ""},
	{"case 2 extended, 257", apdu.Command{INS: 0xC0, Ne: 257}, true, "00C00000 000101", ""},
	{"case 2 extended, 65535", apdu.Command{INS: 0xC0, Ne: 65535}, true, "00C00000 00FFFF", ""},
	{"case 2 extended, 65536", apdu.Command{INS: 0xC0, Ne: 65536}, true, "00C00000 000000", ""},
	{"case 3 extended, 1 byte", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(1)}, true, "80100000 000001", ""},
	{"case 3 extended, 256 bytes", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(256)}, true, "80100000 000100", ""},
	{"case 3 extended, 65535 bytes", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(65535)}, true, "80100000 00FFFF", ""},
	{"case 4 extended", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(300), Ne: 1024}, true, "80100000 00012C", "0400"},
	{"case 4 extended, 65536", apdu.Command{CLA: 0x80, INS: 0x10, Data: fill(2), Ne: 65536}, true, "80100000 000002", "0000"},
}

// fill returns n bytes that differ from their neighbours.
func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8 + 1)
	}
	return b
}

func TestCommandEncodesEveryCase(t *testing.T) {
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			want := append(append(unhex(t, tc.head), tc.command.Data...), unhex(t, tc.tail)...)
			got, err := tc.command.AppendTo([]byte("before"), tc.extended)
			require.NoError(t, err)
			require.Equal(t, "before", string(got[:6]))
			require.Equal(t, want, got[6:])
			require.Equal(t, tc.extended, apdu.IsExtended(want))

			parsed, err := apdu.ParseCommand(want)
			require.NoError(t, err)
			require.Equal(t, tc.command, parsed)
		})
	}
}

func TestCommandWithoutLengthsHasNoForm(t *testing.T) {
	b, err := apdu.Command{CLA: 0x80, INS: 0x14}.AppendTo(nil, true)
	require.NoError(t, err)
	require.Equal(t, unhex(t, "80140000"), b)
}

func TestBytesPrefersTheShortForm(t *testing.T) {
	for _, tc := range cases {
		b, err := tc.command.Bytes()
		require.NoError(t, err)
		fits := len(tc.command.Data) <= 255 && tc.command.Ne <= 256
		require.Equal(t, fits, tc.command.FitsShort(), tc.name)
		require.Equal(t, !fits, apdu.IsExtended(b), tc.name)
	}
}

func TestSelectIsTheCommandOfTheStandard(t *testing.T) {
	b, err := apdu.Select(unhex(t, "F0504F535445524E01")).Bytes()
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00A4040009 F0504F535445524E01 00"), b)
}

func TestParseCommandRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"nothing":                             "",
		"half a header":                       "8010",
		"header less one":                     "801000",
		"short Lc without data":               "80100000 0201",
		"short, a byte after Le":              "80100000 0101 0000",
		"Lc of zero before Le":                "80100000 0000",
		"extended Lc of zero with Le":         "80100000 000000 0000",
		"extended Lc of zero with data":       "80100000 000000 01",
		"extended Lc, data short by one":      "80100000 000003 0102",
		"extended, half an Le":                "80100000 000001 01 00",
		"extended, a byte after Le":           "80100000 000001 01 0000 00",
		"short Lc and extended Le":            "80100000 01 01 000000",
		"extended Lc and three bytes of Le":   "80100000 000001 01 000000",
		"extended Lc greater than everything": "80100000 00FFFF 01",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := apdu.ParseCommand(unhex(t, s))
			require.ErrorIs(t, err, apdu.ErrLength)
			var e *apdu.Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Field)
		})
	}
}

// Every truncation and every extension by one byte either is refused or is
// another command that encodes to exactly those bytes.
func TestTruncationsAndExtensionsNeverPassForTheCommand(t *testing.T) {
	for _, tc := range cases {
		if len(tc.command.Data) > 1024 {
			continue
		}
		whole, err := tc.command.AppendTo(nil, tc.extended)
		require.NoError(t, err)
		for n := range whole {
			requireExact(t, tc.command, whole[:n])
		}
		for last := range 256 {
			requireExact(t, tc.command, append(bytes.Clone(whole), byte(last)))
		}
	}
}

func TestEveryChangedByteGivesAnotherCommandOrNone(t *testing.T) {
	for _, tc := range cases {
		if len(tc.command.Data) > 300 {
			continue
		}
		whole, err := tc.command.AppendTo(nil, tc.extended)
		require.NoError(t, err)
		for i := range whole {
			for bit := range 8 {
				changed := bytes.Clone(whole)
				changed[i] ^= 1 << bit
				requireExact(t, tc.command, changed)
			}
		}
	}
}

func requireExact(t *testing.T, original apdu.Command, b []byte) {
	t.Helper()
	c, err := apdu.ParseCommand(b)
	if err != nil {
		require.ErrorIs(t, err, apdu.ErrLength)
		return
	}
	require.NotEqual(t, original, c)
	again, err := c.AppendTo(nil, apdu.IsExtended(b))
	require.NoError(t, err)
	require.Equal(t, b, again)
}

func TestAppendToRefusesWhatDoesNotFit(t *testing.T) {
	for name, tc := range map[string]struct {
		c        apdu.Command
		extended bool
		field    string
	}{
		"short data of 256 bytes":      {apdu.Command{Data: fill(256)}, false, "Lc"},
		"extended data of 65536 bytes": {apdu.Command{Data: fill(65536)}, true, "Lc"},
		"short Ne of 257":              {apdu.Command{Ne: 257}, false, "Le"},
		"extended Ne of 65537":         {apdu.Command{Ne: 65537}, true, "Le"},
		"negative Ne":                  {apdu.Command{Ne: -1}, false, "Le"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tc.c.AppendTo([]byte("before"), tc.extended)
			require.ErrorIs(t, err, apdu.ErrLength)
			require.ErrorContains(t, err, tc.field)
			require.Equal(t, "before", string(got))
		})
	}
	_, err := apdu.Command{Ne: 65537}.Bytes()
	require.ErrorIs(t, err, apdu.ErrLength)
}

func TestParsedDataIsAPartOfTheInputAndCannotGrowOverIt(t *testing.T) {
	for _, s := range []string{"80100000 02 AABB 11", "80100000 000002 AABB 0011"} {
		b := unhex(t, s)
		c, err := apdu.ParseCommand(b)
		require.NoError(t, err)
		require.Equal(t, len(c.Data), cap(c.Data))
		copy(c.Data, "xy")
		require.Contains(t, string(b), "xy")
	}
}
