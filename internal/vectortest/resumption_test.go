package vectortest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/edhoc"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/spec/vectors"
)

// readResumption has a phone that trusts some manufacturer: the vectors name
// none, for no certificate takes part.
func readResumption(t *testing.T) {
	w := worldtest.New(t)
	maker := w.Maker.Authority()
	key, err := holder.NewKey(worldtest.Key("owner"))
	require.NoError(t, err)
	set := sha256.Sum256(credential.AppendClaimsSet(nil, worldtest.Public(t, "owner")))
	r := resumer{
		phone: holder.Phone{Key: key, Roots: []credential.PublicKey{w.Scheme.PublicKey()}, Makers: [][]byte{maker.Bytes()}},
		slot:  holder.Slot{Maker: sha256.Sum256(maker.Bytes()), Scheme: maker.Signer()}, credential: [8]byte(set[:8]),
	}
	area[vectors.ResumptionParams, vectors.ResumptionTest]{
		name: "resumption", check: r.check, common: (*vectors.ResumptionTest).Common, flips: 6,
		// Slots that no tap uses stand beside the others, and whether an answer is
		// lost that reports no opening changes nothing.
		unread: func(path string, flags []string) bool {
			return slices.Contains(flags, "slots") && (path == "slots.secret" || path == "slots.left") || path == "taps.lost"
		},
	}.run(t)
}

// resumer is a phone, and its slot without a secret.
type resumer struct {
	phone      holder.Phone
	slot       holder.Slot
	credential [8]byte
}

func (r resumer) check(p vectors.ResumptionParams, test vectors.ResumptionTest) error {
	if len(p.LockID) != 8 || test.Phone == nil || (test.Refuser == "") != (test.Result == vectors.Valid) {
		return errors.New("a part is missing")
	}
	slots, phone := slices.Clone(test.Slots), *test.Phone
	for i, tap := range test.Taps {
		refused := test.Result == vectors.Invalid && i == len(test.Taps)-1
		if refused && test.Refuser == "phone" {
			reason, err := r.taps(p, &phone, tap)
			return errors.Join(err, verdict(test.Test, reason))
		}
		reason, err := lockResumes(p, slots, tap)
		if err != nil {
			return fmt.Errorf("tap %d: %w", i, err)
		}
		if refused {
			return verdict(test.Test, reason)
		}
		if reason != "" {
			return fmt.Errorf("tap %d: the lock refused it as %s", i, reason)
		}
		if reason, err := r.taps(p, &phone, tap); err != nil || reason != "" {
			return fmt.Errorf("tap %d: the phone refused it as %q: %w", i, reason, err)
		}
	}
	return verdict(test.Test, "")
}

// lockResumes carries out steps 1 to 5 of section 15.3, and keeps the next
// secret where the answer reports an opening.
func lockResumes(p vectors.ResumptionParams, slots []vectors.Slot, tap vectors.ResumptionTap) (string, error) {
	s, err := selectionOf(tap.Select)
	if err != nil || !bytes.Equal(s.Lock[:], p.LockID) || tap.Resume == nil {
		return "", fmt.Errorf("another lock, or no RESUME: %w", err)
	}
	hash, err := hashOf(tap.Select)
	if err != nil {
		return "", err
	}
	c, err := apdu.ParseCommand(tap.Resume.Command)
	if err != nil || c.CLA != message.Class || c.INS != wire.InsResume || c.P1 != 0 || c.P2 != 0 || c.Ne != 256 {
		return "", fmt.Errorf("RESUME is none: %w", err)
	}
	nonce, id, sealed, err := edhoc.SplitResume(c.Data)
	if err != nil {
		return "malformed", refusesAs(tap.Resume)
	}
	found, resumed, err := slotOf(slots, nonce, id, hash)
	if err != nil {
		return "", err
	}
	if resumed == nil {
		return "resumption", refusesAs(tap.Resume)
	}
	channel, err := resumed.Channel(false)
	if err != nil {
		return "", err
	}
	plain, err := channel.Open(sealed)
	if err != nil {
		return "channel", refusesAs(tap.Resume)
	}
	if _, err := message.ParseRequest(plain); err != nil {
		return "malformed", refusesAs(tap.Resume)
	}
	answer, err := channel.Seal(tap.Response)
	if err != nil || !bytes.Equal(plain, tap.Request) || tap.Slot == nil || *tap.Slot != found {
		return "", fmt.Errorf("slot %d, request %x: %w", found, plain, err)
	}
	if err := resumedValues(slots[found].Secret, nonce[:], hash, tap); err != nil {
		return "", err
	}
	if err := commit(&slots[found], tap.Response); err != nil {
		return "", err
	}
	if tap.LockAfter == nil || !reflect.DeepEqual(*tap.LockAfter, slots[found]) {
		return "", fmt.Errorf("the lock keeps %+v", slots[found])
	}
	return "", answersAs(tap.Resume, answer)
}

// slotOf compares all slots that have an opening left.
func slotOf(slots []vectors.Slot, nonce edhoc.ResumptionNonce, id edhoc.ResumptionID, hash []byte) (found int, match *edhoc.Resumed, err error) {
	for i, s := range slots {
		if s.Left <= 0 {
			continue
		}
		if len(s.Secret) != 32 {
			return 0, nil, errors.New("a secret is not of 32 bytes")
		}
		secret := edhoc.ResumptionSecret(s.Secret)
		resumed, err := secret.Resume(nonce, hash)
		if err != nil {
			return 0, nil, err
		}
		own, err := resumed.ID()
		if err != nil {
			return 0, nil, err
		}
		if own == id {
			found, match = i, resumed
		}
	}
	return found, match, nil
}

// commit moves a slot on where a response reports an opening.
func commit(slot *vectors.Slot, response []byte) error {
	r, err := message.ParseResponse(response)
	if err != nil {
		return err
	}
	if r.Outcome != credential.OutcomeOpened && r.Outcome != credential.OutcomeUnconfirmed && (r.Outcome != credential.OutcomeFailed || r.Reason != credential.ReasonDrive) {
		return nil
	}
	secret := edhoc.ResumptionSecret(slot.Secret)
	next, err := secret.Next()
	if err != nil {
		return err
	}
	*slot = vectors.Slot{Secret: next[:], Left: slot.Left - 1}
	return nil
}

// resumedValues compares what lies between.
func resumedValues(secret, nonce, hash []byte, tap vectors.ResumptionTap) error {
	prk := hmacOf(append(bytes.Clone(nonce), hash...), secret)
	want := vectors.ResumptionValues{
		SelectHash: hash, PRK: prk, ID: derived(prk, wire.ResumptionLabelId, nil, 8), ChannelKeys: divided(derived(prk, wire.ResumptionLabelChannel, nil, 58)),
	}
	if tap.Values == nil || !reflect.DeepEqual(*tap.Values, want) {
		return fmt.Errorf("values are %+v", want)
	}
	return nil
}

// taps has the phone do one tap, and compares what it keeps.  An answer that is
// lost never comes.
func (r resumer) taps(p vectors.ResumptionParams, slot *vectors.Slot, tap vectors.ResumptionTap) (string, error) {
	if len(slot.Secret) != 32 {
		return "", errors.New("a secret is not of 32 bytes")
	}
	phone := r.phone
	phone.Expect, phone.Slots, phone.Rand = credential.LockID(p.LockID), holder.NewSlots(), bytes.NewReader(tap.Nonce)
	id := holder.SlotID{Lock: phone.Expect, Credential: r.credential}
	own := r.slot
	own.Secret, own.Taps = [32]byte(slot.Secret), slot.Left
	if err := phone.Slots.Store(id, own); err != nil {
		return "", err
	}
	script := &replay{pairs: []vectors.Pair{tap.Select}}
	request := message.Request{Operation: wire.OperationOpen}
	if tap.Resume != nil {
		script.pairs = append(script.pairs, *tap.Resume)
		var err error
		if request, err = message.ParseRequest(tap.Request); err != nil {
			return "", err
		}
	}
	link := script.link()
	if tap.Lost {
		link = losing{link, new(int)}
	}
	err := tapped(&phone, link, request.Operation, nil)
	if err := script.end(); err != nil {
		return "", err
	}
	reason := phoneReason(err)
	if tap.Lost && reason == "link" {
		reason = ""
	}
	kept, _ := phone.Slots.Load(id)
	*slot = vectors.Slot{Secret: kept.Secret[:], Left: kept.Taps}
	if tap.Resume != nil && (tap.PhoneAfter == nil || !reflect.DeepEqual(*tap.PhoneAfter, *slot)) {
		return "", fmt.Errorf("the phone keeps %+v", *slot)
	}
	return reason, nil
}
