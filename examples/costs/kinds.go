package main

import (
	"slices"

	"github.com/postern-lock/postern/credential"
)

// kind is one kind of tap.  To count another one, add it to kinds, write its
// prepare function, and make the golden counts anew, as README.md says.
type kind struct {
	name  string // in figures
	says  string // for people, at most 32 characters
	group string // of kinds that stand together
	// outcome and reason are what must come of it: as the phone has it, and as
	// the lock tells its maker's code.  So must documents, of those that are
	// handed over.
	outcome   credential.Outcome
	reason    credential.Reason
	documents []credential.Reason
	suite2    bool // of a lock and an owner with P-256 keys
	// prepare plays what comes before the tap whose cost is counted, and
	// returns that tap.  Where it returns none, the start of the lock is
	// counted, which comes before every tap.
	prepare func(*stage) (tap, error)
}

// kinds are all kinds of taps, in the order in which they are printed.
var kinds = slices.Concat(
	group("start",
		done("start", "power-up of a new lock", startNew),
		done("start-full", "power-up, full memory", startFull),
	),
	group("owner",
		done("commission", "commissioning", commissioning),
		opened("owner-first", "owner, phone and lock meet", ownerFirst),
		opened("owner", "owner", ownerAgain),
		opened("owner-keeps", "owner, a secret to resume is new", ownerKeeps),
		opened("owner-resumed", "owner, resumed", ownerResumed),
		refused("transfer", "owner gives the lock away", credential.ReasonDenied, transfer).handing(credential.ReasonNone),
	),
	group("guest",
		opened("guest-first", "guest, phone and lock meet", guestFirst),
		opened("guest", "guest, grant remembered", guestAgain),
		opened("guest-resumed", "guest, resumed", guestResumed),
		opened("guest-counted", "guest, counted grant", guestCounted),
		opened("guest-receipt", "guest, with a receipt", guestReceipt),
		opened("guest-log", "guest takes a log page along", guestLog),
		opened("guest-live", "guest fetches a live time", guestLive).handing(credential.ReasonNone),
		opened("guest-policy", "guest brings the owner's policy", guestPolicy).handing(credential.ReasonNone),
	),
	group("delegated",
		opened("two-first", "grant of 2 links, first time", linksFirst(2)),
		opened("two", "grant of 2 links, remembered", linksAgain(2)),
		opened("two-resumed", "grant of 2 links, resumed", linksResumed(2)),
		opened("three-first", "grant of 3 links, first time", linksFirst(3)),
		opened("three", "grant of 3 links, remembered", linksAgain(3)),
	),
	group("post",
		opened("post-first", "postman, first visit of the post", postFirst),
		opened("post-day", "postman, new day", postDay),
		opened("post-again", "postman, same grant again", postAgain),
		opened("post-time", "postman states the time", postTime).handing(credential.ReasonNone),
		opened("post-list", "postman brings a revocation list", postList).handing(credential.ReasonNone),
		refused("refused", "postman, another round, refused", credential.ReasonTarget, wrongRound),
	),
	group("stranger",
		leaving("stranger-hello", "stranger, message_1 alone", strangerHello),
		refused("stranger-key", "stranger with a bare key", credential.ReasonOwnerUnknown, strangerKey),
		refused("stranger-grant", "grant forged in the owner's name", credential.ReasonSignature, strangerGrant),
		refused("stranger-chain", "grant under a made-up scheme", credential.ReasonIssuerUnknown, strangerChain),
		opened("stranger-policy", "guest brings a forged policy", strangerPolicy).handing(credential.ReasonSignature),
	),
	group("full",
		opened("full-owner", "owner, full memory, most flash", fullOwner),
		opened("full-resumed", "guest, resumed, full memory", fullResumed),
		refused("full-transfer", "full memory given away", credential.ReasonDenied, fullTransfer).handing(credential.ReasonNone),
	),
	group("suite2",
		opened("suite2-owner", "owner, cipher suite 2", ownerAgain).withSuite2(),
		opened("suite2-guest", "guest, both meet, cipher suite 2", guestFirst).withSuite2(),
	),
)

// group makes kinds stand together.
func group(name string, all ...kind) []kind {
	for i := range all {
		all[i].group = name
	}
	return all
}

// opened is a kind that ends with an open box.
func opened(name, says string, prepare func(*stage) (tap, error)) kind {
	return kind{name: name, says: says, outcome: credential.OutcomeOpened, prepare: prepare}
}

// done is a kind that ends well without moving the bolt.
func done(name, says string, prepare func(*stage) (tap, error)) kind {
	return kind{name: name, says: says, outcome: credential.OutcomeDone, prepare: prepare}
}

// refused is a kind that the lock refuses, for a reason that the phone may not
// be told.
func refused(name, says string, reason credential.Reason, prepare func(*stage) (tap, error)) kind {
	return kind{name: name, says: says, outcome: credential.OutcomeRefused, reason: reason, prepare: prepare}
}

// leaving is a kind that ends before the lock has anything to decide, which the
// phone cannot know.
func leaving(name, says string, prepare func(*stage) (tap, error)) kind {
	return kind{name: name, says: says, outcome: credential.OutcomeUnconfirmed, prepare: prepare}
}

// handing is the kind with documents that are handed over.
func (k kind) handing(fates ...credential.Reason) kind {
	k.documents = fates
	return k
}

// withSuite2 is the kind at a lock that speaks cipher suite 2, whose owner and
// guests have P-256 keys.
func (k kind) withSuite2() kind {
	k.suite2 = true
	return k
}
