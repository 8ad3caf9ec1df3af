package ledgertest

import (
	"bytes"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func policyCarried(t tester, s ledger.Store) {
	place(t, s, "A1", "A1", "A2")
	third, first := policy(t, lockID(2), 1, now), policy(t, lockID(0), 1, now)
	require.NoError(t, s.Post(t.Context(), third))
	require.NoError(t, s.Post(t.Context(), first))
	require.NoError(t, s.WantLog(t.Context(), lockID(1), true))
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	require.Equal(t, []ledger.Document{first}, outbox(t, s, "A1").Policies)
	require.Equal(t, ledger.Load{
		Policies: []ledger.Document{first, third}, Logs: []credential.LockID{lockID(0), lockID(1)},
	}, outbox(t, s, "A"))

	require.NoError(t, s.WantLog(t.Context(), lockID(0), false))
	delivery := []ledger.Delivery{{Lock: first.Lock, Tag: first.Tag}}
	for range 2 {
		require.NoError(t, s.Delivered(t.Context(), delivery))
		require.Equal(t, ledger.Load{Policies: []ledger.Document{third}, Logs: []credential.LockID{lockID(1)}}, outbox(t, s, "A"))
	}
	second := policy(t, lockID(0), 2, now)
	require.NoError(t, s.Post(t.Context(), second))
	require.Equal(t, []ledger.Document{second, third}, outbox(t, s, "A").Policies)
}

func postNewer(t tester, s ledger.Store) {
	place(t, s, "A")
	two := policy(t, lockID(0), 2, now)
	require.NoError(t, s.Post(t.Context(), two))
	three := policy(t, lockID(0), 3, now)
	require.NoError(t, s.Post(t.Context(), three))
	for range 2 {
		require.NoError(t, s.Post(t.Context(), three), "the same again")
		require.ErrorIs(t, s.Post(t.Context(), two), ledger.ErrSuperseded)
		require.ErrorIs(t, s.Post(t.Context(), policy(t, lockID(0), 3, now+1)), ledger.ErrConflict)
		require.ErrorIs(t, s.Post(t.Context(), policy(t, lockID(9), 4, now)), ledger.ErrUnknown)
		require.Equal(t, []ledger.Document{three}, outbox(t, s, "A").Policies)
	}
	// The same when it is delivered.
	require.NoError(t, s.Delivered(t.Context(), []ledger.Delivery{{Lock: three.Lock, Tag: three.Tag}}))
	require.NoError(t, s.Post(t.Context(), three))
	require.ErrorIs(t, s.Post(t.Context(), two), ledger.ErrSuperseded)
	require.ErrorIs(t, s.Post(t.Context(), policy(t, lockID(0), 3, now+1)), ledger.ErrConflict)
	require.Empty(t, outbox(t, s, "A").Policies)

	three.Bytes[0] ^= 1
	four := policy(t, lockID(0), 4, now)
	require.NoError(t, s.Post(t.Context(), four))
	want := bytes.Clone(four.Bytes)
	four.Bytes[0] ^= 1
	outbox(t, s, "A").Policies[0].Bytes[1] ^= 1
	require.Equal(t, want, outbox(t, s, "A").Policies[0].Bytes, "the store keeps copies")
}

func postInvalid(t tester, s ledger.Store) {
	place(t, s, "A", "A")
	good, list := policy(t, lockID(0), 1, now), revocation(t, "post", 1, now)
	for name, alter := range map[string]func(*ledger.Document){
		"another lock":      func(d *ledger.Document) { d.Lock = lockID(1) },
		"another version":   func(d *ledger.Document) { d.Version++ },
		"another signer":    func(d *ledger.Document) { d.Signer[0]++ },
		"another tag":       func(d *ledger.Document) { d.Tag[0]++ },
		"a spoilt object":   func(d *ledger.Document) { d.Bytes = d.Bytes[1:] },
		"no object":         func(d *ledger.Document) { d.Bytes = nil },
		"too long":          func(d *ledger.Document) { d.Bytes = append(bytes.Clone(d.Bytes), make([]byte, 769)...) },
		"a policy as list":  func(d *ledger.Document) { d.Lock = credential.LockID{} },
		"a list for a lock": func(d *ledger.Document) { d.Bytes = list.Bytes },
	} {
		d := good
		alter(&d)
		require.ErrorIs(t, s.Post(t.Context(), d), ledger.ErrInvalid, name)
	}
	require.Empty(t, outbox(t, s, "A"))
}

func postLists(t tester, s ledger.Store) {
	a, b := revocation(t, "post", 1, now), revocation(t, "carrier", 7, now)
	newer := revocation(t, "post", 2, now)
	for _, d := range []ledger.Document{a, b, newer} {
		require.NoError(t, s.Post(t.Context(), d))
	}
	want := []ledger.Document{newer, b}
	slices.SortFunc(want, func(a, b ledger.Document) int { return bytes.Compare(a.Signer[:], b.Signer[:]) })
	require.Equal(t, ledger.Load{Lists: want}, outbox(t, s, "anywhere"))
	require.ErrorIs(t, s.Post(t.Context(), a), ledger.ErrSuperseded)
	require.ErrorIs(t, s.Post(t.Context(), revocation(t, "post", 2, now+1)), ledger.ErrConflict)
	require.NoError(t, s.Post(t.Context(), newer), "the same again")
	require.NoError(t, s.Delivered(t.Context(), []ledger.Delivery{{Tag: newer.Tag}, {Lock: lockID(0), Tag: b.Tag}}))
	require.Equal(t, want, outbox(t, s, "anywhere").Lists, "a list is for every lock")
}

func outboxAreas(t tester, s ledger.Store) {
	areas := []string{
		"\x00", "\x00\x00", "\x00\x01", "\x00\xff", "A", "A\x00", "A\x00\x00", "A\xfe", "A\xff", "A\xff\x00", "A\xff\xff", "B", "B\x00",
		"a", "\xc3\xa9", "\x7f", "\x80", "\xfe\xff", "\xff", "\xff\x00", "\xff\xfe", "\xff\xff", "\xff\xff\xff", "%", "A%", "_", "'", `\`,
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "0123456789abcdef", "0123456789abcdee",
	}
	place(t, s, areas...)
	for i := range areas {
		require.NoError(t, s.WantLog(t.Context(), lockID(i), true))
	}
	for _, prefix := range areas {
		var inside []credential.LockID
		for i, a := range areas {
			if len(a) >= len(prefix) && a[:len(prefix)] == prefix {
				inside = append(inside, lockID(i))
			}
		}
		require.Equal(t, inside, outbox(t, s, prefix).Logs, "%q", prefix)
	}
	require.Empty(t, outbox(t, s, "C").Logs)
}

func outboxBounds(t tester, s ledger.Store) {
	boxes := make([]ledger.Box, ledger.MaxBoxes+1)
	for i := range boxes {
		boxes[i] = ledger.Box{Lock: lockID(i), Area: []byte("A")}
	}
	require.ErrorIs(t, s.Place(t.Context(), boxes), ledger.ErrInvalid)
	require.NoError(t, s.Place(t.Context(), boxes[:ledger.MaxBoxes]))
	outbox(t, s, "A")
	boxes[ledger.MaxBoxes].Area = []byte("A\xff")
	require.NoError(t, s.Place(t.Context(), boxes[ledger.MaxBoxes:]))
	_, err := s.Outbox(t.Context(), []byte("A"))
	require.ErrorIs(t, err, ledger.ErrFull)
	outbox(t, s, "A\xff")
	for _, area := range []string{"", "0123456789abcdefg"} {
		_, err := s.Outbox(t.Context(), []byte(area))
		require.ErrorIs(t, err, ledger.ErrInvalid, "%q", area)
	}
}

func outboxOfLocks(t tester, s ledger.Store) {
	place(t, s, "A1", "A1", "B2", "B2")
	list := revocation(t, "post", 1, now)
	first, second, third := policy(t, lockID(0), 1, now), policy(t, lockID(1), 1, now), policy(t, lockID(2), 1, now)
	for _, d := range []ledger.Document{list, third, second, first} {
		require.NoError(t, s.Post(t.Context(), d))
	}
	for _, n := range []int{3, 2, 0} {
		require.NoError(t, s.WantLog(t.Context(), lockID(n), true))
	}
	lists := []ledger.Document{list}
	require.Equal(t, ledger.Load{Lists: lists}, outboxOf(t, s), "of no lock the lists alone")
	require.Equal(t, ledger.Load{Lists: lists}, outboxOf(t, s, credential.LockID{}, lockID(9)), "of unknown locks the same")
	require.Equal(t, ledger.Load{Lists: lists, Policies: []ledger.Document{second}}, outboxOf(t, s, lockID(1)))
	require.Equal(t, ledger.Load{
		Lists: lists, Policies: []ledger.Document{first, third}, Logs: []credential.LockID{lockID(0), lockID(2), lockID(3)},
	}, outboxOf(t, s, lockID(3), lockID(2), lockID(9), lockID(0), lockID(2)), "wherever they are, once, in their order")

	require.NoError(t, s.Delivered(t.Context(), []ledger.Delivery{{Lock: third.Lock, Tag: third.Tag}}))
	require.NoError(t, s.WantLog(t.Context(), lockID(2), false))
	require.Equal(t, ledger.Load{Lists: lists}, outboxOf(t, s, lockID(2)))
	outboxOf(t, s, lockID(0)).Policies[0].Bytes[1] ^= 1
	require.Equal(t, first, outboxOf(t, s, lockID(0)).Policies[0], "the store keeps copies")
}

func outboxOfBounds(t tester, s ledger.Store) {
	locks := make([]credential.LockID, ledger.MaxBoxes+1)
	boxes := make([]ledger.Box, ledger.MaxBoxes)
	for i := range locks {
		locks[i] = lockID(i)
	}
	for i := range boxes {
		boxes[i] = ledger.Box{Lock: lockID(i), Area: []byte("A")}
	}
	require.NoError(t, s.Place(t.Context(), boxes))
	require.NoError(t, s.WantLog(t.Context(), lockID(ledger.MaxBoxes-1), true))
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	_, err := s.OutboxOf(t.Context(), locks)
	require.ErrorIs(t, err, ledger.ErrInvalid)
	load := outboxOf(t, s, locks[:ledger.MaxBoxes]...)
	require.Equal(t, []credential.LockID{lockID(0), lockID(ledger.MaxBoxes - 1)}, load.Logs)
}

func placeMoves(t tester, s ledger.Store) {
	place(t, s, "A")
	d := policy(t, lockID(0), 1, now)
	require.NoError(t, s.Post(t.Context(), d))
	for name, bad := range map[string]ledger.Box{
		"no lock": {Area: []byte("B")}, "no area": {Lock: lockID(2)},
		"long area": {Lock: lockID(2), Area: make([]byte, 17)}, "one twice": {Lock: lockID(0), Area: []byte("B")},
	} {
		err := s.Place(t.Context(), []ledger.Box{{Lock: lockID(0), Area: []byte("B")}, bad, {Lock: lockID(1), Area: []byte("B")}})
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
		require.Equal(t, []ledger.Document{d}, outbox(t, s, "A").Policies, name)
		require.ErrorIs(t, s.WantLog(t.Context(), lockID(1), true), ledger.ErrUnknown, name)
	}
	area := []byte("B")
	require.NoError(t, s.Place(t.Context(), []ledger.Box{{Lock: lockID(0), Area: area}}))
	area[0] = 'C'
	require.Empty(t, outbox(t, s, "A"))
	require.Equal(t, []ledger.Document{d}, outbox(t, s, "B").Policies, "what waits for a lock moves with it")
}

func deliveredOther(t tester, s ledger.Store) {
	place(t, s, "A", "A")
	old, d := policy(t, lockID(0), 1, now), policy(t, lockID(0), 2, now)
	require.NoError(t, s.Post(t.Context(), old))
	require.NoError(t, s.Post(t.Context(), d))
	require.NoError(t, s.Delivered(t.Context(), []ledger.Delivery{
		{Lock: d.Lock, Tag: old.Tag}, {Lock: lockID(1), Tag: d.Tag}, {Lock: lockID(7), Tag: d.Tag}, {Tag: d.Tag}, {Lock: d.Lock},
	}))
	require.Equal(t, []ledger.Document{d}, outbox(t, s, "A").Policies)
}

func pagesWait(t tester, s ledger.Store) {
	place(t, s, "A", "A")
	waiting := func() [][]byte {
		t.Helper()
		got, err := s.Pages(t.Context(), lockID(0))
		require.NoError(t, err)
		return got
	}
	require.Empty(t, waiting())
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	require.NoError(t, s.WantLog(t.Context(), lockID(1), true))
	given := [][]byte{page(5), page(2), page(5)}
	require.NoError(t, s.Bring(t.Context(), lockID(0), given))
	given[0][0]++
	require.NoError(t, s.Bring(t.Context(), lockID(0), [][]byte{page(9), page(2), page(1)}))
	require.NoError(t, s.Bring(t.Context(), lockID(1), [][]byte{page(2)}), "another lock's")
	want := [][]byte{page(5), page(2), page(9), page(1)}
	require.Equal(t, want, waiting())
	waiting()[0][0]++
	require.Equal(t, want, waiting(), "the store keeps copies")

	require.NoError(t, s.WantLog(t.Context(), lockID(0), false))
	require.Equal(t, want, waiting(), "what came stays")
	require.NoError(t, s.Taken(t.Context(), lockID(0), [][]byte{page(2), page(77), nil, page(5)}))
	require.Equal(t, want[2:], waiting())
	other, err := s.Pages(t.Context(), lockID(1))
	require.NoError(t, err)
	require.Equal(t, [][]byte{page(2)}, other)
}

func pagesUnknown(t tester, s ledger.Store) {
	place(t, s, "A")
	require.ErrorIs(t, s.Bring(t.Context(), lockID(0), pages(0, 1)), ledger.ErrUnknown, "nobody waits")
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	require.NoError(t, s.WantLog(t.Context(), lockID(0), false))
	require.ErrorIs(t, s.Bring(t.Context(), lockID(0), pages(0, 1)), ledger.ErrUnknown, "nobody waits any longer")
	require.ErrorIs(t, s.WantLog(t.Context(), lockID(1), true), ledger.ErrUnknown)
	require.ErrorIs(t, s.Bring(t.Context(), lockID(1), pages(0, 1)), ledger.ErrUnknown)
	require.ErrorIs(t, s.Taken(t.Context(), lockID(1), pages(0, 1)), ledger.ErrUnknown)
	_, err := s.Pages(t.Context(), lockID(1))
	require.ErrorIs(t, err, ledger.ErrUnknown)
}

func pagesBounded(t tester, s ledger.Store) {
	place(t, s, "A")
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	waiting := func(want [][]byte) {
		t.Helper()
		got, err := s.Pages(t.Context(), lockID(0))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.NoError(t, s.Bring(t.Context(), lockID(0), pages(0, 60)))
	for name, bad := range map[string][]byte{"none": nil, "short": page(1)[1:], "long": append(page(1), 0)} {
		require.ErrorIs(t, s.Bring(t.Context(), lockID(0), [][]byte{page(100), bad, page(101)}), ledger.ErrInvalid, name)
	}
	require.ErrorIs(t, s.Bring(t.Context(), lockID(0), pages(0, ledger.MaxPages+1)), ledger.ErrInvalid)
	require.ErrorIs(t, s.Taken(t.Context(), lockID(0), pages(0, ledger.MaxPages+1)), ledger.ErrInvalid)
	require.ErrorIs(t, s.Bring(t.Context(), lockID(0), pages(58, 7)), ledger.ErrFull)
	waiting(pages(0, 60))
	require.NoError(t, s.Bring(t.Context(), lockID(0), pages(58, 6)), "those that are there do not count")
	waiting(pages(0, 64))
	require.NoError(t, s.Bring(t.Context(), lockID(0), pages(0, 64)), "the same again")
	require.ErrorIs(t, s.Bring(t.Context(), lockID(0), pages(64, 1)), ledger.ErrFull)
	require.NoError(t, s.Taken(t.Context(), lockID(0), pages(0, 1)))
	require.NoError(t, s.Bring(t.Context(), lockID(0), pages(64, 1)))
	waiting(pages(1, 64))
}
