package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target/vpcd"
)

// maxAnswer is the longest answer of a lock that a link takes, as over a shim.
const maxAnswer = 4096

// VPCD returns the link to a lock that plays the card of vpcd at the other end of
// the connection.  Before it is of use the card has to tell its ATR.  The error is
// a *shim.Fault.
func VPCD(ctx context.Context, conn net.Conn, patience time.Duration) (Link, error) {
	l := &vpcdLink{reader: vpcd.NewReader(conn, patience), peer: conn.RemoteAddr()}
	var err error
	if l.atr, err = l.reader.ATR(ctx); err == nil {
		err = l.reader.Power(ctx, false)
	}
	if err != nil {
		_ = l.Close() // it is no use any more
		return nil, vpcdFault("the first ATR", err)
	}
	if len(l.atr) < 2 || len(l.atr) > 33 || l.atr[0] != 0x3B && l.atr[0] != 0x3F {
		_ = l.Close()
		return nil, &shim.Fault{Kind: shim.Nonsense, Detail: fmt.Sprintf("over vpcd, % X is no ATR: is the program at the other end a card of vpcd?", l.atr)}
	}
	return l, nil
}

type vpcdLink struct {
	reader *vpcd.Reader
	peer   net.Addr
	atr    []byte
}

func (l *vpcdLink) About() string { return fmt.Sprintf("vpcd, card at %v, ATR % X", l.peer, l.atr) }
func (l *vpcdLink) Close() error {
	_ = l.reader.Close() // the card may have ended the connection
	return nil
}

// Power switches the card; vpcd.Reader waits until it has noticed.
func (l *vpcdLink) Power(ctx context.Context, on bool) error {
	if err := l.reader.Power(ctx, on); err != nil {
		return vpcdFault("power", err)
	}
	return nil
}

func (l *vpcdLink) Transceive(ctx context.Context, command []byte) (*shim.Answer, error) {
	b, err := l.reader.Transceive(ctx, command)
	if err != nil {
		return nil, vpcdFault(fmt.Sprintf("the answer to % X", command[:min(len(command), 16)]), err)
	}
	return answered(b)
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
	for e, k := range map[error]shim.Kind{vpcd.ErrSilent: shim.Silent, vpcd.ErrGone: shim.Died, vpcd.ErrUnasked: shim.Unasked} {
		if errors.Is(err, e) {
			kind = k
		}
	}
	return &shim.Fault{Kind: kind, Detail: fmt.Sprintf("%s: %v", what, err)}
}
