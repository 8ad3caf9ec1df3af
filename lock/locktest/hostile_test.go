package locktest_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder/holdertest"
)

// recording keeps what went over a link.
func recording(f *testing.F) *apdu.Tracer {
	f.Helper()
	l := newPeer()
	link := apdu.NewTracer(l.Link())
	p := tester(l, 0)
	p.Link = link
	ctx := context.Background()
	_, _ = p.Select(ctx)
	_, _ = p.Handshake1(ctx)
	_, _ = p.Handshake2(ctx, holdertest.Request{Operation: credential.OperationOpen})
	return link
}

// FuzzPeer gives the tester's lock what any phone could send, after SELECT and
// HANDSHAKE-1 that are good.
func FuzzPeer(f *testing.F) {
	pairs := recording(f).Pairs()
	for _, p := range pairs {
		f.Add(p.Command)
	}
	f.Fuzz(func(t *testing.T, command []byte) {
		for good := range 4 {
			l := newPeer()
			for _, p := range pairs[:min(good, len(pairs))] {
				l.Process(p.Command)
			}
			l.Process(command)
			l.Process(command)
		}
	})
}

// answers gives one answer to every command from some step on.
type answers struct {
	good [][]byte
	bad  []byte
}

func (a *answers) Transceive(context.Context, []byte) ([]byte, error) {
	if len(a.good) == 0 {
		return bytes.Clone(a.bad), nil
	}
	next := a.good[0]
	a.good = a.good[1:]
	return bytes.Clone(next), nil
}

// FuzzPhone gives the tester's phone what any lock could answer, from each step
// on.
func FuzzPhone(f *testing.F) {
	pairs := recording(f).Pairs()
	for _, p := range pairs {
		f.Add(p.Response)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		for good := range 3 {
			link := &answers{bad: answer}
			for _, p := range pairs[:good] {
				link.good = append(link.good, p.Response)
			}
			p := tester(newPeer(), 0)
			p.Link = link
			_, _ = p.Select(t.Context())
			_, _ = p.Handshake1(t.Context())
			_, _ = p.Handshake2(t.Context(), holdertest.Request{Operation: credential.OperationOpen})
			_, _ = p.Select(t.Context())
			_, _ = p.Resume(t.Context(), holdertest.Secret{}, holdertest.Request{})
		}
	})
}
