package main

import (
	"fmt"

	"github.com/postern-lock/postern/credential"
)

// timeAndSignatures is Tuesday.
func (s *story) timeAndSignatures() []scene {
	return []scene{{
		name: "postman-second-visit", at: at(tuesday, 9, 12), title: "The postman delivers again",
		why: "A new day, a new grant. By now the handset knows the lock's certificate and the lock knows the post's, so " +
			"neither is sent again.",
		play: func() (attempt, error) { return s.delivers(s.post, s.phones.postman, tuesday) },
		so:   "This is the short path, the usual one: the right, its proof and the answer in three pairs. The floor is Tuesday now.",
	}, {
		name: "yesterdays-grant", at: at(tuesday, 16, 20), title: "Yesterday's grant, in a stolen handset",
		why: "On Monday a trainee walked the round too, with a handset and a grant of that day. It was stolen in the " +
			"evening, and the thief can use its key. Nobody has told the lock, and no list of stolen handsets has reached it.",
		play: s.yesterdaysGrant,
		so: "Today's postman carried today in, and what was over by then is over for good. Before that visit the lock " +
			"could not have known: so it is with a lock without a clock, and so grants to staff last one day.",
	}, {
		name: "altered-grant", at: at(tuesday, 19, 45), title: "The neighbour's grant, altered",
		why: "Thirty days are not enough for the neighbour, who writes another year into the grant. The phone proves its " +
			"key as before; the owner's signature stays what it was.",
		play: s.alteredGrant,
		so: "The lock answers as if it had never heard of the owner: with made-up grants nobody finds out whose box it " +
			"is. The exact reason above is what it told its maker's code.",
	}}
}

// yesterdaysGrant: a true grant whose time has passed, with the right key.
func (s *story) yesterdaysGrant() (attempt, error) {
	return s.delivers(s.post, s.phones.trainee, monday)
}

// alteredGrant: the right key, and a grant that was written to.  The app does
// not notice: it has no need of the owner's key.
func (s *story) alteredGrant() (attempt, error) {
	honest, err := credential.ParseGrant(s.phones.neighbour.Grant)
	if err != nil {
		return attempt{}, err
	}
	until := honest.Claims.Expires
	longer := credential.At(until.Time().AddDate(1, 0, 0))
	altered, offset, err := prolong(honest.Bytes(), until, longer)
	if err != nil {
		return attempt{}, err
	}
	dishonest := *s.phones.neighbour
	dishonest.Grant = altered
	a, err := s.tapBox(&dishonest, opens(credential.OperationOpen))
	a.note = fmt.Sprintf("Altered: bytes %d to %d of %d, from %X (%v) to %X (%v).",
		offset, offset+3, len(altered), honest.Bytes()[offset:offset+4], until, altered[offset:offset+4], longer)
	return a, err
}
