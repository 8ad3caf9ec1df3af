package vectortest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

func readChannel(t *testing.T) {
	area[vectors.ChannelParams, vectors.ChannelTest]{
		name: "channel", check: checkChannel, common: (*vectors.ChannelTest).Common, flips: 3,
	}.run(t)
}

// channelOf derives both ends of a channel, and compares its keys.
func channelOf(p vectors.ChannelParams) (phone, lock *edhoc.Channel, err error) {
	if len(p.Secret) != 32 || len(p.Nonce) != 8 {
		return nil, nil, errors.New("secret or nonce has another length")
	}
	prk, err := suite.Extract(append(bytes.Clone(p.Nonce), p.SelectHash...), p.Secret)
	if err != nil {
		return nil, nil, err
	}
	if keys := divided(derived(prk, wire.ResumptionLabelChannel, nil, 58)); !reflect.DeepEqual(keys, p.ChannelKeys) {
		return nil, nil, fmt.Errorf("the keys are %+v", keys)
	}
	secret := edhoc.ResumptionSecret(p.Secret)
	resumed, err := secret.Resume(edhoc.ResumptionNonce(p.Nonce), p.SelectHash)
	if err != nil {
		return nil, nil, err
	}
	if phone, err = resumed.Channel(true); err != nil {
		return nil, nil, err
	}
	lock, err = resumed.Channel(false)
	return phone, lock, err
}

func checkChannel(p vectors.ChannelParams, test vectors.ChannelTest) error {
	phone, lock, err := channelOf(p)
	if err != nil {
		return err
	}
	counters := map[string]int{"request": 0, "response": 0}
	last := len(test.Steps) - 1
	for i, step := range test.Steps {
		from, to := phone, lock
		if step.Direction == "response" {
			from, to = lock, phone
		} else if step.Direction != "request" {
			return fmt.Errorf("step %d: direction %q", i, step.Direction)
		}
		if test.Result == vectors.Invalid && i == last {
			return refusedMessage(test, to, step, counters[step.Direction])
		}
		if step.Counter == nil || *step.Counter != counters[step.Direction] {
			return fmt.Errorf("step %d: the counter is %d", i, counters[step.Direction])
		}
		counters[step.Direction]++
		sealed, err := from.Seal(step.Plaintext)
		if err != nil || !bytes.Equal(sealed, step.Sealed) {
			return fmt.Errorf("step %d: sealed is %x: %w", i, sealed, err)
		}
		plain, err := to.Open(step.Sealed)
		if err != nil || !bytes.Equal(plain, step.Plaintext) {
			return fmt.Errorf("step %d: opened is %x: %w", i, plain, err)
		}
	}
	return verdict(test.Test, "")
}

// refusedMessage has the receiver refuse the last step, and what follows.
func refusedMessage(test vectors.ChannelTest, to *edhoc.Channel, step vectors.ChannelStep, expected int) error {
	if step.Counter != nil && *step.Counter == expected && expected < wire.LimitRequests {
		return errors.New("the last step has the counter that was due")
	}
	_, err := to.Open(step.Sealed)
	reason := ""
	switch {
	case errors.Is(err, edhoc.ErrLimit):
		reason = "limit"
	case err != nil:
		reason = "channel"
	}
	if err := verdict(test.Test, reason); err != nil {
		return err
	}
	if _, err := to.Open(test.Then); test.Then == nil || !errors.Is(err, edhoc.ErrClosed) {
		return fmt.Errorf("the channel goes on: %w", err)
	}
	if _, err := to.Seal(nil); !errors.Is(err, edhoc.ErrClosed) {
		return errors.New("the channel seals on")
	}
	return nil
}
