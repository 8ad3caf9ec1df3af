package main

import (
	"errors"
	"fmt"

	"github.com/postern-lock/postern/apdu"
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
)

// theft is a Thursday in September.
func (s *story) theft() []scene {
	return []scene{{
		name: "stand-in-delivers", at: at(theftDay, 9, 30), title: "A stand-in walks the round",
		why:  "The postman is ill. A colleague stands in, with a handset and a grant of today.",
		play: func() (attempt, error) { return s.delivers(s.post, s.phones.stand, theftDay) },
	}, {
		name: "courier-carries-list", at: at(theftDay, 16, 45), title: "The courier carries the post's list",
		why: "At one the stand-in's handset is stolen, unlocked. At two the post signs a list of what it no longer stands for: one " +
			"tag. It gives the list to everybody who goes about, and to its competitor too.",
		play: s.courierCarriesList,
		so:   "The courier could not have made the list, nor change it. It is the post's, and denies the post's grants alone.",
	}, {
		name: "thief-denied", at: at(theftDay, 18, 30), title: "The thief tries the stolen handset",
		why:  "The thief has the key in the handset, and a true grant that runs until eight.",
		play: func() (attempt, error) { return s.tapBox(s.phones.stand, opens(credential.OperationDeliver)) },
		so: "A box that nobody passed between two and half past six would have opened. So it is with locks without a network, and " +
			"so grants to staff last one day.",
	}}
}

// courierCarriesList: the post's list, and the post's certificate in case that
// the lock lacks it.
func (s *story) courierCarriesList() (attempt, error) {
	stolen, err := credential.ParseGrant(s.phones.stand.Grant)
	if err != nil {
		return attempt{}, err
	}
	list, err := s.revoker.Revoke(credential.RevocationClaims{
		IssuedAt: credential.At(at(theftDay, 14, 0)), Version: 1,
		Denied: []credential.Denial{{Tag: stolen.Tag(), Expires: stolen.Claims.Expires}},
	})
	if err != nil {
		return attempt{}, err
	}
	a, err := s.delivers(s.carrier, s.phones.courier, theftDay, list)
	a.note = fmt.Sprintf("The list has %d bytes.", len(list))
	return a, err
}

// logComesHome is about who was at the box, all year.
func (s *story) logComesHome() []scene {
	return []scene{{
		name: "courier-brings-log", at: at(carryDay, 11, 30), title: "The courier takes the log along",
		why: "The owner, abroad for work, wants to know who was at the box. The owner's app asks the carrier; on the next visit the " +
			"courier's handset takes the log along: four pages, each sealed by the lock under the key that it agreed with the " +
			"owner in February.",
		play: s.courierBringsLog,
		so:   "Four pages are always four pages of 792 bytes, full or empty. The courier learns nothing, not even how often the box was opened.",
	}, {
		name: "altered-page", at: at(readDay, 8, 0), title: "Somebody has altered a page",
		why: "The pages reach the owner by way of the carrier's server. Somebody there would rather that a visit had not been, and " +
			"changes one byte of the first page, in the hope that it turns into another.",
		play: s.alteredPage,
		so: "The page does not open, so nothing of it is believed. Had somebody the key as well, each entry would still be bound to " +
			"those before it, and to every receipt.",
	}, {
		name: "owner-reads-log", at: at(readDay, 8, 5), title: "The owner reads who was there",
		why: "Fetched once more, the pages open. The lock names companies and grants, never a person, and tells the time as well " +
			"as it knows it: not before the newest signed date that it had seen, or at the minute where it was told. Names come " +
			"from the owner's own book.",
		play: s.ownerReadsLog,
		so: "It is all there, with no number missing. Who was the post's on that day, only the post can tell; it is asked by " +
			"the tag, if ever there is need.",
	}}
}

// courierBringsLog: the pages go home with the courier.
func (s *story) courierBringsLog() (attempt, error) {
	if err := s.onRound(s.carrier, s.phones.courier, carryDay); err != nil {
		return attempt{}, err
	}
	a, err := s.tapBox(s.phones.courier, holder.Ask{Operation: credential.OperationDeliver, LogPages: 4})
	s.pages = a.result.LogPages
	return a, err
}

// alteredPage: a bit is turned on the way.
func (s *story) alteredPage() (attempt, error) {
	a := atHome()
	altered := append([]byte(nil), s.pages[0]...)
	altered[400] ^= 1
	if a.err = s.home.history.Add(altered, s.home.keys); errors.Is(a.err, holder.ErrLogKey) {
		a.result.Outcome, a.result.Reason = credential.OutcomeRefused, credential.ReasonChannel
	}
	a.note = fmt.Sprintf("Altered: byte 400 of %d, from %02X to %02X.", len(altered), s.pages[0][400], altered[400])
	return a, nil
}

// ownerReadsLog: every page, and every entry.
func (s *story) ownerReadsLog() (attempt, error) {
	a := atHome()
	for _, page := range s.pages {
		a.err = errors.Join(a.err, s.home.history.Add(page, s.home.keys))
	}
	if a.err != nil {
		return a, a.err
	}
	lines := s.home.history.Lines(func(tag credential.Tag) string { return s.home.book[tag] })
	if n := s.home.history.Newest(); s.home.history.Gaps() != 0 || len(lines) != int(n) {
		return a, fmt.Errorf("%d entries of %d were read", len(lines), n)
	}
	a.table = logTable(lines)
	return a, nil
}

// atHome is what somebody does without the lock: nothing goes over a link.
func atHome() attempt {
	return attempt{link: apdu.NewTracer(nil), result: holder.Result{Outcome: credential.OutcomeDone}}
}
