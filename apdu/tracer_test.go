package apdu_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

func TestTracerCountsHeadersAndStatusWords(t *testing.T) {
	tracer := apdu.NewTracer(scripted(t, "0102 9000", "6982"))
	_, err := tracer.Transceive(t.Context(), unhex(t, "80120000 01 AA 00"))
	require.NoError(t, err)
	_, err = tracer.Transceive(t.Context(), unhex(t, "80140000"))
	require.NoError(t, err)
	require.Equal(t, apdu.Cost{Pairs: 2, Bytes: 7 + 4 + 4 + 2}, tracer.Cost())
	require.Equal(t, []apdu.Pair{
		{Command: unhex(t, "80120000 01 AA 00"), Response: unhex(t, "0102 9000")},
		{Command: unhex(t, "80140000"), Response: unhex(t, "6982")},
	}, tracer.Pairs())
	tracer.Reset()
	require.Zero(t, tracer.Cost())
	require.Empty(t, tracer.Pairs())
}

func TestTracerCountsACommandWithoutAnswer(t *testing.T) {
	gone := errors.New("field gone")
	tracer := apdu.NewTracer(&script{fail: gone})
	_, err := tracer.Transceive(t.Context(), unhex(t, "80140000"))
	require.Equal(t, gone, err)
	require.Equal(t, apdu.Cost{Pairs: 1, Bytes: 4}, tracer.Cost())
	require.Equal(t, gone, tracer.Pairs()[0].Err)
	require.Nil(t, tracer.Pairs()[0].Response)
}

func TestTracerKeepsCopies(t *testing.T) {
	tracer := apdu.NewTracer(scripted(t, "9000"))
	b := unhex(t, "80140000")
	r, err := tracer.Transceive(t.Context(), b)
	require.NoError(t, err)
	b[0], r[0] = 0, 0
	require.Equal(t, unhex(t, "80140000"), tracer.Pairs()[0].Command)
	require.Equal(t, unhex(t, "9000"), tracer.Pairs()[0].Response)
}

func TestPrintShowsWhatIsNoCommandAndNoResponse(t *testing.T) {
	tracer := apdu.NewTracer(scripted(t, "01"))
	_, err := tracer.Transceive(t.Context(), unhex(t, "8014"))
	require.NoError(t, err)
	_, err = tracer.Transceive(t.Context(), unhex(t, "80140000"))
	require.Error(t, err)
	var s strings.Builder
	require.NoError(t, tracer.Print(&s))
	require.Equal(t, `  1 ->    2 bytes  not a command
       8014
    <-    1 bytes  not a response
       01
  2 ->    4 bytes  REQUEST
       80140000
    <- no answer   unexpected EOF
2 pairs, 7 bytes
`, s.String())
}

type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, os.ErrClosed
	}
	return len(p), nil
}

func TestPrintReturnsTheWritersError(t *testing.T) {
	tracer := apdu.NewTracer(scripted(t, "9000"))
	_, err := tracer.Transceive(t.Context(), unhex(t, "80140000"))
	require.NoError(t, err)
	require.ErrorIs(t, tracer.Print(&broken{left: 0}), os.ErrClosed)
	require.ErrorIs(t, tracer.Print(&broken{left: 80}), os.ErrClosed)
}

func TestCommandNames(t *testing.T) {
	for s, want := range map[string]string{
		"00A40400":      "SELECT",
		"80A40400":      "CLA 80 INS A4",
		"00C0000000":    "GET RESPONSE",
		"80C0000000":    "GET RESPONSE",
		"80100000":      "HANDSHAKE-1",
		"80120000":      "HANDSHAKE-2",
		"90120000 0101": "HANDSHAKE-2, more follows",
		"10A40400 0101": "CLA 10 INS A4",
		"80140000":      "REQUEST",
		"00140000":      "CLA 00 INS 14",
		"80990000":      "CLA 80 INS 99",
		"90990000 0101": "CLA 90 INS 99",
	} {
		c, err := apdu.ParseCommand(unhex(t, s))
		require.NoError(t, err)
		require.Equal(t, want, c.Name())
	}
}

// lamp is the smallest handler: one command that answers with its own data.
type lamp struct{}

func (lamp) Handle(c apdu.Command) apdu.Response {
	if c.CLA != 0x80 || c.INS != 0x14 {
		return apdu.Response{SW: apdu.StatusInsUnknown}
	}
	return apdu.Response{Data: c.Data, SW: apdu.StatusOK}
}

func (lamp) Reset() {}

// A phone sends 300 bytes with short length fields to a card in the same
// process: a chain of two commands, and GET RESPONSE for the rest of the
// answer.
func ExampleExchange() {
	tracer := apdu.NewTracer(apdu.Direct(apdu.NewCard(lamp{}, apdu.CardConfig{})))
	command := apdu.Command{CLA: 0x80, INS: 0x14, Data: make([]byte, 300), Ne: 256}
	response, err := apdu.Exchange(context.Background(), tracer, command, apdu.Options{})
	fmt.Println(len(response.Data), response.SW, err)
	for _, pair := range tracer.Pairs() {
		c, _ := apdu.ParseCommand(pair.Command)
		fmt.Println(c.Name())
	}
	fmt.Println(tracer.Cost().Pairs, "pairs")
	// Output:
	// 300 9000 ok <nil>
	// REQUEST, more follows
	// REQUEST
	// GET RESPONSE
	// 3 pairs
}

func ExampleTracer() {
	tracer := apdu.NewTracer(apdu.Direct(apdu.NewCard(lamp{}, apdu.CardConfig{})))
	tracer.Annotate = func(p apdu.Pair) []string {
		return []string{fmt.Sprintf("the card gave %d bytes back", len(p.Response)-2)}
	}
	command := apdu.Command{CLA: 0x80, INS: 0x14, Data: bytes.Repeat([]byte{0xAB}, 34), Ne: 256}
	if _, err := apdu.Exchange(context.Background(), tracer, command, apdu.Options{}); err != nil {
		fmt.Println(err)
	}
	if err := tracer.Print(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	//   1 ->   40 bytes  REQUEST
	//        8014000022ABABABABABABABABABABABABABABABABABABABABABABABABABABAB
	//        ABABABABABABAB00
	//     <-   36 bytes  9000 ok
	//        ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB
	//        ABAB9000
	//        # the card gave 34 bytes back
	// 1 pairs, 76 bytes
}
