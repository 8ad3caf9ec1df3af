package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// maxAnswer is the longest answer of a lock that a link takes, as over a shim.
const maxAnswer = 4096

// back is how long a lock that did not answer may take to start anew.
const back = 3 * time.Second

// VPCD returns the link to a lock that plays the card of vpcd at the other end of
// the connections.  Before it is of use the card has to tell its ATR.  The error is
// a *shim.Fault.
func VPCD(ctx context.Context, conns Conns, patience time.Duration) (Link, error) {
	l := &vpcdLink{conns: conns, patience: patience}
	if err := l.meet(ctx, patience); err != nil {
		return nil, err
	}
	return l, nil
}

type vpcdLink struct {
	conns    Conns
	patience time.Duration
	reader   *vpcd.Reader
	about    string
	dark     bool // the lock did not answer: so it is until the field goes and comes
}

// meet waits for the card, and switches it off.
func (l *vpcdLink) meet(ctx context.Context, most time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	conn, err := l.conns(waiting)
	if err != nil {
		return &shim.Fault{Kind: shim.Silent, Detail: "no card for the reader: " + err.Error()}
	}
	l.reader = vpcd.NewReader(conn, l.patience)
	atr, err := l.reader.ATR(ctx)
	if err == nil {
		err = l.reader.Power(ctx, false)
	}
	if err != nil {
		_ = l.Close()
		return vpcdFault("the first ATR", err)
	}
	if len(atr) < 2 || len(atr) > 33 || atr[0] != 0x3B && atr[0] != 0x3F {
		_ = l.Close()
		return &shim.Fault{Kind: shim.Nonsense, Detail: fmt.Sprintf("over vpcd, % X is no ATR: is the program at the other end a card of vpcd?", atr)}
	}
	l.about = fmt.Sprintf("vpcd, card at %v, ATR % X", conn.RemoteAddr(), atr)
	return nil
}

func (l *vpcdLink) About() string { return l.about }

// Close ends the connection, which the card may have done before.
func (l *vpcdLink) Close() error {
	_ = l.reader.Close()
	return nil
}

// Power switches the card; vpcd.Reader waits until it has noticed.
func (l *vpcdLink) Power(ctx context.Context, on bool) error {
	l.dark = false
	if err := l.reader.Power(ctx, on); err != nil {
		return vpcdFault("power", err)
	}
	return nil
}

// Transceive hands the command over.  A card that leaves the reader in place of an
// answer, and comes again, was silent.
func (l *vpcdLink) Transceive(ctx context.Context, command []byte) (*shim.Answer, error) {
	if l.dark {
		return &shim.Answer{Silent: true}, nil
	}
	b, err := l.reader.Transceive(ctx, command)
	if err == nil {
		return answered(b)
	}
	fault := vpcdFault(fmt.Sprintf("the answer to % X", command[:min(len(command), 16)]), err)
	if !errors.Is(err, vpcd.ErrLeft) {
		return nil, fault
	}
	_ = l.Close()
	if err := l.meet(ctx, back); err != nil {
		return nil, fault
	}
	l.dark = true
	return &shim.Answer{Silent: true}, nil
}

// answered returns what came over a link as an answer.
func answered(b []byte) (*shim.Answer, error) {
	switch {
	case len(b) == 0:
		return &shim.Answer{Silent: true}, nil
	case len(b) == 1:
		return nil, &shim.Fault{Kind: shim.Nonsense, Detail: fmt.Sprintf("an answer of one byte, %X, where a status word has two", b)}
	case len(b) > maxAnswer:
		return nil, &shim.Fault{Kind: shim.Long, Detail: fmt.Sprintf("an answer of %d bytes, where at most %d are taken", len(b), maxAnswer)}
	}
	return &shim.Answer{APDU: b}, nil
}

// vpcdFault names the fault of the rig that an error of package vpcd is.
func vpcdFault(what string, err error) error {
	kind := shim.Failed
	for e, k := range map[error]shim.Kind{vpcd.ErrSilent: shim.Silent, vpcd.ErrLeft: shim.Died, vpcd.ErrBroken: shim.Died, vpcd.ErrUnasked: shim.Unasked} {
		if errors.Is(err, e) {
			kind = k
		}
	}
	return &shim.Fault{Kind: kind, Detail: fmt.Sprintf("%s: %v", what, err)}
}
