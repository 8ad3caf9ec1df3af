package apdu_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

func FuzzParseCommand(f *testing.F) {
	for _, tc := range cases {
		b, err := tc.command.AppendTo(nil, tc.extended)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := apdu.ParseCommand(b)
		if err != nil {
			require.ErrorIs(t, err, apdu.ErrLength)
			return
		}
		again, err := c.AppendTo(nil, apdu.IsExtended(b))
		require.NoError(t, err)
		require.Equal(t, b, again)
		require.NotEmpty(t, c.Name())
	})
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte{0x90, 0x00})
	f.Add([]byte{1, 2, 0x61, 0x10})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := apdu.ParseResponse(b)
		if err != nil {
			return
		}
		again, err := r.Bytes()
		require.NoError(t, err)
		require.Equal(t, b, again)
		require.NotEmpty(t, r.SW.String())
	})
}

// messages cuts fuzz data into messages: two bytes of length, then the bytes.
func messages(b []byte) [][]byte {
	var out [][]byte
	for len(b) >= 2 {
		n := min(int(b[0])<<8|int(b[1]), len(b)-2)
		out = append(out, b[2:2+n])
		b = b[2+n:]
	}
	return out
}

func joined(t testing.TB, messages ...string) []byte {
	var out []byte
	for _, m := range messages {
		b := unhex(t, m)
		out = append(append(out, byte(len(b)>>8), byte(len(b))), b...)
	}
	return out
}

// checker is a handler that holds the card to its promises.
type checker struct{ t *testing.T }

func (c checker) Handle(cmd apdu.Command) apdu.Response {
	require.Contains(c.t, []string{"SELECT", "HANDSHAKE-1", "HANDSHAKE-2", "REQUEST", "RESUME"}, cmd.Name())
	require.LessOrEqual(c.t, len(cmd.Data), 1024)
	if len(cmd.Data) > 1 {
		return apdu.Response{Data: cmd.Data[2:], SW: apdu.Status(cmd.Data[0])<<8 | apdu.Status(cmd.Data[1])}
	}
	return apdu.Response{Data: make([]byte, int(cmd.P1)<<8|int(cmd.P2)), SW: apdu.StatusOK}
}

func (checker) Reset() {}

func FuzzCard(f *testing.F) {
	f.Add(false, joined(f, "00A4040009F0504F535445524E0100", "9012000003900001", "8012000003AABBCC01", "00C0000001", "00C0000000"))
	f.Add(true, joined(f, "80120300000000", "80120300", "00C00000000100", "00C0000000"))
	f.Add(true, joined(f, "9012000001FF", "00C0000000", "", "80"))
	f.Fuzz(func(t *testing.T, extended bool, b []byte) {
		card := apdu.NewCard(checker{t}, apdu.CardConfig{Extended: extended})
		for _, m := range messages(b) {
			before := bytes.Clone(m)
			response := card.Process(m)
			require.Equal(t, before, m)
			r, err := apdu.ParseResponse(response)
			require.NoError(t, err)
			require.False(t, r.SW != apdu.StatusOK && r.SW.More() == 0 && len(r.Data) > 0)
			c, err := apdu.ParseCommand(m)
			if err != nil {
				require.Equal(t, apdu.StatusWrongLength, r.SW)
				continue
			}
			require.LessOrEqual(t, len(r.Data), min(c.Ne, 1024))
		}
	})
}

// replies is a transceiver that gives one message after the other, and then
// no more.
type replies [][]byte

func (r *replies) Transceive(context.Context, []byte) ([]byte, error) {
	if len(*r) == 0 {
		return nil, io.EOF
	}
	b := (*r)[0]
	*r = (*r)[1:]
	return b, nil
}

func FuzzExchange(f *testing.F) {
	f.Add(uint16(2), uint32(256), false, joined(f, "0102 9000"))
	f.Add(uint16(300), uint32(1024), false, joined(f, "9000", "01 6102", "6C01", "02 6101", "03 9000"))
	f.Add(uint16(300), uint32(1024), true, joined(f, "6C01", "01 6100", "6982"))
	f.Fuzz(func(t *testing.T, length uint16, ne uint32, extended bool, b []byte) {
		link := replies(messages(b))
		tracer := apdu.NewTracer(&link)
		c := apdu.Command{CLA: 0x80, INS: 0x12, Data: make([]byte, length), Ne: int(ne)}
		r, err := apdu.Exchange(t.Context(), tracer, c, apdu.Options{Extended: extended})
		require.NoError(t, tracer.Print(io.Discard))
		require.LessOrEqual(t, tracer.Cost().Pairs, 5+1+2*64)
		for _, p := range tracer.Pairs() {
			_, err := apdu.ParseCommand(p.Command)
			require.NoError(t, err)
		}
		if err != nil {
			var e *apdu.Error
			require.ErrorAs(t, err, &e)
			require.Zero(t, r)
			return
		}
		require.True(t, r.SW.Valid())
		require.Zero(t, r.SW.More())
		require.LessOrEqual(t, len(r.Data), 1024)
	})
}
