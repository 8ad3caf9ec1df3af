package main

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// Nobody in the story comes before somebody who came earlier.
func TestStoryGoesForward(t *testing.T) {
	all := playAll(t)
	for i := range all[1:] {
		require.True(t, all[i].at.Before(all[i+1].at), all[i+1].name)
	}
}

func TestDocumentsThatWereCarried(t *testing.T) {
	want := map[string]string{
		"first-policy": "policy 1", "courier-brings-block": "policy 2", "postman-lifts-block": "policy 3",
		"child-on-friday": "time token", "child-opens": "time token", "child-again": "time token",
		"neighbour-carries-notice": "policy 4", "postman-carries-denial": "policy 5",
		"courier-carries-list": "revocation list 1", "postman-carries-sale": "policy 6",
	}
	for _, r := range playAll(t) {
		var got string
		for _, d := range r.result.Documents {
			require.Equal(t, credential.ReasonNone, d.Reason, r.name)
			got += documentName(d.Document)
		}
		require.Equal(t, want[r.name], got, r.name)
	}
}

func TestNoticeIsForOperators(t *testing.T) {
	for _, r := range playAll(t) {
		require.Equal(t, r.name == "postman-sees-notice", r.result.Notice.Kind == credential.NoticeAway, r.name)
	}
}

// A receipt that is not about the parcel, or of another lock, or altered, proves
// nothing to the sender.
func TestSenderTrustsNoOtherReceipt(t *testing.T) {
	l := &listener{printer: printer{w: io.Discard}}
	_, err := tell(l, expectations)
	require.NoError(t, err)
	good := l.all[slices.IndexFunc(l.all, func(r record) bool { return r.name == "parcel-with-receipt" })]
	known, _ := good.phone.Locks.Recall(boxID)
	_, err = l.story.senderVerifies(good.result.Receipt, known.Certificates)
	require.NoError(t, err)
	altered := *good.result.Receipt
	altered.Bytes = bytes.Clone(altered.Bytes)
	altered.Bytes[len(altered.Bytes)-1] ^= 1
	other := l.story.locker.config.Identities[0].Certificate
	empty := *good.result.Receipt
	empty.Bytes = nil
	for name, c := range map[string]struct {
		receipt      *holder.Receipt
		certificates [][]byte
	}{
		"none": {nil, known.Certificates}, "no certificate": {good.result.Receipt, nil}, "empty": {&empty, known.Certificates},
		"altered": {&altered, known.Certificates}, "another lock": {good.result.Receipt, [][]byte{other}},
	} {
		_, err := l.story.senderVerifies(c.receipt, c.certificates)
		require.Error(t, err, name)
	}
}

// The buyer believes nothing but a log that begins with the transfer and that the
// lock signs.
func TestBuyerBelievesNoOtherLog(t *testing.T) {
	r := stepNamed(t, "buyer-asks-for-proof").result
	tag := r.Receipt.Claims.Policy
	require.NoError(t, proves(r, tag))
	require.ErrorContains(t, proves(r, credential.Tag{1}), "another policy")

	page, err := credential.ParseLogPage(r.LogPages[0])
	require.NoError(t, err)
	with := func(p credential.LogPage) holder.Result {
		changed := r
		changed.LogPages = [][]byte{p.Encode()}
		return changed
	}
	shorter := page
	shorter.Entries = page.Entries[1:]
	require.ErrorContains(t, proves(with(shorter), tag), "does not begin with the transfer")
	otherYear := page
	otherYear.Base[0] ^= 1
	require.ErrorContains(t, proves(with(otherYear), tag), "not the one that the lock signs")

	unsigned := *r.Receipt
	unsigned.Verified = false
	r.Receipt = &unsigned
	require.ErrorContains(t, proves(r, tag), "proves nothing")
}

func TestDocumentsHaveNames(t *testing.T) { require.Equal(t, "document", documentName([]byte("?"))) }
