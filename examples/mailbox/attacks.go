package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// replay sends recorded commands again, as they are, until the lock refuses
// one.  The attacker has no phone that could understand an answer, only a
// reader.
func replay(link apdu.Transceiver, recorded []apdu.Pair) attempt {
	a := attempt{link: apdu.NewTracer(link)}
	a.result = holder.Result{Outcome: credential.OutcomeUnconfirmed}
	for _, pair := range recorded {
		answer, err := a.link.Transceive(context.Background(), pair.Command)
		if err != nil {
			a.err = err
			return a
		}
		response, err := apdu.ParseResponse(answer)
		if err != nil || response.SW.IsError() {
			a.result.Outcome, a.result.Reason = credential.OutcomeRefused, credential.ReasonStatusWord
			return a
		}
	}
	return a
}

// prolong changes the expiry inside a grant and leaves all else as it is, the
// issuer's signature too.  In CBOR the claim exp is 04, then 1A and four bytes.
// It returns where the four bytes are.
func prolong(grant []byte, from, to credential.Time) (altered []byte, offset int, err error) {
	claim := binary.BigEndian.AppendUint32([]byte{0x04, 0x1A}, uint32(from))
	offset = bytes.Index(grant, claim)
	if offset < 0 {
		return nil, 0, errors.New("the grant does not hold its expiry where it should be")
	}
	offset += 2
	altered = bytes.Clone(grant)
	binary.BigEndian.PutUint32(altered[offset:], uint32(to))
	return altered, offset, nil
}

// renamed is a lock in whose answer to SELECT somebody replaces its id.
type renamed struct {
	apdu.Transceiver
	from, to credential.LockID
}

// Transceive passes commands on and alters answers.
func (r renamed) Transceive(ctx context.Context, command []byte) ([]byte, error) {
	response, err := r.Transceiver.Transceive(ctx, command)
	return bytes.ReplaceAll(response, r.from[:], r.to[:]), err
}

// recording plays a lock's recorded answers back, whatever it is asked.
type recording struct{ pairs []apdu.Pair }

// Transceive returns the next answer of the recording.
func (r *recording) Transceive(context.Context, []byte) ([]byte, error) {
	if len(r.pairs) == 0 {
		return nil, fmt.Errorf("the recording is over: %w", io.EOF)
	}
	answer := r.pairs[0].Response
	r.pairs = r.pairs[1:]
	return bytes.Clone(answer), nil
}
