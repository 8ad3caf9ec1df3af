package main

import (
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/lock/locktest"
)

// round is what openings program while the ring in flash goes round once.
type round struct {
	openings int
	pages    int             // that they programmed, all together
	most     int             // by one of them
	before   *locktest.Flash // as the dearest one found it
}

// mean returns the pages of an opening.
func (r round) mean() float64 { return float64(r.pages) / float64(r.openings) }

// rounds are those of a lock with a full memory.
type rounds struct{ owner, guest round }

// goRounds has the lock with a full memory opened until its flash has gone round:
// by the owner, and by a guest whose phone resumes.
func goRounds() (rounds, error) {
	owner, err := roundOf((*stage).ownerPhone, false)
	if err != nil {
		return rounds{}, err
	}
	guest, err := roundOf((*stage).guestPhone, true)
	return rounds{owner, guest}, err
}

// roundOf goes round with the openings of a phone, which may resume.
func roundOf(phone func(*stage) (*holder.Phone, error), resumes bool) (round, error) {
	s, err := newStage(false)
	if err != nil {
		return round{}, err
	}
	if err := s.fill(); err != nil {
		return round{}, err
	}
	p, err := phone(s)
	if err != nil {
		return round{}, err
	}
	if resumes {
		p.Slots = holder.NewSlots()
	}
	return s.goRound(noted(p))
}

// goRound plays a tap until its openings have programmed as many pages as there
// are.
func (s *stage) goRound(t tap) (round, error) {
	var r round
	for r.pages < s.flash.Pages() {
		before, programmed := s.flash.Clone(), s.flash.Programmed
		if err := s.play(t); err != nil {
			return round{}, err
		}
		pages := (s.flash.Programmed - programmed) / flashPageBytes
		r.openings, r.pages = r.openings+1, r.pages+pages
		if pages > r.most {
			r.most, r.before = pages, before
		}
	}
	return r, nil
}
