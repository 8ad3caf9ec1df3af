package main

import "github.com/postern-lock/postern/credential"

// firstVisits is the first Monday: first meetings, and two who stay outside.
func (s *story) firstVisits() []scene {
	return []scene{{
		name: "owner-opens", at: at(monday, 7, 40), title: "The owner opens",
		why: "The key is in the owner's phone and never left it; the lock knows its public half since Saturday. Before the " +
			"phone shows anything of its own, the lock proves with its certified key that it is the same one.",
		play: s.ownerOpens,
		so:   "An owner needs no grant, so the lock verifies one signature. The bolt moved when the log entry was in flash, not before.",
	}, {
		name: "postman-first-visit", at: at(monday, 9, 15), title: "The postman delivers",
		why: "At half past five the post signed a grant for this handset: every box of round " + round + ", today, deliver and collect. " +
			"The handset has never met this lock. The owner admits whoever is certified for post, but the lock has never heard " +
			"of this one, and trusts the scheme alone; so it asks for the post's certificate, verifies it, and remembers it.",
		play: func() (attempt, error) { return s.delivers(s.post, s.phones.postman, monday) },
		so:   "The grant also told the lock the time: it is half past five today, or later. That is all the clock it has.",
	}, {
		name: "neighbour-opens", at: at(monday, 12, 30), title: "The neighbour opens with the owner's grant",
		why: "The owner's phone has signed a grant for the neighbour's key: this box, open, thirty days. It was sent by " +
			"message; it is no secret, since only the neighbour's phone can prove that key. The phone keeps it in a secure " +
			"element that has P-256 alone, so the two speak the other cipher suite.",
		play: s.neighbourOpens,
		so:   "No server took part. An owner's grant is no proof of time, so the floor stays where the post has put it.",
	}, {
		name: "replay", at: at(monday, 13, 0), title: "A copied exchange is sent again",
		why: "Somebody hid a coil beside the box and has every byte of the owner's opening of this morning. Now a reader " +
			"sends the phone's part again.",
		play: s.ownerReplayed,
		so:   "The lock makes a new key and a new nonce for every tap, so the old message does not open. A stranger's tap leaves no trace in flash.",
	}, {
		name: "next-street", at: at(monday, 14, 5), title: "The postman of the next street tries this box",
		why:  "A colleague holds a grant of the same kind for today, but for round " + nextRound + ", and stands before the wrong house.",
		play: s.nextStreet,
		so:   "The grant is true, so its holder is told the exact reason, over the channel. Whoever has none is told nothing.",
	}}
}

// ownerOpens: the bare key, no grant.
func (s *story) ownerOpens() (attempt, error) {
	return s.tapBox(s.phones.owner, opens(credential.OperationOpen))
}

// neighbourOpens: a grant that the owner's own phone has signed.
func (s *story) neighbourOpens() (attempt, error) {
	grant, err := s.guestGrant("neighbour", s.phones.neighbour, monday, monday+30, 0)
	if err != nil {
		return attempt{}, err
	}
	s.phones.neighbour.Grant = grant
	return s.tapBox(s.phones.neighbour, opens(credential.OperationOpen))
}

// ownerReplayed sends again what the owner's phone sent this morning.
func (s *story) ownerReplayed() (attempt, error) {
	field, err := s.box.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return replay(field, s.overheard["owner-opens"]), nil
}

// nextStreet: a true grant for other boxes.
func (s *story) nextStreet() (attempt, error) {
	grant, err := roundGrant(s.post, s.phones.colleague, nextRound, monday)
	if err != nil {
		return attempt{}, err
	}
	s.phones.colleague.Grant = grant
	return s.tapBox(s.phones.colleague, opens(credential.OperationDeliver))
}
