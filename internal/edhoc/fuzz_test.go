package edhoc

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireOwnError checks that an error is one of the package, of a known kind.
func requireOwnError(t *testing.T, err error) {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.NotEqual(t, Kind(0).Error(), e.Kind.Error())
	require.NotErrorIs(t, err, ErrLocal, "a message cannot cause a fault of one's own")
}

// addMessages seeds a fuzz target with the messages of the trace and of the
// invalid traces, and of runs of both suites.
func addMessages(f *testing.F) {
	v := readTrace(f, traceMethod0)
	for _, name := range []string{"message_1", "message_2", "message_3", "message_4", "PLAINTEXT_2", "PLAINTEXT_3"} {
		f.Add(v.value(f, name))
	}
	for _, tt := range invalidMessage1 {
		f.Add(message1OfMethod(f, tt.message, "00"))
	}
	for _, id := range suiteIDs {
		x := newFixture(f, id, "kid").run(f)
		f.Add(x.message1)
		f.Add(x.message2)
		f.Add(x.message3)
	}
	for _, message := range []string{"0202", "02820002", "01624e6f", "03f5", "20"} {
		f.Add(fromHex(f, message))
	}
}

// FuzzParsers gives the same bytes to every parser. What one accepts, it must
// encode to the same bytes again.
func FuzzParsers(f *testing.F) {
	addMessages(f)
	parsers := map[string]func([]byte) ([]byte, error){
		"message_1":   func(b []byte) ([]byte, error) { return encoded(parseMessage1(b)) },
		"message_2":   func(b []byte) ([]byte, error) { return encoded(parseMessage2(b)) },
		"PLAINTEXT_2": func(b []byte) ([]byte, error) { return encoded(parsePlaintext2(b)) },
		"message_3":   func(b []byte) ([]byte, error) { return encoded(parseMessage3(b)) },
		"PLAINTEXT_3": func(b []byte) ([]byte, error) { return encoded(parsePlaintext3(b)) },
		"split": func(b []byte) ([]byte, error) {
			message3, rest, err := SplitMessage3(b)
			return append(message3, rest...), err
		},
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, parse := range parsers {
			again, err := parse(b)
			if err != nil {
				requireOwnError(t, err)
				continue
			}
			require.Equal(t, b, again, name)
		}
	})
}

func encoded[T interface{ encode() []byte }](parsed T, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return parsed.encode(), nil
}

func FuzzErrorMessage(f *testing.F) {
	addMessages(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if !isErrorMessage(b) {
			return
		}
		err := parseErrorMessage(b)
		requireOwnError(t, err)
		var peer *PeerError
		if errors.As(err, &peer) && peer.Code == CodeWrongSuite {
			require.Equal(t, b, wrongSuiteMessage(peer.Suites))
		}
	})
}

// FuzzAccept gives a message_1 to a responder, and its answer to an initiator
// that has sent another.
func FuzzAccept(f *testing.F) {
	addMessages(f)
	fixture := newFixture(f, 0, "kid")
	x := fixture.run(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, message2, err := Accept(b, fixture.responder())
		if err != nil {
			requireOwnError(t, err)
			return
		}
		if string(b) != string(x.message1) {
			_, err = x.initiator1().ReadMessage2(message2, knows(t, fixture.r))
			requireOwnError(t, err)
		}
	})
}

// FuzzPlaintexts has peers that hold the keys encrypt any plaintext. Nothing but
// the plaintext that was signed is accepted.
func FuzzPlaintexts(f *testing.F) {
	addMessages(f)
	fixture := newFixture(f, 0, "kid")
	x := fixture.run(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > maxMessage/2 {
			return
		}
		var signed []byte
		message2 := fixture.answer(t, x.message1, func(p []byte) []byte { signed = p; return b })
		_, err := x.initiator1().ReadMessage2(message2, resolves(fixture.r.Cred, fixture.r.Signer.PublicKey()))
		if string(signed) != string(b) {
			requireOwnError(t, err)
		}
		message3 := fixture.finish(t, x.i2, func(p []byte) []byte { signed = p; return b })
		_, err = x.responder1().ReadMessage3(message3, resolves(fixture.i.Cred, fixture.i.Signer.PublicKey()))
		if string(signed) != string(b) {
			requireOwnError(t, err)
		}
	})
}

// FuzzChannel gives any bytes to a channel.
func FuzzChannel(f *testing.F) {
	phone, lock := channels(f)
	valid := seal(f, phone, "request")
	f.Add(valid)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		end := &Channel{out: lock.out, in: &direction{aead: lock.in.aead, iv: lock.in.iv}}
		_, err := end.Open(b)
		if string(b) == string(valid) {
			require.NoError(t, err)
			return
		}
		requireOwnError(t, err)
		requireDead(t, end, valid)
	})
}
