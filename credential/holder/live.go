package holder

import (
	"context"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// enliven fetches a live time token where the lock refused for want of one, and
// reports whether the lock is to be asked once more, with it.
func (x *exchange) enliven(ctx context.Context, response message.Response) bool {
	if response.Outcome != credential.OutcomeRefused || response.Reason != credential.ReasonEvidence ||
		x.enlivened || x.phone.Live == nil || !x.has(wire.CapabilityLiveTime) {
		return false
	}
	x.enlivened = true
	token, err := x.phone.Live(ctx, x.selection.Nonce)
	if err != nil {
		return false
	}
	u, err := credential.ParseTimeToken(token)
	if err != nil || u.Claims.Nonce != x.selection.Nonce {
		x.results = append(x.results, DocumentResult{Document: token, Reason: reasonOf(err, credential.ReasonEvidence)})
		return false
	}
	x.left = []document{{object: token, signer: u.Signer(), issued: u.Claims.Time}}
	return true
}
