package holdertest

import (
	"bytes"
	"context"

	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Selected is the answer to SELECT.
type Selected struct {
	Reply
	message.Selection // as far as it decodes
}

// knownCapabilities are the bits of the registry.
const knownCapabilities = wire.CapabilitySuite2 | wire.CapabilityExtendedLength | wire.CapabilityResumption |
	wire.CapabilityLiveTime | wire.CapabilityUses | wire.CapabilityCompartments | wire.CapabilityClock

// Select sends SELECT and begins a transaction.  The SELECT hash goes on from
// Alter's [Selection] and [SelectHash], so that a phone can believe in another
// answer than came.
func (p *Phone) Select(ctx context.Context) (*Selected, error) {
	r, err := p.Send(ctx, message.SelectCommand())
	if err != nil {
		return nil, err
	}
	s := &Selected{Reply: *r}
	p.run, p.Channel, p.prefix, p.carrier, p.resumed = nil, nil, nil, 0, false
	p.Selected = s
	if s.Lost != nil || s.Refused() {
		return s, nil
	}
	data := p.pass(Selection, s.Data)
	hash := message.SelectionHash(p.aid(), data)
	p.pass(SelectHash, hash[:])
	s.check()
	return s, nil
}

// check names what is wrong with the answer.
func (s *Selected) check() {
	parsed, err := message.ParseSelection(s.Data)
	if err != nil {
		s.fault("PST-APDU-008", "%v", err)
		return
	}
	s.Selection = parsed
	switch {
	case !bytes.Equal(parsed.Encode(), s.Data):
		s.fault("PST-APDU-008", "the answer does not encode to the same bytes")
	case parsed.Version != wire.LimitVersion:
		s.fault("PST-APDU-008", "the version is %d, that of this standard is %d", parsed.Version, wire.LimitVersion)
	case parsed.Nonce == message.Nonce{}:
		s.fault("PST-APDU-008", "the nonce is zero")
	}
	if unknown := parsed.Capabilities &^ knownCapabilities; unknown != 0 {
		s.fault("PST-APDU-011", "the capabilities have the bits %#x, which the registry has not", unknown)
	}
}
