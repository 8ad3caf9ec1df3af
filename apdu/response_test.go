package apdu_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

func TestResponseRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 1024, 65536} {
		r := apdu.Response{SW: apdu.StatusOK}
		if n > 0 {
			r.Data = fill(n)
		}
		b, err := r.AppendTo([]byte("before"))
		require.NoError(t, err)
		require.Equal(t, append(append([]byte("before"), fill(n)...), 0x90, 0x00), b)
		parsed, err := apdu.ParseResponse(b[6:])
		require.NoError(t, err)
		require.Equal(t, r, parsed)
		require.Equal(t, len(parsed.Data), cap(parsed.Data))
	}
}

func TestParseResponseRefuses(t *testing.T) {
	long := append(make([]byte, 65537), 0x90, 0x00)
	for name, tc := range map[string]struct {
		b    []byte
		kind error
	}{
		"nothing":            {nil, apdu.ErrLength},
		"half a status word": {[]byte{0x90}, apdu.ErrLength},
		"65537 bytes":        {long, apdu.ErrLength},
		"status 0000":        {[]byte{0, 0}, apdu.ErrStatus},
		"status 60xx":        {[]byte{0x60, 0x00}, apdu.ErrStatus},
		"status 8000":        {[]byte{0x80, 0x00}, apdu.ErrStatus},
		"data, no status":    {[]byte{0x90, 0x00, 0x11, 0x22}, apdu.ErrStatus},
	} {
		_, err := apdu.ParseResponse(tc.b)
		require.ErrorIs(t, err, tc.kind, name)
	}
}

func TestEveryTruncatedResponseIsRefusedOrAnother(t *testing.T) {
	r := apdu.Response{Data: unhex(t, "9000 6182 6100 0102"), SW: apdu.StatusOK}
	whole, err := r.Bytes()
	require.NoError(t, err)
	for n := range whole {
		got, err := apdu.ParseResponse(whole[:n])
		if err != nil {
			continue
		}
		again, err := got.Bytes()
		require.NoError(t, err)
		require.True(t, bytes.Equal(whole[:n], again))
	}
}

func TestResponseAppendToRefuses(t *testing.T) {
	got, err := apdu.Response{Data: make([]byte, 65537), SW: apdu.StatusOK}.AppendTo([]byte("x"))
	require.ErrorIs(t, err, apdu.ErrLength)
	require.Equal(t, "x", string(got))
	got, err = apdu.Response{SW: 0x6000}.AppendTo([]byte("x"))
	require.ErrorIs(t, err, apdu.ErrStatus)
	require.Equal(t, "x", string(got))
}

func TestStatusWordsSayWhatTheyMean(t *testing.T) {
	for sw, want := range map[apdu.Status]string{
		apdu.StatusOK:            "9000 ok",
		apdu.StatusRefused:       "6982 refused",
		apdu.StatusOutOfOrder:    "6985 out-of-order",
		apdu.StatusChainExpected: "6883 chain-expected",
		0x6101:                   "6101 1 more to fetch",
		0x6100:                   "6100 256 bytes or more to fetch",
		0x6C10:                   "6C10 wrong Le, 16 available",
		0x6C00:                   "6C00 wrong Le, 256 available",
		0x6282:                   "6282 warning",
		0x6581:                   "6581 execution error",
		0x6A80:                   "6A80 checking error",
		0x9111:                   "9111 of the application's own",
		0x1234:                   "1234 not a status word",
		0x6000:                   "6000 not a status word",
	} {
		require.Equal(t, want, sw.String())
	}
}

func TestStatusClasses(t *testing.T) {
	for sw := range 0x10000 {
		s := apdu.Status(sw)
		hi := byte(sw >> 8)
		require.Equal(t, hi>>4 == 9 || hi > 0x60 && hi <= 0x6F, s.Valid(), s)
		require.Equal(t, !s.Valid() || hi >= 0x64 && hi <= 0x6F, s.IsError(), s)
		require.Equal(t, hi == 0x61, s.More() > 0, s)
		require.Equal(t, hi == 0x6C, s.Available() > 0, s)
		require.Equal(t, sw == 0x9000, s.IsOK(), s)
	}
	require.Equal(t, 256, apdu.Status(0x6100).More())
	require.Equal(t, 1, apdu.Status(0x6C01).Available())
}
