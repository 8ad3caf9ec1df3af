package holder_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
)

// requireHonest requires that what the phone says agrees with what the lock did,
// whatever somebody on the way did to the bytes.
func requireHonest(t *testing.T, w *worldtest.World, r holder.Result, err error, driven int, where string, args ...any) {
	t.Helper()
	args = append([]any{where}, args...)
	require.LessOrEqual(t, driven, 1, args...)
	if err != nil {
		var e *holder.Error
		require.ErrorAs(t, err, &e, args...)
		require.NotEqual(t, credential.OutcomeOpened, r.Outcome, args...)
		require.NotEqual(t, holder.AdviceNone, r.Advice, args...)
	}
	switch {
	case r.Outcome == credential.OutcomeOpened:
		require.Equal(t, 1, driven, args...)
	case driven == 1 && r.Reason != credential.ReasonStatusWord: // which anybody can forge
		require.Equal(t, credential.OutcomeUnconfirmed, r.Outcome, args...)
		require.Equal(t, holder.AdviceLook, r.Advice, args...)
	}
}

// TestEveryByteAlteredOnTheWay flips one bit of every byte of every command and
// of every response of a postman's first visit.
func TestEveryByteAlteredOnTheWay(t *testing.T) {
	const operation = credential.OperationDeliver
	step := 1
	if testing.Short() {
		step = 11
	}
	w := worldtest.New(t)
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, w.PostmanPhone(t), tr, operation)
	require.Equal(t, 4, tr.Cost().Pairs)
	for i, pair := range tr.Pairs() {
		for _, towardsLock := range []bool{true, false} {
			length := len(pair.Response)
			if towardsLock {
				length = len(pair.Command)
			}
			for offset := 0; offset < length; offset += step {
				w := worldtest.New(t)
				flip := func(n int, b []byte) []byte {
					if n == i+1 && offset < len(b) {
						b[offset] ^= 1 << (offset % 8)
					}
					return b
				}
				link := &tampered{next: w.Link()}
				if towardsLock {
					link.command = func(n int, b []byte) ([]byte, error) { return flip(n, b), nil }
				} else {
					link.response = func(n int, _, b []byte) ([]byte, error) { return flip(n, b), nil }
				}
				r, err := w.PostmanPhone(t).Open(t.Context(), link, operation)
				requireHonest(t, w, r, err, w.Bolt.Driven, "pair %d, byte %d, towards the lock: %t", i+1, offset, towardsLock)
				require.LessOrEqual(t, link.n, 12)
			}
		}
	}
}

// TestResponseCutOrExtended has each response of an opening lose bytes from its
// end, or gain some before its status word.
func TestResponseCutOrExtended(t *testing.T) {
	w := worldtest.New(t)
	tr := apdu.NewTracer(w.Link())
	requireOpened(t, w, w.OwnerPhone(t), tr, credential.OperationOpen)
	for i, pair := range tr.Pairs() {
		for length := range len(pair.Response) + 3 {
			if length == len(pair.Response) || testing.Short() && length%5 != 0 {
				continue
			}
			w := worldtest.New(t)
			link := &tampered{next: w.Link(), response: func(n int, _, response []byte) ([]byte, error) {
				if n != i+1 {
					return response, nil
				}
				data := append(response[:len(response)-2:len(response)-2], 0, 0, 0)
				if length < 2 {
					return data[:length], nil
				}
				return append(data[:length-2], 0x90, 0x00), nil
			}}
			r, err := w.OwnerPhone(t).Open(t.Context(), link, credential.OperationOpen)
			require.Error(t, err, "pair %d, %d bytes", i+1, length)
			requireHonest(t, w, r, err, w.Bolt.Driven, "pair %d, %d bytes", i+1, length)
		}
	}
}

// FuzzTransceiver puts the fuzzer on the link: each byte of the script decides
// what becomes of one command, and what follows is used for answers.
func FuzzTransceiver(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0}, false)
	f.Add([]byte{0, 0, 1, 0x90, 0x00}, true)
	f.Add([]byte{2, 0x61, 0x05, 2, 0x6C, 0x10, 3, 4, 5, 6}, false)
	f.Add([]byte{0, 7, 40, 0xFF, 0, 7, 3, 0x80, 6}, true)
	f.Add([]byte{1, 33, 0x6F, 0x1F, 0x85, 0x1D, 0x84, 0x01, 0x02, 0x48, 1, 2, 3, 4, 5, 6, 7, 8, 0x50}, false)
	f.Fuzz(func(t *testing.T, script []byte, postman bool) {
		w := worldtest.New(t)
		p, operation := w.OwnerPhone(t), credential.OperationOpen
		if postman {
			p, operation = w.PostmanPhone(t), credential.OperationDeliver
		}
		p.Wait = noWait
		if len(script) > 0 && script[0]&0x80 != 0 {
			know(t, w, p)
			w.Bolt.Charges = []int{1, 2}
		}
		next := func(n int) []byte {
			n = min(n, len(script))
			b := script[:n:n]
			script = script[n:]
			return b
		}
		link := apdu.NewTracer(&scriptedLink{lock: w.Lock, next: next})
		r, err := p.Open(t.Context(), link, operation)
		requireHonest(t, w, r, err, w.Bolt.Driven, "script")
		require.Equal(t, link.Cost(), r.Cost)
		require.LessOrEqual(t, r.Cost.Pairs, 2000)
		require.LessOrEqual(t, sent(link, wire.InsSelect), 6, "three tries at most, each once more after 6Cxx")

		w.Lock.Reset()
		w.Bolt.Charges = nil
		requireOpened(t, w, p, w.Link(), operation)
	})
}

// scriptedLink does to each command what the script says, and passes it on when
// the script has ended.
type scriptedLink struct {
	lock apdu.Processor
	next func(n int) []byte
}

func (l *scriptedLink) Transceive(_ context.Context, command []byte) ([]byte, error) {
	action := l.next(1)
	if len(action) == 0 {
		return bytes.Clone(l.lock.Process(command)), nil
	}
	switch action[0] & 7 {
	case 1: // an answer that the lock never gave
		length := l.next(1)
		if len(length) == 0 {
			return nil, nil
		}
		return append(bytes.Clone(l.next(int(length[0]))), 0x90, 0x00), nil
	case 2: // a status word that it never gave
		return bytes.Clone(l.next(2)), nil
	case 3: // lost on the way to the lock
		return nil, errField
	case 4: // lost on the way back
		l.lock.Process(command)
		return nil, errField
	case 5: // the field is lost
		l.lock.Reset()
		return nil, errField
	case 6: // delivered twice
		l.lock.Process(command)
	case 7: // altered on the way back
		response := bytes.Clone(l.lock.Process(command))
		if where := l.next(2); len(where) == 2 {
			response[int(where[0])%len(response)] ^= where[1]
		}
		return response, nil
	}
	return bytes.Clone(l.lock.Process(command)), nil
}
