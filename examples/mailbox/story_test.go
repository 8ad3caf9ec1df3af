package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// listener is a teller that keeps what it hears.
type listener struct {
	printer
	story *story
	all   []record
}

func (l *listener) begin(s *story) error { l.story = s; return l.printer.begin(s) }

func (l *listener) step(number int, r record) error {
	l.all = append(l.all, r)
	return l.printer.step(number, r)
}

// playAll plays the story once and returns its steps.
func playAll(t *testing.T) []record {
	t.Helper()
	l := &listener{printer: printer{w: io.Discard}}
	faults, err := tell(l, expectations)
	require.NoError(t, err)
	require.Empty(t, faults)
	return l.all
}

func stepNamed(t *testing.T, name string) record {
	t.Helper()
	for _, r := range playAll(t) {
		if r.name == name {
			return r
		}
	}
	require.Fail(t, "no step "+name)
	return record{}
}

func TestVerboseShowsEveryByte(t *testing.T) {
	var out bytes.Buffer
	l := &listener{printer: printer{w: &out, verbose: true}}
	_, err := tell(l, expectations)
	require.NoError(t, err)
	shown := regexp.MustCompile(`\s`).ReplaceAllString(out.String(), "")
	for _, r := range l.all {
		for _, pair := range r.link.Pairs() {
			require.Contains(t, shown, fmt.Sprintf("%X", pair.Command))
			require.Contains(t, shown, fmt.Sprintf("%X", pair.Response))
		}
	}
}

// The story says that what stands in brackets is sealed.  No key and no
// signature of a credential is on the link in the clear.
func TestListenerReadsNoCredential(t *testing.T) {
	l := &listener{printer: printer{w: io.Discard}}
	_, err := tell(l, expectations)
	require.NoError(t, err)
	secret := [][]byte{l.story.post.Authority().Bytes(), l.story.owner.PublicKey().X()}
	for _, i := range l.story.box.config.Identities {
		secret = append(secret, i.Certificate, publicKey(i).X())
	}
	for _, r := range l.all {
		if r.phone != nil {
			kid := credential.KeyIDOf(r.phone.Key.PublicKey())
			secret = append(secret, r.phone.Key.PublicKey().X(), kid[:])
		}
		if r.phone != nil && r.phone.Grant != nil {
			signature := r.phone.Grant[len(r.phone.Grant)-64:]
			secret = append(secret, r.phone.Grant, signature)
		}
	}
	for _, r := range l.all {
		for _, pair := range r.link.Pairs() {
			for _, s := range secret {
				require.False(t, bytes.Contains(pair.Command, s), r.name)
				require.False(t, bytes.Contains(pair.Response, s), r.name)
			}
		}
	}
}

func TestEveryPairIsExplained(t *testing.T) {
	for _, r := range playAll(t) {
		readings := r.readings()
		require.Len(t, readings, len(r.link.Pairs()), r.name)
		for i, x := range readings {
			require.NotEmpty(t, x.command, "%s, pair %d", r.name, i+1)
			require.NotEmpty(t, x.answer, "%s, pair %d", r.name, i+1)
		}
	}
}

func TestFirstVisitIsExplained(t *testing.T) {
	r := stepNamed(t, "postman-first-visit")
	require.Equal(t, []reading{
		{"name of the application", "version, lock id, nonce"},
		{"suite, one-time key; with certificate", "one-time key [certificate, signature]"},
		{"[grant, signature] [deliver]", "[the issuer's certificate is missing]"},
		{"[certificate] [deliver]", "[opened]"},
	}, r.readings())
}

// The floor follows the post's grants, the owner's policies and the time that is
// fetched, and rises even when the answer is lost, or the tap is refused.
func TestFloorFollowsSignedDates(t *testing.T) {
	rises := map[string]credential.Time{
		"first-policy":             credential.At(at(movingIn, 10, 0)),
		"postman-first-visit":      credential.At(at(monday, 5, 30)),
		"postman-second-visit":     credential.At(at(tuesday, 5, 30)),
		"lost-late":                credential.At(at(wednesday, 5, 30)),
		"courier-brings-block":     credential.At(at(blockDay, 19, 0)),
		"postman-blocked":          credential.At(at(blockedDay, 5, 30)),
		"postman-lifts-block":      credential.At(at(liftDay, 5, 30)),
		"child-on-friday":          credential.At(at(friday, 16, 30)),
		"child-opens":              credential.At(at(saturday, 10, 15)),
		"child-again":              credential.At(at(saturday, 10, 40)),
		"neighbour-carries-notice": credential.At(at(leaving, 17, 0)),
		"postman-sees-notice":      credential.At(at(holiday, 5, 30)),
		"postman-carries-denial":   credential.At(at(denialDay, 5, 30)),
		"stand-in-delivers":        credential.At(at(theftDay, 5, 30)),
		"postman-carries-sale":     credential.At(at(saleDay, 5, 30)),
	}
	for _, r := range playAll(t) {
		if rises[r.name] != 0 {
			require.Equal(t, rises[r.name], r.floorAfter, r.name)
			require.Greater(t, r.floorAfter, r.floorBefore, r.name)
			continue
		}
		require.Equal(t, r.floorBefore, r.floorAfter, r.name)
	}
}

func TestPhonesAdviceToThePerson(t *testing.T) {
	want := map[string]holder.Advice{
		"thief-commissions":   holder.AdviceSecret,
		"next-street":         holder.AdviceWrongBox,
		"yesterdays-grant":    holder.AdviceRenew,
		"impostor-self-made":  holder.AdviceUpdate,
		"impostor-other-lock": holder.AdviceReport,
		"impostor-recording":  holder.AdviceReport,
		"lost-early":          holder.AdviceTapAgain,
		"lost-late":           holder.AdviceLook,
		"child-on-friday":     holder.AdviceHours,
		"child-again":         holder.AdviceRenew,
		"sitter-denied":       holder.AdviceAskIssuer,
	}
	for _, r := range playAll(t) {
		if advice, ok := want[r.name]; ok {
			require.Equal(t, advice, r.result.Advice, r.name)
		}
	}
}

func TestReplayThatIsNotRefusedIsNoRefusal(t *testing.T) {
	good := transceiver(func([]byte) ([]byte, error) { return []byte{0x90, 0x00}, nil })
	recorded := []apdu.Pair{{Command: []byte{0x80, 0x14, 0, 0}}}
	require.Equal(t, credential.OutcomeUnconfirmed, replay(good, recorded).result.Outcome)
	gone := transceiver(func([]byte) ([]byte, error) { return nil, errFieldLost })
	require.ErrorIs(t, replay(gone, recorded).err, errFieldLost)
}

func TestProlongNeedsTheExpiry(t *testing.T) {
	_, _, err := prolong([]byte{0x04, 0x1A, 0, 0, 0, 1}, 2, 3)
	require.Error(t, err)
	altered, offset, err := prolong([]byte{0xFF, 0x04, 0x1A, 0, 0, 0, 1}, 1, 0x0203)
	require.NoError(t, err)
	require.Equal(t, 3, offset)
	require.Equal(t, []byte{0xFF, 0x04, 0x1A, 0, 0, 2, 3}, altered)
}

func TestRecordingEnds(t *testing.T) {
	r := &recording{[]apdu.Pair{{Response: []byte{0x90, 0x00}}}}
	answer, err := r.Transceive(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, []byte{0x90, 0x00}, answer)
	_, err = r.Transceive(t.Context(), nil)
	require.ErrorIs(t, err, io.EOF)
}

func TestFold(t *testing.T) {
	require.Equal(t, "", fold(nil))
	require.Equal(t, "010203040506", fold([]byte{1, 2, 3, 4, 5, 6}))
	require.Equal(t, "01020304…0607", fold([]byte{1, 2, 3, 4, 5, 6, 7}))
}

func TestParagraphWraps(t *testing.T) {
	var out strings.Builder
	p := &printer{w: &out}
	p.paragraph("Lock   ", strings.Repeat("abcdefghi ", 12))
	require.Equal(t, "  Lock   abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi\n"+
		"         abcdefghi abcdefghi abcdefghi\n", out.String())
}

// The README shows figures; they are the golden ones.
func TestReadmeShowsTheGoldenFigures(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	figures, err := os.ReadFile(golden)
	require.NoError(t, err)
	found := 0
	for l := range strings.Lines(string(readme)) {
		if strings.HasPrefix(l, `{"step"`) {
			require.Contains(t, string(figures), l)
			found++
		}
	}
	require.Positive(t, found)
	for _, e := range expectations {
		require.Contains(t, string(readme), "`"+e.step+"`")
	}
}

// transceiver is a link made of one function.
type transceiver func(command []byte) ([]byte, error)

func (f transceiver) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := f(command)
	return response, errors.Join(err, ctx.Err())
}
