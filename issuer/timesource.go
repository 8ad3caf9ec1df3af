package issuer

import (
	"crypto"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// TimeSource signs the time, for locks that have no clock of their own.
type TimeSource struct{ certified }

// NewTimeSource returns the time source with the key and the authority
// certificate that a scheme has signed for it, with the right time.
func NewTimeSource(key crypto.Signer, authority *credential.Authority) (*TimeSource, error) {
	c, err := newCertified(key, authority, credential.RightTime)
	if err != nil {
		return nil, err
	}
	return &TimeSource{c}, nil
}

// State signs the time for whoever asks, in about 99 bytes.  A lock takes it as
// stated: it is that late or later.  The offset is what the region's local time
// is ahead of UTC, in minutes.
//
// Errors: malformed for a time or an offset that every lock would refuse;
// authority-expired where the source's own certificate does not cover the time.
func (s *TimeSource) State(at credential.Time, offset int16) ([]byte, error) {
	return s.token(credential.TimeClaims{Time: at, Offset: offset})
}

// Live signs the time for one transaction of one lock, which gave the nonce in
// its answer to SELECT, in about 117 bytes.  The errors are those of State.
func (s *TimeSource) Live(at credential.Time, offset int16, nonce [wire.LimitNonceBytes]byte) ([]byte, error) {
	return s.token(credential.TimeClaims{Time: at, Offset: offset, Live: true, Nonce: nonce})
}

func (s *TimeSource) token(c credential.TimeClaims) ([]byte, error) {
	u, err := credential.NewTimeToken(c, s.PublicKey())
	if err != nil {
		return nil, err
	}
	return s.signAt(u, c.Time)
}
