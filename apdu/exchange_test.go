package apdu_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

// script is a transceiver that answers with what it was told to, and notes the
// commands.
type script struct {
	commands [][]byte
	answers  [][]byte
	fail     error // given when the answers are used up
}

func (s *script) Transceive(_ context.Context, command []byte) ([]byte, error) {
	s.commands = append(s.commands, bytes.Clone(command))
	if len(s.answers) == 0 {
		if s.fail == nil {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, s.fail
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer, nil
}

func scripted(t *testing.T, answers ...string) *script {
	s := &script{}
	for _, a := range answers {
		s.answers = append(s.answers, unhex(t, a))
	}
	return s
}

var command = apdu.Command{CLA: 0x80, INS: 0x12, Data: []byte{1, 2}, Ne: 256}

func TestExchangeSendsTheShortFormWhereItFits(t *testing.T) {
	for _, extended := range []bool{false, true} {
		s := scripted(t, "AABB 9000")
		r, err := apdu.Exchange(t.Context(), s, command, apdu.Options{Extended: extended})
		require.NoError(t, err)
		require.Equal(t, apdu.Response{Data: unhex(t, "AABB"), SW: apdu.StatusOK}, r)
		require.Equal(t, [][]byte{unhex(t, "80120000 02 0102 00")}, s.commands)
	}
}

func TestExchangeSendsTheExtendedFormWhereAllowed(t *testing.T) {
	long := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(1024), Ne: 1024}
	s := scripted(t, "9000")
	_, err := apdu.Exchange(t.Context(), s, long, apdu.Options{Extended: true})
	require.NoError(t, err)
	require.Equal(t, [][]byte{append(append(unhex(t, "80120000 000400"), fill(1024)...), 4, 0)}, s.commands)
}

func TestExchangeChainsWhereExtendedIsNotAllowed(t *testing.T) {
	for n, pieces := range map[int][]int{256: {255, 1}, 510: {255, 255}, 511: {255, 255, 1}, 1024: {255, 255, 255, 255, 4}} {
		long := apdu.Command{CLA: 0x80, INS: 0x12, P1: 3, P2: 4, Data: fill(n), Ne: 65536}
		s := scripted(t)
		for range pieces {
			s.answers = append(s.answers, unhex(t, "9000"))
		}
		_, err := apdu.Exchange(t.Context(), s, long, apdu.Options{})
		require.NoError(t, err)
		require.Len(t, s.commands, len(pieces))
		var joined []byte
		for i, b := range s.commands {
			c, err := apdu.ParseCommand(b)
			require.NoError(t, err)
			want := apdu.Command{CLA: 0x90, INS: 0x12, P1: 3, P2: 4, Data: c.Data}
			if i == len(pieces)-1 {
				want.CLA, want.Ne = 0x80, 256
			}
			require.Equal(t, want, c)
			require.Len(t, c.Data, pieces[i])
			joined = append(joined, c.Data...)
		}
		require.Equal(t, fill(n), joined)
	}
}

func TestGreatNeAloneIsCutWhereExtendedIsNotAllowed(t *testing.T) {
	s := scripted(t, "9000")
	_, err := apdu.Exchange(t.Context(), s, apdu.Command{CLA: 0x80, INS: 0x12, Ne: 1024}, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, [][]byte{unhex(t, "8012000000")}, s.commands)
}

func TestExchangeFetchesWhatIsHeldBack(t *testing.T) {
	s := scripted(t, "0102 6103", "03 6102", "0405 9000")
	r, err := apdu.Exchange(t.Context(), s, command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, apdu.Response{Data: unhex(t, "0102030405"), SW: apdu.StatusOK}, r)
	require.Equal(t, unhex(t, "00C0000003"), s.commands[1])
	require.Equal(t, unhex(t, "00C0000002"), s.commands[2])
}

func TestExchangeFetches256For6100(t *testing.T) {
	s := scripted(t, "6100", "01 9000")
	_, err := apdu.Exchange(t.Context(), s, command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "00C0000000"), s.commands[1])
}

func TestExchangeRepeatsOnceWithTheLengthNamed(t *testing.T) {
	s := scripted(t, "6C02", "0102 9000")
	r, err := apdu.Exchange(t.Context(), s, command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "0102"), r.Data)
	require.Equal(t, unhex(t, "80120000 02 0102 02"), s.commands[1])

	s = scripted(t, "6C02", "6C03")
	r, err = apdu.Exchange(t.Context(), s, command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, apdu.Response{SW: 0x6C03}, r)
	require.Len(t, s.commands, 2)
}

func TestExchangeRepeatsGetResponseOnce(t *testing.T) {
	s := scripted(t, "6105", "6C02", "0102 9000")
	r, err := apdu.Exchange(t.Context(), s, command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, unhex(t, "0102"), r.Data)
	require.Equal(t, unhex(t, "00C0000002"), s.commands[2])
}

func TestLengthIsNotNamedForACommandWithoutLe(t *testing.T) {
	s := scripted(t, "6C02")
	r, err := apdu.Exchange(t.Context(), s, apdu.Command{CLA: 0x80, INS: 0x12}, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, apdu.Response{SW: 0x6C02}, r)
	require.Len(t, s.commands, 1)
}

func TestErrorStatusIsAnAnswer(t *testing.T) {
	r, err := apdu.Exchange(t.Context(), scripted(t, "6982"), command, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, apdu.Response{SW: apdu.StatusRefused}, r)
}

// TestErrorStatusWhileTheAnswerIsFetched is no refusal: 61xx said that the command
// was carried out.
func TestErrorStatusWhileTheAnswerIsFetched(t *testing.T) {
	_, err := apdu.Exchange(t.Context(), scripted(t, "01 6105", "6985"), command, apdu.Options{})
	require.ErrorIs(t, err, apdu.ErrResponse)
	var fault *apdu.Error
	require.ErrorAs(t, err, &fault)
	require.True(t, fault.Sent)
}

func TestRefusedChainEndsEarly(t *testing.T) {
	s := scripted(t, "9000", "6700")
	long := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(1024)}
	r, err := apdu.Exchange(t.Context(), s, long, apdu.Options{})
	require.NoError(t, err)
	require.Equal(t, apdu.Response{SW: apdu.StatusWrongLength}, r)
	require.Len(t, s.commands, 2)
}

// TestDataBeforeAnErrorStatus: the status word alone counts.
func TestDataBeforeAnErrorStatus(t *testing.T) {
	for _, answer := range []string{"01 6982", "0102030405060708 6F00", "01 6A82"} {
		r, err := apdu.Exchange(t.Context(), scripted(t, answer), apdu.Command{CLA: 0x80, INS: 0x12, Ne: 1}, apdu.Options{})
		require.NoError(t, err)
		require.Empty(t, r.Data)
		require.True(t, r.SW.IsError())
	}
}

func TestAnswersAgainstTheRulesAreRefused(t *testing.T) {
	long := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(300), Ne: 256}
	for name, tc := range map[string]struct {
		command apdu.Command
		answers []string
		sent    bool
	}{
		"nothing":                        {command, []string{""}, true},
		"one byte":                       {command, []string{"90"}, true},
		"no status word":                 {command, []string{"0102"}, true},
		"more data than asked for":       {apdu.Command{Ne: 1}, []string{"0102 9000"}, true},
		"data without Le":                {apdu.Command{}, []string{"01 9000"}, true},
		"more than was announced":        {command, []string{"6101", "0102 9000"}, true},
		"an empty piece":                 {command, []string{"6101", "6101"}, true},
		"an empty last piece":            {command, []string{"6101", "9000"}, true},
		"data in the middle of a chain":  {long, []string{"01 9000"}, false},
		"61xx in the middle of a chain":  {long, []string{"6101"}, false},
		"nonsense in the middle of it":   {long, []string{"0000"}, false},
		"6Cxx, then more than it named":  {command, []string{"6C01", "0102 9000"}, true},
		"error status and data, fetched": {command, []string{"6102", "01 6982"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := apdu.Exchange(t.Context(), scripted(t, tc.answers...), tc.command, apdu.Options{})
			require.ErrorIs(t, err, apdu.ErrResponse)
			require.Zero(t, r)
			var e *apdu.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.sent, e.Sent)
		})
	}
}

// drip answers every command with the same response.
type drip []byte

func (d drip) Transceive(context.Context, []byte) ([]byte, error) { return d, nil }

func TestWholeAnswerIsBounded(t *testing.T) {
	full := drip(append(fill(256), 0x61, 0x00))
	_, err := apdu.Exchange(t.Context(), full, command, apdu.Options{})
	require.ErrorIs(t, err, apdu.ErrLimit)

	one := drip(append(make([]byte, 1025), 0x90, 0x00))
	_, err = apdu.Exchange(t.Context(), one, apdu.Command{CLA: 0x80, Ne: 65536}, apdu.Options{Extended: true})
	require.ErrorIs(t, err, apdu.ErrLimit)
}

func TestNumberOfPiecesIsBounded(t *testing.T) {
	tracer := apdu.NewTracer(drip{0x01, 0x61, 0x01})
	_, err := apdu.Exchange(t.Context(), tracer, command, apdu.Options{})
	require.ErrorIs(t, err, apdu.ErrLimit)
	require.Equal(t, 65, tracer.Cost().Pairs)
}

func TestCommandsThatCannotBeSent(t *testing.T) {
	for name, tc := range map[string]struct {
		c    apdu.Command
		kind error
	}{
		"chaining bit set": {apdu.Command{CLA: 0x90}, apdu.ErrClass},
		"1025 bytes":       {apdu.Command{Data: fill(1025)}, apdu.ErrLimit},
		"negative Ne":      {apdu.Command{Ne: -1}, apdu.ErrLength},
		"Ne of 65537":      {apdu.Command{Ne: 65537}, apdu.ErrLength},
	} {
		s := scripted(t)
		_, err := apdu.Exchange(t.Context(), s, tc.c, apdu.Options{Extended: true})
		require.ErrorIs(t, err, tc.kind, name)
		require.Empty(t, s.commands, name)
	}
}

func TestLostLinkSaysWhetherTheCommandHadLeft(t *testing.T) {
	long := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(300), Ne: 256}
	for name, tc := range map[string]struct {
		command apdu.Command
		answers []string
		sent    bool
	}{
		"a single command":      {command, nil, true},
		"the first of a chain":  {long, nil, false},
		"the last of a chain":   {long, []string{"9000"}, true},
		"while it is fetched":   {command, []string{"6102"}, true},
		"the repeat after 6Cxx": {command, []string{"6C02"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			gone := errors.New("field gone")
			s := scripted(t, tc.answers...)
			s.fail = gone
			_, err := apdu.Exchange(t.Context(), s, tc.command, apdu.Options{})
			require.ErrorIs(t, err, apdu.ErrLink)
			require.ErrorIs(t, err, gone)
			var e *apdu.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.sent, e.Sent)
		})
	}
}

// cancelAfter cancels the context once n commands have been answered.
type cancelAfter struct {
	apdu.Transceiver
	n      int
	cancel context.CancelFunc
}

func (c *cancelAfter) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	r, err := c.Transceiver.Transceive(ctx, command)
	if c.n--; c.n == 0 {
		c.cancel()
	}
	return r, err
}

func TestCancelledContextEndsTheExchange(t *testing.T) {
	long := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(300), Ne: 256}
	for answered, sent := range map[int]bool{1: false, 2: true, 3: true} {
		ctx, cancel := context.WithCancel(t.Context())
		s := scripted(t, "9000", "6102", "01 6101", "01 9000")
		_, err := apdu.Exchange(ctx, &cancelAfter{s, answered, cancel}, long, apdu.Options{})
		require.ErrorIs(t, err, apdu.ErrLink)
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, s.commands, answered)
		var e *apdu.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, sent, e.Sent)
	}
}

func TestCancelledContextSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := &fake{}
	_, err := apdu.Exchange(ctx, apdu.Direct(apdu.NewCard(f, apdu.CardConfig{})), command, apdu.Options{})
	require.ErrorIs(t, err, context.Canceled)
	var e *apdu.Error
	require.ErrorAs(t, err, &e)
	require.False(t, e.Sent)
	_, err = apdu.Direct(apdu.NewCard(f, apdu.CardConfig{})).Transceive(ctx, unhex(t, "80120000"))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, f.commands)
}

// Whatever lengths two sides use, the handler sees the command and the phone
// the answer.
func TestExchangeOverACardIsTransparent(t *testing.T) {
	lengths := []int{0, 1, 2, 254, 255, 256, 257, 510, 511, 512, 768, 1023, 1024}
	for _, extended := range []bool{false, true} {
		for _, ne := range []int{1, 100, 255, 256, 257, 1024, 65536} {
			for _, in := range lengths {
				for _, out := range lengths {
					if out/ne > 64 {
						continue // more pieces than Exchange fetches
					}
					f := &fake{answer: apdu.Response{Data: fill(out), SW: apdu.StatusOK}}
					card := apdu.Direct(apdu.NewCard(f, apdu.CardConfig{Extended: extended}))
					c := apdu.Command{CLA: 0x80, INS: 0x12, Data: fill(in), Ne: ne}
					r, err := apdu.Exchange(t.Context(), card, c, apdu.Options{Extended: extended})
					require.NoError(t, err)
					require.True(t, bytes.Equal(fill(out), r.Data))
					require.Equal(t, apdu.StatusOK, r.SW)
					require.Len(t, f.commands, 1)
					require.True(t, bytes.Equal(fill(in), f.commands[0].Data))
				}
			}
		}
	}
}

func TestErrorsNameRuleAndField(t *testing.T) {
	cause := errors.New("cause")
	e := &apdu.Error{Kind: apdu.ErrLink, Field: "transceive", Err: cause}
	require.Equal(t, "apdu: link failed (transceive): cause", e.Error())
	require.Equal(t, "apdu: link failed (Le)", (&apdu.Error{Kind: apdu.ErrLink, Field: "Le"}).Error())
}

func TestDirectGivesTheCallerItsOwnBytes(t *testing.T) {
	link := apdu.Direct(apdu.NewCard(&fake{}, apdu.CardConfig{}))
	first, err := link.Transceive(t.Context(), unhex(t, "80120000 01 AA 00"))
	require.NoError(t, err)
	_, err = link.Transceive(t.Context(), unhex(t, "80120000 01 BB 00"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "AA 9000"), first)
}
