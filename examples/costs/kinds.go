package main

import "github.com/postern-lock/postern/credential"

// kind is one kind of tap.  To count another one, add it to kinds, write its
// prepare function, and make the golden counts anew, as README.md says.
type kind struct {
	name string // in figures
	says string // for people, at most 33 characters
	// outcome and reason are what must come of it: as the phone has it, and as
	// the lock tells its maker's code.
	outcome credential.Outcome
	reason  credential.Reason
	suite2  bool // of a lock and an owner with P-256 keys
	// prepare plays what comes before the tap whose cost is counted, and
	// returns that tap.
	prepare func(*stage) (tap, error)
}

// kinds are all kinds of taps, in the order in which they are printed.
var kinds = []kind{
	opened("owner-first", "owner, phone and lock meet", ownerFirst),
	opened("owner", "owner", ownerAgain),
	opened("owner-keeps", "owner, a secret to resume is made", ownerKeeps),
	opened("owner-resumed", "owner, resumed", ownerResumed),
	opened("owner-banks", "owner, the flash changes banks", ownerBanks),
	opened("guest-first", "guest, phone and lock meet", guestFirst),
	opened("guest", "guest, grant remembered", guestAgain),
	opened("guest-resumed", "guest, resumed", guestResumed),
	opened("post-first", "postman, first visit of the post", postFirst),
	opened("post-day", "postman, new day", postDay),
	opened("post-again", "postman, same grant again", postAgain),
	refused("refused", "postman of another round, refused", credential.ReasonTarget, wrongRound),
	leaving("stranger-hello", "stranger, message_1 alone", strangerHello),
	refused("stranger-key", "stranger with a bare key", credential.ReasonOwnerUnknown, strangerKey),
	refused("stranger-grant", "grant forged in the owner's name", credential.ReasonSignature, strangerGrant),
	refused("stranger-chain", "grant under a made-up scheme", credential.ReasonIssuerUnknown, strangerChain),
	opened("suite2-owner", "owner, cipher suite 2", ownerAgain).withSuite2(),
	opened("suite2-guest", "guest, both meet, cipher suite 2", guestFirst).withSuite2(),
}

// opened is a kind that ends with an open box.
func opened(name, says string, prepare func(*stage) (tap, error)) kind {
	return kind{name: name, says: says, outcome: credential.OutcomeOpened, prepare: prepare}
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

// withSuite2 is the kind at a lock that speaks cipher suite 2, whose owner and
// guests have P-256 keys.
func (k kind) withSuite2() kind {
	k.suite2 = true
	return k
}
