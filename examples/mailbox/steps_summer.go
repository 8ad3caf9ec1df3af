package main

import "github.com/postern-lock/postern/credential"

// holidays are five weeks without the owner.
func (s *story) holidays() []scene {
	return []scene{{
		name: "neighbour-carries-notice", at: at(leaving, 18, 20), title: "The neighbour carries the notice",
		why: "The owner leaves for five weeks, and remembers it on the train. Policy 4 has a notice for operators: away from today " +
			"until the 15th of August, please hold parcels. It goes to the neighbour by message, and to the lock with the next tap.",
		play: s.neighbourCarriesNotice,
		so:   "The notice is not for guests, so the neighbour's phone was not shown it.",
	}, {
		name: "postman-sees-notice", at: at(holiday, 9, 14), title: "The postman is shown the notice",
		why:  "On Monday the postman brings letters. The notice comes with the lock's answer, sealed for the handset.",
		play: func() (attempt, error) { return s.delivers(s.post, s.phones.postman, holiday) },
		so:   "Only who may open the box learns that nobody is at home. It allows nothing and forbids nothing; the handset notes it for the depot.",
	}}
}

// neighbourCarriesNotice: a guest brings what is for others.
func (s *story) neighbourCarriesNotice() (attempt, error) {
	policy, err := s.sign(leaving, 17, func(c *credential.PolicyClaims) {
		c.Notice = credential.Notice{
			Kind: credential.NoticeAway, From: credential.At(at(leaving, 0, 0)), Until: credential.At(at(homecoming, 22, 0)),
			Instruction: credential.InstructionHoldParcels, Roles: credential.NoticeOperators,
		}
	})
	if err != nil {
		return attempt{}, err
	}
	return s.tapWith(s.phones.neighbour, opens(credential.OperationOpen), policy)
}

// quarrel is about a guest who is one no more.
func (s *story) quarrel() []scene {
	return []scene{{
		name: "sitter-opens", at: at(sitterDay, 19, 40), title: "Somebody waters the plants",
		why:  "A friend of the owner's waters the plants and empties the box, by a grant until the end of the year.",
		play: s.sitterOpens,
	}, {
		name: "postman-carries-denial", at: at(denialDay, 9, 11), title: "The postman carries the end of a friendship",
		why: "They fell out. A grant cannot be taken back from a phone; the owner signs policy 5, which denies it by its tag, and " +
			"ends the notice. The postman's handset brings it on Monday, and cannot read whom it is about.",
		play: s.postmanCarriesDenial,
		so:   "The tag is 8 bytes. Whose it is, only the owner's app knows.",
	}, {
		name: "sitter-denied", at: at(deniedDay, 20, 5), title: "The former friend comes back",
		why:  "The grant is true, and has four months left.",
		play: func() (attempt, error) { return s.tapBox(s.phones.sitter, opens(credential.OperationOpen)) },
		so:   "The signature of an owner is no right by itself: the owner's last word counts.",
	}}
}

// sitterOpens: one more guest.
func (s *story) sitterOpens() (attempt, error) {
	grant, err := s.guestGrant("plant sitter", s.phones.sitter, leaving, newYear, 0)
	if err != nil {
		return attempt{}, err
	}
	s.phones.sitter.Grant = grant
	return s.tapBox(s.phones.sitter, opens(credential.OperationOpen))
}

// postmanCarriesDenial: a policy against somebody else.
func (s *story) postmanCarriesDenial() (attempt, error) {
	policy, err := s.sign(quarrel, 21, func(c *credential.PolicyClaims) {
		c.Notice = credential.Notice{}
		c.Denied = []credential.Tag{s.home.tagOf("plant sitter")}
	})
	if err != nil {
		return attempt{}, err
	}
	return s.delivers(s.post, s.phones.postman, denialDay, policy)
}
