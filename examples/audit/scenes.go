package main

import (
	"bytes"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/audit/audittest"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// scene is what one house of the street brings before the auditor.
type scene struct {
	title   string
	happens string // what happened there
	finding string // what the audit makes of it
	box     *audittest.Box
	items   []audit.Item
	// verdicts are those of the rows that are expected, in their order.
	verdicts []audit.Verdict
}

// street is the small world.
type street struct {
	world  *issuertest.World
	lists  [][]byte
	makers [][]byte
	scenes []scene
}

// seed is what all keys of the street come from, so that it is the same each time.
const seed = "a small street"

// newStreet lets everybody live, honest or not.
func newStreet() (*street, error) {
	w := issuertest.New(seed)
	s := &street{world: w, makers: w.Makers()}
	s.scenes = []scene{
		honest(house(w, 1, 4)), visitor(house(w, 2, 3)), twice(house(w, 3, 1)), cut(house(w, 4, 9)),
		rewritten(house(w, 5, 2)), copied(house(w, 6, 1)), otherEntry(house(w, 7, 2)), stranger(w, house(w, 8, 1)), altered(house(w, 9, 1)),
	}
	last, err := s.withdrawn(house(w, 10, 1))
	s.scenes = append(s.scenes, last)
	return s, err
}

// house returns the box of a house, which was opened so often.
func house(w *issuertest.World, number, openings int) *audittest.Box {
	b := audittest.New(w, number)
	for range openings {
		b.Write(nil)
	}
	return b
}

func honest(b *audittest.Box) scene {
	return scene{
		"No. 1: all is well", "The owner read the log of four entries, and has a receipt of the last.",
		"The receipt's signature is good, and its head binds all four entries: nobody can alter one any more.",
		b, []audit.Item{b.Page(1, 4), b.Receipt()}, verdicts(5, audit.Verified),
	}
}

func visitor(b *audittest.Box) scene {
	return scene{
		"No. 2: a postman's receipt", "Only the postman has a receipt. It hides which entry of the log it is about.",
		"With the owner's log key the audit finds the entry. Without the key the receipt is verified, and the entries are merely told.",
		b, []audit.Item{b.Page(1, 3), b.Blind()}, verdicts(4, audit.Verified),
	}
}

func twice(b *audittest.Box) scene {
	return scene{
		"No. 3: brought twice", "Two couriers brought the same receipt and the same page.",
		"The second receipt is a duplicate, and the entry was told twice: each counts once.",
		b, []audit.Item{b.Receipt(), b.Page(1, 1), b.Receipt(), b.Page(1, 1)},
		[]audit.Verdict{audit.Verified, audit.Duplicate, audit.Verified},
	}
}

func cut(b *audittest.Box) scene {
	return scene{
		"No. 4: a log with holes", "Of nine entries somebody brought 1 to 3 and 6 to 7, and a receipt of the ninth.",
		"Nothing lies, and something is missing: entries 4 and 5, and 8 and 9. The column missing says so. Nothing proves what was brought.",
		b, []audit.Item{b.Page(1, 3), b.Page(6, 7), b.Receipt()},
		append(verdicts(1, audit.Verified), verdicts(5, audit.Told)...),
	}
}

func rewritten(b *audittest.Box) scene {
	twin := b.Twin()
	b.Write(func(e *credential.LogEntry) { e.Reference = credential.Reference([]byte("PARCEL-1")) })
	twin.Write(nil)
	return scene{
		"No. 5: a log rewritten", "The lock signed that parcel PARCEL-1 was delivered. The log that was handed in does not have it.",
		"The receipt refutes entry 3 of the page: somebody rewrote the log after the lock gave it away.",
		b, []audit.Item{twin.Page(1, 3), b.Receipt()},
		[]audit.Verdict{audit.Verified, audit.Verified, audit.Verified, audit.Refuted},
	}
}

func copied(b *audittest.Box) scene {
	twin := b.Twin()
	b.Write(nil)
	twin.Write(func(e *credential.LogEntry) { e.Role, e.Service = credential.RoleGuest, credential.ServiceNone })
	return scene{
		"No. 6: a lock that lives twice", "Two receipts give number 2 of the log to two visitors. Both bear the lock's signature.",
		"The lock lied, or somebody copied its memory and key. The receipts are disputed, and so is what follows.",
		b, []audit.Item{b.Receipt(), twin.Receipt(), b.Page(1, 2)},
		[]audit.Verdict{audit.Disputed, audit.Disputed, audit.Verified, audit.Disputed},
	}
}

func otherEntry(b *audittest.Box) scene {
	c := b.Claims()
	c.Entry.Who = credential.Tag([]byte("somebody"))
	return scene{
		"No. 7: a receipt that tells something else", "A receipt names the head of the log, and tells another visitor than the entry which that head binds.",
		"The signature is good, and the content is not: the lock is broken or lies.",
		b, []audit.Item{b.Page(1, 2), b.Sign(c)},
		[]audit.Verdict{audit.Disputed, audit.Told, audit.Told},
	}
}

func stranger(w *issuertest.World, b *audittest.Box) scene {
	impostor := b.Twin()
	impostor.Key = w.Key("impostor")
	neighbour := house(w, 1, 4)
	c := neighbour.Claims()
	c.Lock = b.ID
	return scene{
		"No. 8: strangers", "Somebody signs a receipt with a key of his own. The lock of No. 1 signs one in the name of No. 8.",
		"No certificate is for the one key, and the other certificate is another lock's: both are refused.",
		b, []audit.Item{impostor.Receipt(), neighbour.Sign(c)}, verdicts(2, audit.Refused),
	}
}

func altered(b *audittest.Box) scene {
	bad, short := b.Receipt(), b.Receipt()
	bad.Object = bytes.Clone(bad.Object)
	bad.Object[len(bad.Object)-1] ^= 1
	short.Object = short.Object[:100]
	return scene{
		"No. 9: altered on the way", "One receipt has a bit changed, one is cut short.",
		"Both are refused; what they claim is not even put into the CSV.",
		b, []audit.Item{bad, short}, verdicts(2, audit.Refused),
	}
}

// withdrawn is about a maker of its own, which a list of the scheme is against.
func (s *street) withdrawn(b *audittest.Box) (scene, error) {
	w := s.world
	key := w.Key("a maker in bankruptcy")
	authority := w.Certified(credential.AuthorityClaims{
		Key: issuertest.Public(key), IssuedAt: w.Now - 100*issuertest.Day, Expires: w.Now + 100*issuertest.Day, Rights: credential.RightLock,
	})
	certificate, list, err := certifyAndWithdraw(w, key, authority, b)
	if err != nil {
		return scene{}, err
	}
	b.Certificate = certificate
	s.makers, s.lists = append(s.makers, authority.Bytes()), append(s.lists, list)
	return scene{
		"No. 10: a maker that is none any more", "The lock's maker lost its key, and the scheme withdrew its certificate.",
		"Whoever has the key can make locks of paper: no receipt of them counts.",
		b, []audit.Item{b.Receipt()}, verdicts(1, audit.Refused),
	}, nil
}

// verdicts returns the verdict so many times.
func verdicts(n int, v audit.Verdict) []audit.Verdict {
	all := make([]audit.Verdict, n)
	for i := range all {
		all[i] = v
	}
	return all
}
