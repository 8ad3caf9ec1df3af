package holder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// TestAnswersAgainstTheRules has a card answer one command with what ISO/IEC
// 7816-4 does not allow: before the request it is nothing, after it the bolt may
// have moved.
func TestAnswersAgainstTheRules(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing":                  "",
		"half a status word":       "90",
		"no status word":           "0000",
		"more data than asked for": "LONG",
		"61xx and nothing behind":  "6105",
	} {
		for _, c := range []struct {
			ins     byte
			outcome credential.Outcome
			advice  holder.Advice
		}{
			{wire.InsSelect, credential.OutcomeRefused, holder.AdviceTapAgain},
			{wire.InsHandshake1, credential.OutcomeRefused, holder.AdviceTapAgain},
			{wire.InsHandshake2, credential.OutcomeUnconfirmed, holder.AdviceLook},
		} {
			t.Run(name+"/"+wire.InsName(int64(c.ins)), func(t *testing.T) {
				w := worldtest.New(t)
				replaced := false
				link := apdu.NewTracer(&tampered{next: w.Link(), response: func(_ int, command, response []byte) ([]byte, error) {
					switch {
					case instruction(command) == c.ins && answer == "LONG":
						return append(make([]byte, 257), 0x90, 0x00), nil
					case instruction(command) == c.ins:
						replaced = true
						return unhex(t, answer), nil
					case instruction(command) == wire.InsGetResponse && replaced:
						return []byte{0x69, 0x85}, nil
					}
					return response, nil
				}})
				r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
				requireFault(t, r, err, c.outcome, credential.ReasonMalformed, c.advice)
				require.Equal(t, 1, sent(link, wire.InsSelect), "no second try")
				require.LessOrEqual(t, w.Bolt.Driven, 1)
			})
		}
	}
}

// TestFaultsNameTheirStep: a developer reads where it went wrong.
func TestFaultsNameTheirStep(t *testing.T) {
	for ins, step := range map[byte]string{
		wire.InsSelect: "SELECT", wire.InsHandshake1: "HANDSHAKE-1", wire.InsHandshake2: "HANDSHAKE-2", wire.InsRequest: "REQUEST",
	} {
		w := worldtest.New(t)
		link := &tampered{next: w.Link(), command: func(_ int, command []byte) ([]byte, error) {
			if instruction(command) == ins {
				return nil, errField
			}
			return command, nil
		}}
		_, err := w.PostmanPhone(t).Open(t.Context(), link, credential.OperationDeliver)
		var e *holder.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, step, e.Detail)
	}
	w := worldtest.New(t)
	f := newFake(t, w)
	f.key = worldtest.Key("impostor")
	_, err := w.OwnerPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
	require.ErrorContains(t, err, "HANDSHAKE-1: message_2")
	f.certificate = []byte{0x80}
	_, err = w.OwnerPhone(t).Open(t.Context(), f.link(), credential.OperationOpen)
	require.ErrorContains(t, err, "HANDSHAKE-1: ID_CRED_R")
}
