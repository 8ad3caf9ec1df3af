package lock

import (
	"errors"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// handshake1 takes message_1 and gives message_2.  It names or carries the
// lock's certificate.  A phone that selected a suite which the lock lacks is told
// the lock's suites, and begins again.
func (l *Lock) handshake1(message1 []byte, byValue bool) ([]byte, apdu.Status) {
	responder, message2, err := edhoc.Accept(message1, edhoc.ResponderConfig{
		Suites: l.suites,
		Local:  func(suite int) (edhoc.Local, error) { return l.local(suite, byValue) },
		Rand:   l.config.Rand,
		Meter:  &l.meter,
	})
	var fault *edhoc.Error
	if errors.As(err, &fault) && fault.ErrorMessage() != nil {
		l.refuse(credential.ReasonSuite, err)
		l.tx = transaction{}
		return fault.ErrorMessage(), apdu.StatusOK
	}
	if errors.Is(err, edhoc.ErrLocal) {
		l.refuse(credential.ReasonState, err)
		return nil, apdu.StatusFailure
	}
	if err != nil {
		l.refuse(credential.ReasonMalformed, err)
		return nil, apdu.StatusRefused
	}
	l.tx.stage, l.tx.responder = handshake, responder
	return message2, apdu.StatusOK
}

// local returns what the lock proves itself with in the suite.
func (l *Lock) local(suite int, byValue bool) (edhoc.Local, error) {
	i, ok := l.identities[suite]
	if !ok {
		return edhoc.Local{}, errNoIdentity
	}
	kid := credential.KeyIDOf(i.signer.PublicKey())
	id := message.IDCred{Header: wire.HeaderKid, Value: kid[:]}
	if byValue {
		id = message.IDCred{Header: wire.HeaderKcwt, Value: i.certificate}
	}
	return edhoc.Local{IDCred: id.Encode(), Cred: i.certificate, Signer: i.signer}, nil
}

var errNoIdentity = errors.New("lock: no identity for the suite")

// handshake2 takes message_3 with the first request behind it.  Until the
// phone has proved that it holds the key of its credential, every fault is
// answered with the same status word.
func (l *Lock) handshake2(data []byte) ([]byte, apdu.Status) {
	message3, sealed, err := edhoc.SplitMessage3(data)
	if err != nil {
		l.refuse(credential.ReasonMalformed, err)
		return nil, apdu.StatusRefused
	}
	exporter, err := l.tx.responder.ReadMessage3(message3, l.resolveHolder)
	if err != nil {
		l.refuse(reasonOf(err, credential.ReasonPossession), err)
		return nil, apdu.StatusRefused
	}
	if err := l.recognise(); err != nil {
		l.refuse(reasonOf(err, credential.ReasonPossession), err)
		return nil, apdu.StatusRefused
	}
	if l.tx.channel, err = edhoc.NewChannel(exporter, l.tx.selection[:], false); err != nil {
		l.refuse(credential.ReasonChannel, err)
		return nil, apdu.StatusRefused
	}
	l.tx.stage, l.tx.responder, l.tx.exporter = open, nil, exporter
	return l.request(sealed)
}

// recognise looks a bare key up among the owners', once its holder has proved
// to hold it: whether a key is an owner's is not for others to find out.  The key
// of somebody else is let in where it may become the owner's.
func (l *Lock) recognise() error {
	h := &l.tx.holder
	if h.links != nil {
		return nil
	}
	h.owner, h.coOwner, h.taker = l.state.isOwner(h.bare), l.state.isCoOwner(h.bare), false
	if !h.owner && !h.coOwner {
		h.taker = !l.tx.resumed && l.takers()
		if !h.taker {
			return &Error{Reason: credential.ReasonOwnerUnknown, Detail: "the bare key is not one of the lock's owners'"}
		}
	}
	return nil
}

// resolveHolder finds the phone's key in what it sends: a grant or a bare key.
// Nothing of it is verified yet.
func (l *Lock) resolveHolder(idCred []byte) (edhoc.Peer, error) {
	id, err := message.ParseIDCred(idCred)
	if err != nil {
		return edhoc.Peer{}, &Error{Reason: credential.ReasonMalformed, Detail: "ID_CRED_I", Err: err}
	}
	switch id.Header {
	case wire.HeaderKcwt:
		u, err := credential.ParseGrant(id.Value)
		if err != nil {
			return edhoc.Peer{}, err
		}
		l.tx.holder.links = []*credential.UnverifiedGrant{u}
		return edhoc.Peer{Cred: u.Bytes(), Key: u.Claims.Holder}, nil
	case wire.HeaderKccs:
		key, err := credential.ParseClaimsSet(id.Value)
		if err != nil {
			return edhoc.Peer{}, err
		}
		l.tx.holder.bare = key
		return edhoc.Peer{Cred: id.Value, Key: key}, nil
	}
	return edhoc.Peer{}, &Error{Reason: credential.ReasonMalformed, Detail: "ID_CRED_I must be kcwt or kccs"}
}
