package apdu_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

// fake is a handler that notes what it was given.  It answers with answer, or
// with the command's data where answer is its zero value.
type fake struct {
	commands []apdu.Command
	resets   int
	answer   apdu.Response
}

func (f *fake) Handle(c apdu.Command) apdu.Response {
	data := c.Data
	c.Data = bytes.Clone(c.Data)
	f.commands = append(f.commands, c)
	if f.answer.SW == 0 {
		return apdu.Response{Data: data, SW: apdu.StatusOK}
	}
	return f.answer
}

func (f *fake) Reset() { f.resets++ }

// step is one command of a script and the response that must come.
type step struct{ command, response string }

func play(t *testing.T, p apdu.Processor, steps ...step) {
	t.Helper()
	for i, s := range steps {
		require.Equal(t, unhex(t, s.response), bytes.Clone(p.Process(unhex(t, s.command))), "step %d", i)
	}
}

func TestCardHandsWholeCommandsToTheHandler(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}),
		step{"80100100", "9000"},
		step{"80100100 02", "9000"},
		step{"80100100 02 AABB 00", "AABB 9000"})
	require.Equal(t, []apdu.Command{
		{CLA: 0x80, INS: 0x10, P1: 1},
		{CLA: 0x80, INS: 0x10, P1: 1, Ne: 2},
		{CLA: 0x80, INS: 0x10, P1: 1, Data: unhex(t, "AABB"), Ne: 256},
	}, f.commands)
	require.Zero(t, f.resets)
}

func TestCardJoinsAChain(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}),
		step{"90120000 02 0102", "9000"},
		step{"90120000 03 030405 00", "9000"},
		step{"80120000 01 06 00", "010203040506 9000"})
	require.Equal(t, []apdu.Command{{CLA: 0x80, INS: 0x12, Data: unhex(t, "010203040506"), Ne: 256}}, f.commands)
}

func TestLinksMayHaveExtendedLengths(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{Extended: true}),
		step{"90140000 02 0102", "9000"},
		step{"80140000 000001 03 0002", "0102 6101"},
		step{"00C00000 01", "03 9000"})
	require.Len(t, f.commands, 1)
}

func TestForeignCommandDropsTheChain(t *testing.T) {
	for name, foreign := range map[string]string{
		"class 00":            "00120000 01 FF 00",
		"other INS":           "80140000 01 FF 00",
		"other P1":            "80120100 01 FF 00",
		"other P2":            "80120001 01 FF 00",
		"another chain":       "90140000 01 FF",
		"GET RESPONSE":        "00C00000 00",
		"GET RESPONSE of 90":  "90C00000 01 FF",
		"SELECT of class 80":  "80A40400 01 FF",
		"unknown instruction": "80990000 01 FF 00",
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			play(t, apdu.NewCard(f, apdu.CardConfig{}),
				step{"90120000 02 0102", "9000"},
				step{foreign, "6883"},
				step{"80120000 01 03 00", "03 9000"})
			require.Len(t, f.commands, 1)
			require.Equal(t, 1, f.resets)
		})
	}
}

func TestSelectIsCarriedOutInTheMiddleOfAChain(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}),
		step{"90120000 02 0102", "9000"},
		step{"00A40400 01 FF 00", "FF 9000"},
		step{"80120000 01 03 00", "03 9000"})
	require.Len(t, f.commands, 2)
	require.Zero(t, f.resets)
}

func TestUnknownClassChangesNothing(t *testing.T) {
	for _, cla := range []string{"01", "10", "20", "40", "81", "84", "91", "A0", "FF"} {
		f := &fake{}
		card := apdu.NewCard(f, apdu.CardConfig{})
		play(t, card,
			step{"90120000 02 0102", "9000"},
			step{cla + "120000 01 FF 00", "6E00"},
			step{"80120000 01 03 01", "01 6102"},
			step{cla + "A40400 00", "6E00"},
			step{"00C00000 00", "0203 9000"})
		require.Len(t, f.commands, 1)
		require.Zero(t, f.resets)
	}
}

func TestUnknownInstructionSparesTheTransaction(t *testing.T) {
	for _, command := range []string{
		"00990000 00", "80990000 00", "80180000 00", "80A40400 00", "90A40400 01 FF", "00100000 00",
		"00120000 00", "00140000 00", "90C00000 01 FF", "90990000 01 FF", "00B00000 00",
	} {
		f := &fake{}
		play(t, apdu.NewCard(f, apdu.CardConfig{}),
			step{"80120000 02 0102 01", "01 6101"},
			step{command, "6D00"},
			step{"80120000 02 0102 00", "0102 9000"})
		require.Len(t, f.commands, 2, command)
		require.Zero(t, f.resets, command)
	}
}

func TestMalformedCommandDropsEverything(t *testing.T) {
	f := &fake{}
	card := apdu.NewCard(f, apdu.CardConfig{})
	play(t, card,
		step{"90120000 02 0102", "9000"},
		step{"801200", "6700"},
		step{"80120000 01 03 00", "03 9000"})
	require.Equal(t, 1, f.resets)
	play(t, card,
		step{"80120000 02 0102 01", "01 6101"},
		step{"", "6700"},
		step{"00C00000 01", "6985"})
	require.Equal(t, 3, f.resets)
}

func TestLinkWithoutDataIsRefused(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}),
		step{"90120000", "6700"},
		step{"90120000 00", "6700"},
		step{"90120000 02 0102", "9000"},
		step{"80120000 00", "6700"})
	require.Equal(t, 3, f.resets)
	require.Empty(t, f.commands)
}

func TestChainIsBounded(t *testing.T) {
	f := &fake{}
	card := apdu.NewCard(f, apdu.CardConfig{})
	send := func(cla byte, n int) []byte {
		b, err := apdu.Command{CLA: cla, INS: 0x12, Data: fill(n)}.Bytes()
		require.NoError(t, err)
		return bytes.Clone(card.Process(b))
	}
	for range 4 {
		require.Equal(t, unhex(t, "9000"), send(0x90, 255))
	}
	require.Equal(t, unhex(t, "6100"), send(0x80, 4)) // 1024 in all, fetched by GET RESPONSE
	require.Len(t, f.commands[0].Data, 1024)
	for range 4 {
		require.Equal(t, unhex(t, "9000"), send(0x90, 255))
	}
	require.Equal(t, unhex(t, "6700"), send(0x80, 5)) // 1025
	for range 4 {
		require.Equal(t, unhex(t, "9000"), send(0x90, 255))
	}
	require.Equal(t, unhex(t, "6700"), send(0x90, 5))
	require.Len(t, f.commands, 1)
	require.Equal(t, 2, f.resets)
}

func TestSingleCommandIsBounded(t *testing.T) {
	f := &fake{}
	card := apdu.NewCard(f, apdu.CardConfig{Extended: true})
	for n, want := range map[int]string{1024: "9000", 1025: "6700", 65535: "6700"} {
		f.answer = apdu.Response{SW: apdu.StatusOK}
		b, err := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(n)}.Bytes()
		require.NoError(t, err)
		require.Equal(t, unhex(t, want), card.Process(b), n)
	}
	require.Len(t, f.commands, 1)
}

func TestExtendedLengthNeedsTheConfiguration(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}), step{"80120000 000001 01", "6700"}, step{"80120000 000000", "6700"})
	require.Empty(t, f.commands)
	play(t, apdu.NewCard(f, apdu.CardConfig{Extended: true}), step{"80120000 000001 01", "6101"})
}

func TestExtendedLeGetsTheAnswerInOnePiece(t *testing.T) {
	f := &fake{answer: apdu.Response{Data: fill(1024), SW: apdu.StatusOK}}
	card := apdu.NewCard(f, apdu.CardConfig{Extended: true})
	require.Equal(t, append(fill(1024), 0x90, 0x00), card.Process(unhex(t, "80120000 000000")))
	require.Equal(t, append(fill(1024), 0x90, 0x00), card.Process(unhex(t, "80120000 000400")))
	require.Equal(t, append(fill(1024)[:1023], 0x61, 0x01), card.Process(unhex(t, "80120000 0003FF")))
}

func TestShortLeSplitsTheAnswer(t *testing.T) {
	f := &fake{answer: apdu.Response{Data: fill(600), SW: apdu.StatusOK}}
	card := apdu.NewCard(f, apdu.CardConfig{})
	want := fill(600)
	require.Equal(t, append(bytes.Clone(want[:256]), 0x61, 0x00), card.Process(unhex(t, "8012000000")))
	require.Equal(t, append(bytes.Clone(want[256:356]), 0x61, 244), card.Process(unhex(t, "00C0000064")))
	require.Equal(t, append(bytes.Clone(want[356:357]), 0x61, 243), card.Process(unhex(t, "80C0000001")))
	require.Equal(t, append(bytes.Clone(want[357:600]), 0x90, 0x00), card.Process(unhex(t, "00C0000000")))
	require.Equal(t, unhex(t, "6985"), card.Process(unhex(t, "00C0000000")))
}

func TestAnswerOfExactlyLeHasNoRest(t *testing.T) {
	f := &fake{answer: apdu.Response{Data: fill(256), SW: apdu.StatusOK}}
	card := apdu.NewCard(f, apdu.CardConfig{})
	require.Equal(t, append(fill(256), 0x90, 0x00), card.Process(unhex(t, "8012000000")))
	require.Equal(t, append(fill(256)[:255], 0x61, 0x01), card.Process(unhex(t, "80120000FF")))
}

func TestCommandWithoutLeCanBeFetched(t *testing.T) {
	f := &fake{}
	play(t, apdu.NewCard(f, apdu.CardConfig{}),
		step{"80120000 02 0102", "6102"},
		step{"00C00000 02", "0102 9000"})
}

func TestRestIsForgottenByTheNextCommand(t *testing.T) {
	for name, next := range map[string]step{
		"a command":             {"80140000", "9000"},
		"a chain":               {"90140000 01 01", "9000"},
		"GET RESPONSE with P1":  {"00C00100 00", "6A86"},
		"GET RESPONSE data":     {"00C00000 01 01 00", "6700"},
		"GET RESPONSE data, P1": {"00C00100 01 01 00", "6700"},
		"GET RESPONSE, no Le":   {"00C00000", "6700"},
		"GET RESPONSE, chained": {"90C00000 01 01", "6D00"},
		"unknown instruction":   {"80990000 00", "6D00"},
		"too short":             {"00", "6700"},
		"GET RESPONSE extended": {"00C00000 000000", "6700"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			card := apdu.NewCard(f, apdu.CardConfig{})
			play(t, card, step{"80120000 02 0102 01", "01 6101"}, next)
			got := card.Process(unhex(t, "00C0000001"))
			require.NotEqual(t, unhex(t, "9000"), got[len(got)-2:])
		})
	}
}

func TestResetForgetsChainAndRest(t *testing.T) {
	f := &fake{}
	card := apdu.NewCard(f, apdu.CardConfig{})
	play(t, card, step{"90120000 02 0102", "9000"})
	card.Reset()
	play(t, card, step{"80120000 02 0304 01", "03 6101"})
	card.Reset()
	play(t, card, step{"00C00000 01", "6985"})
	require.Equal(t, 3, f.resets)
}

func TestHandlersFaultsBecome6F00(t *testing.T) {
	for name, r := range map[string]apdu.Response{
		"too long":         {Data: fill(1025), SW: apdu.StatusOK},
		"no status word":   {SW: 0x0001},
		"the card's 61xx":  {SW: 0x6105},
		"the card's 6Cxx":  {SW: 0x6C05},
		"60xx, null bytes": {SW: 0x6001},
	} {
		f := &fake{answer: r}
		require.Equal(t, unhex(t, "6F00"), apdu.NewCard(f, apdu.CardConfig{}).Process(unhex(t, "8012000000")), name)
		require.Equal(t, 1, f.resets, name)
	}
}

func TestDataGoOutWith9000Only(t *testing.T) {
	for _, sw := range []apdu.Status{apdu.StatusRefused, 0x6282, 0x9001} {
		f := &fake{answer: apdu.Response{Data: fill(10), SW: sw}}
		card := apdu.NewCard(f, apdu.CardConfig{})
		require.Equal(t, []byte{byte(sw >> 8), byte(sw)}, card.Process(unhex(t, "8012000000")))
		require.Zero(t, f.resets)
		play(t, card, step{"00C0000000", "6985"})
	}
}

func TestCardWithoutHandlerFailsClosed(t *testing.T) {
	card := apdu.NewCard(nil, apdu.CardConfig{Extended: true})
	for _, s := range []string{"", "00A4040000", "80100000", "00C0000000"} {
		require.Equal(t, unhex(t, "6F00"), card.Process(unhex(t, s)))
	}
	card.Reset()
}

// An answer that is a part of the command must survive a caller that reads
// every command into the same buffer.
func TestRestDoesNotAliasTheCommand(t *testing.T) {
	card := apdu.NewCard(&fake{}, apdu.CardConfig{})
	buffer := unhex(t, "80120000 02 0102 01")
	require.Equal(t, unhex(t, "01 6101"), card.Process(buffer))
	get := buffer[:copy(buffer, unhex(t, "00C00000 01"))]
	buffer[6] = 0xEE
	require.Equal(t, unhex(t, "02 9000"), card.Process(get))
}
