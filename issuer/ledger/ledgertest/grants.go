package ledgertest

import (
	"bytes"
	"context"
	"math"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer/ledger"
)

func commitKeeps(t tester, s ledger.Store) {
	want := records(0, 3)
	want[1].Reference = credential.Reference{1, 2, 3}
	want[2].IssuedAt--
	kept := commit(t, s, now, want...)
	more := record(3)
	kept = append(kept, commit(t, s, now+1, more)...)
	want = append(want, more)
	for i := range want {
		want[i].Serial = uint64(i) + 1
	}
	require.Equal(t, want, kept)
	require.Equal(t, want, all(t, s))
	found, err := s.Find(t.Context(), []ledger.DutyID{duty(1)})
	require.NoError(t, err)
	require.Equal(t, want[1:2], found)
}

func commitKeepsExtremes(t tester, s ledger.Store) {
	most := ledger.Record{
		Duty: ledger.DutyID(bytes.Repeat([]byte{0xff}, 16)), Tag: credential.Tag(bytes.Repeat([]byte{0xff}, 8)),
		Signer: credential.KeyID(bytes.Repeat([]byte{0xff}, 8)), Holder: credential.KeyID(bytes.Repeat([]byte{0xff}, 8)),
		IssuedAt: math.MaxUint32 - 1, Expires: math.MaxUint32, Reference: credential.Reference(bytes.Repeat([]byte{0xff}, 8)),
		Grant: bytes.Repeat([]byte{0x00, 0xff}, 256),
	}
	least := ledger.Record{
		Duty: ledger.DutyID{15: 1}, Tag: credential.Tag{7: 1}, Signer: credential.KeyID{7: 1}, Holder: credential.KeyID{7: 1},
		IssuedAt: math.MaxUint32 - 2, Expires: math.MaxUint32, Grant: []byte{0},
	}
	commit(t, s, math.MaxUint32, most, least)
	most.Serial, least.Serial = 1, 2
	require.Equal(t, []ledger.Record{most, least}, all(t, s))
	held, err := s.Held(t.Context(), most.Holder, math.MaxUint32-1)
	require.NoError(t, err)
	require.Equal(t, []ledger.Record{most}, held)
}

func commitGivesFirst(t tester, s ledger.Store) {
	first := commit(t, s, now, records(0, 2)...)
	second := records(0, 3, func(r *ledger.Record) { r.Tag[0], r.IssuedAt, r.Grant = 9, now+5, []byte("second") })
	slices.Reverse(second)
	kept := commit(t, s, now+5, second...)
	require.Equal(t, []ledger.Record{first[1], first[0]}, kept[1:], "the records that were there")
	require.Equal(t, uint64(3), kept[0].Serial, "no serial was used up")
	require.Equal(t, []byte("second"), kept[0].Grant)
	require.Equal(t, append(first, kept[0]), all(t, s))

	// What was forgotten is forgotten: its tag is free.
	commit(t, s, now+5, record(7, func(r *ledger.Record) { r.Tag = second[1].Tag }))
}

func commitRefusesBad(t tester, s ledger.Store) {
	for name, alter := range map[string]func(*ledger.Record){
		"no duty":        func(r *ledger.Record) { r.Duty = ledger.DutyID{} },
		"no tag":         func(r *ledger.Record) { r.Tag = credential.Tag{} },
		"no signer":      func(r *ledger.Record) { r.Signer = credential.KeyID{} },
		"no holder":      func(r *ledger.Record) { r.Holder = credential.KeyID{} },
		"a serial":       func(r *ledger.Record) { r.Serial = 1 },
		"withdrawn":      func(r *ledger.Record) { r.Withdrawn = now },
		"a bystander":    func(r *ledger.Record) { r.Bystander = true },
		"no time":        func(r *ledger.Record) { r.IssuedAt = 0 },
		"no duration":    func(r *ledger.Record) { r.Expires = r.IssuedAt },
		"from later":     func(r *ledger.Record) { r.IssuedAt++ },
		"no grant":       func(r *ledger.Record) { r.Grant = nil },
		"a long grant":   func(r *ledger.Record) { r.Grant = make([]byte, 513) },
		"a duty twice":   func(r *ledger.Record) { r.Duty = duty(0) },
		"one tag twice":  func(r *ledger.Record) { r.Tag = record(0).Tag },
		"the same twice": func(r *ledger.Record) { *r = record(0) },
	} {
		batch := records(0, 3)
		alter(&batch[1])
		_, err := s.Commit(t.Context(), now, batch)
		require.ErrorIs(t, err, ledger.ErrInvalid, name)
		require.Empty(t, all(t, s), name)
	}
	require.Equal(t, uint64(1), commit(t, s, now, record(0))[0].Serial)
}

func commitRefusesConflict(t tester, s ledger.Store) {
	first := commit(t, s, now, record(0))
	batch := records(1, 3)
	batch[1].Tag = first[0].Tag
	_, err := s.Commit(t.Context(), now, batch)
	require.ErrorIs(t, err, ledger.ErrConflict)
	require.Equal(t, first, all(t, s))
	require.Equal(t, uint64(2), commit(t, s, now, record(9))[0].Serial)
}

func commitRefusesClock(t tester, s ledger.Store) {
	issued := func(at credential.Time) func(*ledger.Record) {
		return func(r *ledger.Record) { r.IssuedAt = at }
	}
	commit(t, s, now, record(0))
	oldest := now - ledger.ClockTolerance
	commit(t, s, oldest, record(1, issued(oldest)))
	kept := all(t, s)
	for name, batch := range map[string][]ledger.Record{
		"of the commit":  {record(2, issued(oldest-1))},
		"of one record":  {record(2), record(3, issued(oldest-1)), record(4)},
		"of a known one": {record(2), record(1, issued(oldest-1))},
	} {
		at := now
		if len(batch) == 1 {
			at = oldest - 1
		}
		_, err := s.Commit(t.Context(), at, batch)
		require.ErrorIs(t, err, ledger.ErrClock, name)
		require.Equal(t, kept, all(t, s), name)
	}
	// A commit of an early record does not take the clock back, nor does a late
	// time of commit put it forward.
	commit(t, s, now+30*hour, record(4))
	commit(t, s, oldest, record(5, issued(oldest)))
	_, err := s.Commit(t.Context(), oldest-1, []ledger.Record{record(6, issued(oldest-1))})
	require.ErrorIs(t, err, ledger.ErrClock)
}

func commitRefusesDenied(t tester, s ledger.Store) {
	first := commit(t, s, now, record(0))
	_, err := s.RaiseLeast(t.Context(), post, now+1, now+1)
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), now+1, []ledger.Record{record(1, func(r *ledger.Record) { r.IssuedAt = now + 1 }), record(2)})
	require.ErrorIs(t, err, ledger.ErrClock, "issued before the least")
	require.Len(t, all(t, s), 1)
	commit(t, s, now+1, record(2, func(r *ledger.Record) { r.Signer[7] = 7 }))
	again := commit(t, s, now+1, record(0))
	require.Equal(t, first[0].Serial, again[0].Serial, "a duty that has a record")
}

func commitShares(t tester, s ledger.Store) {
	given := records(0, 1)
	kept := commit(t, s, now, given...)
	given[0].Grant[0] = 'x'
	kept[0].Grant[1] = 'x'
	all(t, s)[0].Grant[2] = 'x'
	found, err := s.Find(t.Context(), []ledger.DutyID{duty(0)})
	require.NoError(t, err)
	require.Equal(t, record(0).Grant, found[0].Grant)
}

func findOrder(t tester, s ledger.Store) {
	commit(t, s, now, records(0, 4)...)
	found, err := s.Find(t.Context(), []ledger.DutyID{duty(3), duty(77), duty(0), duty(2), duty(3)})
	require.NoError(t, err)
	var serials []uint64
	for _, r := range found {
		serials = append(serials, r.Serial)
	}
	require.Equal(t, []uint64{4, 1, 3, 4}, serials)
}

func sincePages(t tester, s ledger.Store) {
	commit(t, s, now, records(0, 10)...)
	var serials []uint64
	for {
		var last uint64
		if n := len(serials); n > 0 {
			last = serials[n-1]
		}
		page, err := s.Since(t.Context(), last, 3)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), 3)
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			serials = append(serials, r.Serial)
			require.Equal(t, record(uint32(r.Serial-1)).Tag, r.Tag)
		}
		require.LessOrEqual(t, len(serials), 10)
	}
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, serials)
	none, err := s.Since(t.Context(), math.MaxUint64, 3)
	require.NoError(t, err)
	require.Empty(t, none)
	for _, limit := range []int{-1, 0, ledger.MaxNewest + 1} {
		_, err := s.Since(t.Context(), 0, limit)
		require.ErrorIs(t, err, ledger.ErrInvalid, "%d", limit)
	}
}

func heldStanding(t tester, s ledger.Store) {
	kept := commit(t, s, now,
		record(0),
		record(1, func(r *ledger.Record) { r.Expires = now + hour }),
		record(2, func(r *ledger.Record) { r.Expires = now + hour + 1 }),
		record(3),
		record(4, func(r *ledger.Record) { r.Holder[7]++ }),
		record(5, func(r *ledger.Record) { r.Signer[7]++ }))
	require.NoError(t, s.Withdraw(t.Context(), now, []credential.Tag{kept[3].Tag}))
	held, err := s.Held(t.Context(), postman, now+hour)
	require.NoError(t, err)
	require.Equal(t, []ledger.Record{kept[0], kept[2], kept[5]}, held)
	_, err = s.Held(t.Context(), postman, 0)
	require.ErrorIs(t, err, ledger.ErrInvalid, "no time")
}

func heldBound(t tester, s ledger.Store) {
	for from := 0; from < ledger.MaxNewest; from += ledger.MaxBatch {
		commit(t, s, now, records(from, ledger.MaxBatch)...)
	}
	commit(t, s, now, record(ledger.MaxNewest))
	held, err := s.Held(t.Context(), postman, now)
	require.NoError(t, err)
	require.Len(t, held, ledger.MaxNewest)
	for i, r := range held {
		require.Equal(t, uint64(i)+1, r.Serial)
	}
}

func batches(t tester, s ledger.Store) {
	most := commit(t, s, now, records(0, ledger.MaxBatch)...)
	_, err := s.Commit(t.Context(), now, records(0, ledger.MaxBatch+1))
	require.ErrorIs(t, err, ledger.ErrInvalid)
	require.Len(t, all(t, s), ledger.MaxBatch)

	duties := make([]ledger.DutyID, ledger.MaxBatch+1)
	for i := range duties {
		duties[i] = duty(uint32(i))
	}
	found, err := s.Find(t.Context(), duties[:ledger.MaxBatch])
	require.NoError(t, err)
	require.Equal(t, most, found)
	_, err = s.Find(t.Context(), duties)
	require.ErrorIs(t, err, ledger.ErrInvalid)

	require.NoError(t, s.Withdraw(t.Context(), now, tagsOf(most)))
	require.ErrorIs(t, s.Withdraw(t.Context(), now, append(tagsOf(most), most[0].Tag)), ledger.ErrInvalid)
	require.NoError(t, s.Delivered(t.Context(), make([]ledger.Delivery, ledger.MaxBatch)))
	require.ErrorIs(t, s.Delivered(t.Context(), make([]ledger.Delivery, ledger.MaxBatch+1)), ledger.ErrInvalid)

	kept, err := s.Commit(t.Context(), now, nil)
	require.NoError(t, err)
	require.Empty(t, kept)
	found, err = s.Find(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, s.Withdraw(t.Context(), now, nil))
	require.NoError(t, s.Delivered(t.Context(), nil))
	require.NoError(t, s.Place(t.Context(), nil))
	require.NoError(t, s.Bring(t.Context(), lockID(0), nil))
	require.NoError(t, s.Taken(t.Context(), lockID(0), nil))
}

func contexts(t tester, s ledger.Store) {
	place(t, s, "A")
	kept := commit(t, s, now, record(0))
	require.NoError(t, s.WantLog(t.Context(), lockID(0), true))
	require.NoError(t, s.Bring(t.Context(), lockID(0), pages(0, 1)))
	held := policy(t, lockID(0), 1, now)
	require.NoError(t, s.Post(t.Context(), held))
	before := outbox(t, s, "A")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Find":       func() error { _, err := s.Find(ctx, []ledger.DutyID{duty(0)}); return err },
		"Commit":     func() error { _, err := s.Commit(ctx, now, records(1, 1)); return err },
		"Since":      func() error { _, err := s.Since(ctx, 0, 1); return err },
		"Held":       func() error { _, err := s.Held(ctx, postman, now); return err },
		"Withdraw":   func() error { return s.Withdraw(ctx, now, tagsOf(kept)) },
		"NextList":   func() error { _, err := s.NextList(ctx, post, now, longest); return err },
		"RaiseLeast": func() error { _, err := s.RaiseLeast(ctx, post, now, now); return err },
		"Place":      func() error { return s.Place(ctx, []ledger.Box{{Lock: lockID(0), Area: []byte("B")}}) },
		"Post":       func() error { return s.Post(ctx, policy(t, lockID(0), 2, now)) },
		"Outbox":     func() error { _, err := s.Outbox(ctx, []byte("A")); return err },
		"OutboxOf":   func() error { _, err := s.OutboxOf(ctx, nil); return err },
		"Delivered":  func() error { return s.Delivered(ctx, []ledger.Delivery{{Lock: lockID(0), Tag: held.Tag}}) },
		"WantLog":    func() error { return s.WantLog(ctx, lockID(0), false) },
		"Bring":      func() error { return s.Bring(ctx, lockID(0), pages(1, 1)) },
		"Pages":      func() error { _, err := s.Pages(ctx, lockID(0)); return err },
		"Taken":      func() error { return s.Taken(ctx, lockID(0), pages(0, 1)) },
	} {
		require.ErrorIs(t, call(), context.Canceled, name)
	}
	require.Equal(t, kept, all(t, s))
	require.Equal(t, before, outbox(t, s, "A"))
	waiting, err := s.Pages(t.Context(), lockID(0))
	require.NoError(t, err)
	require.Equal(t, pages(0, 1), waiting)
	require.Equal(t, now-12*hour, list(t, s, now).Least, "not raised")
}
