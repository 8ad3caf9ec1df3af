package main

import "github.com/postern-lock/postern/credential"

// impostors are locks that are not the box's, on Wednesday morning.
func (s *story) impostors() []scene {
	return []scene{{
		name: "impostor-self-made", at: at(wednesday, 9, 20), title: "A false lock with a certificate of its own",
		why: "Somebody glued a lock of their own over the box, to see what phones would tell it. It gives the box's id, and a " +
			"certificate for it by a manufacturer whom no scheme knows. The postman's phone knows the box and asks by key id; as " +
			"the key is another one, it asks once more, for the certificate.",
		play: s.selfMadeLock,
		so:   "The lock proves itself first. The grant stayed in the phone, and so did the postman's identity.",
	}, {
		name: "impostor-other-lock", at: at(wednesday, 9, 24), title: "A true lock from another door, under a false name",
		why: "The next try: a lock bought in a shop, with a good certificate, and a circuit between it and the phone that puts " +
			"the box's id into its first answer.",
		play: s.otherLock,
		so:   "A certificate names one lock. The phone compares it with the id that was selected before it goes on.",
	}, {
		name: "impostor-recording", at: at(wednesday, 9, 28), title: "A recording of the true lock",
		why:  "The last try: the true lock's answers to this very handset, recorded yesterday, are played back.",
		play: s.recordedLock,
		so:   "The phone makes a new key for every tap too, and only the lock's own key can answer it.",
	}}
}

// selfMadeLock: its makers have a scheme, a manufacturer and keys of their own.
func (s *story) selfMadeLock() (attempt, error) {
	if err := s.onRound(s.post, s.phones.postman, wednesday); err != nil {
		return attempt{}, err
	}
	strangers, err := newParties()
	if err != nil {
		return attempt{}, err
	}
	falseBox, err := newBox(strangers, boxID)
	if err != nil {
		return attempt{}, err
	}
	field, err := falseBox.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(s.phones.postman, field, opens(credential.OperationDeliver)), nil
}

// otherLock: the same manufacturer made it, for another door.
func (s *story) otherLock() (attempt, error) {
	other, err := newBox(s.parties, otherID)
	if err != nil {
		return attempt{}, err
	}
	field, err := other.powerUp()
	if err != nil {
		return attempt{}, err
	}
	return tap(s.phones.postman, renamed{field, otherID, boxID}, opens(credential.OperationDeliver)), nil
}

// recordedLock: the true lock's own answers of yesterday.
func (s *story) recordedLock() (attempt, error) {
	return tap(s.phones.postman, &recording{s.overheard["postman-second-visit"]}, opens(credential.OperationDeliver)), nil
}
