package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// run is a part of the log of these vectors that the app knows.
func run(first, last int) vectors.LogRun {
	return vectors.LogRun{Base: headOf(first - 1), First: first, Last: last, Head: headOf(last)}
}

// brought is a page that a courier brought, under a key of the app.
func brought(key, page []byte) vectors.LogSource {
	return vectors.LogSource{Sealed: logSeal(key, hash(page)[:16], page).Sealed}
}

func inClear(page []byte) vectors.LogSource { return vectors.LogSource{Clear: page} }

func heard(sequence int) vectors.LogSource { return vectors.LogSource{Sequence: &sequence} }

// readings are what an owner's app puts together (section 19.6).
func (b logBuilder) readings() {
	key, later := logKey("owner"), logKey("later")
	b.group("The owner's reading", vectors.LogParams{Kind: "reading", Lock: b.lockID, Keys: []vectors.Hex{key, later}})
	page := func(first, last int) vectors.LogSource { return brought(key, b.goodPage(first, last)) }
	clear := func(first, last int) vectors.LogSource { return inClear(b.goodPage(first, last)) }
	empty := padded(pageOf(b.lockID, make([]byte, 32), nil))
	all := func(sources ...vectors.LogSource) []vectors.LogSource { return sources }
	valid := func(comment, flag string, sources []vectors.LogSource, runs ...vectors.LogRun) int {
		return b.valid(comment, vectors.LogTest{Sources: sources, Runs: append([]vectors.LogRun{}, runs...)}, flag)
	}
	twin := valid("two pages that follow each other", "reading", all(page(1, 16), page(17, 32)), run(1, 32))
	valid("the newer page first", "reading", all(page(17, 32), page(1, 16)), run(1, 32))
	valid("two pages that overlap", "reading", all(page(1, 16), page(5, 20)), run(1, 20))
	valid("the same page twice", "reading", all(page(1, 16), page(1, 16)), run(1, 16))
	valid("a page within another", "reading", all(page(1, 16), page(4, 9)), run(1, 16))
	valid("an old page from a courier", "reading", all(page(17, 32), page(1, 5)), run(1, 5), run(17, 32))
	valid("a page that joins two others", "reading", all(page(1, 10), page(20, 30), page(9, 21)), run(1, 30))
	valid("a gap of one entry", "gap", all(page(1, 16), page(18, 30)), run(1, 16), run(18, 30))
	valid("two gaps", "gap", all(page(40, 50), page(1, 4), page(20, 22)), run(1, 4), run(20, 22), run(40, 50))
	valid("a log that begins above 1", "reading", all(page(33, 48)), run(33, 48))
	valid("a page without entries", "reading", all(brought(key, empty)))
	valid("a page without entries behind another", "reading", all(page(1, 3), brought(key, empty)), run(1, 3))
	valid("pages under two log keys", "reading", all(page(1, 16), brought(later, b.goodPage(17, 20))), run(1, 20))
	valid("a page in clear", "reading", all(clear(1, 16)), run(1, 16))
	valid("pages in clear, the newest first", "reading", all(clear(17, 32)), run(17, 32))
	valid("a page of a courier, then one in clear", "reading", all(page(1, 16), clear(9, 24)), run(1, 24))
	valid("a state with the newest number", "reading", all(page(1, 16), heard(16)), run(1, 16))
	valid("a state with a later number", "reading", all(page(1, 16), heard(40)), run(1, 16))
	b.readingFaults(twin, key, page, clear)
}

// readingFaults end with what the app must not take.
func (b logBuilder) readingFaults(twin int, key []byte, page, clear func(first, last int) vectors.LogSource) {
	add := func(reason int64, finding, flag, comment string, sources ...vectors.LogSource) {
		b.invalid(twin, reason, comment, vectors.LogTest{Sources: sources, Finding: finding}, flag)
	}
	changed := func(first, last, at int, change func(e *logEntry)) []byte {
		all := entries(first, last)
		change(&all[at-first])
		return padded(pageOf(b.lockID, headOf(first-1), all))
	}
	for _, c := range []struct {
		comment string
		change  func(e *logEntry)
	}{
		{"time", func(e *logEntry) { e.time++ }},
		{"who", func(e *logEntry) { e.who = flipped(e.who, 0) }},
		{"operation", func(e *logEntry) { e.operation = wire.OperationCollect }},
		{"evidence", func(e *logEntry) { e.evidence = wire.EvidenceFloor }},
		{"reference", func(e *logEntry) { e.reference = nil }},
	} {
		add(wire.ReasonState, "altered", "altered", "entry 8 has another "+c.comment,
			page(1, 16), brought(key, changed(5, 20, 8, c.change)))
	}
	rebased := func(base []byte, first, last int) []byte { return padded(pageOf(b.lockID, base, entries(first, last))) }
	add(wire.ReasonState, "altered", "altered", "the base is not the head before", page(1, 16), brought(key, rebased(flipped(headOf(16), 31), 17, 20)))
	add(wire.ReasonState, "altered", "altered", "the base is zero", page(1, 16), brought(key, rebased(make([]byte, 32), 17, 20)))
	add(wire.ReasonState, "altered", "altered", "the base is the head one entry before", page(1, 16), brought(key, rebased(headOf(15), 17, 20)))
	add(wire.ReasonState, "altered", "altered", "the base of an earlier page does not lead to a later one", page(17, 32), brought(key, rebased(flipped(headOf(9), 0), 10, 16)))
	add(wire.ReasonState, "altered", "altered", "the same entries on another base", page(5, 9), brought(key, rebased(flipped(headOf(4), 0), 5, 9)))
	add(wire.ReasonState, "altered", "altered", "an entry before the known ones is altered", page(17, 32), brought(key, changed(10, 16, 12, func(e *logEntry) { e.time++ })))
	add(wire.ReasonState, "altered", "altered", "the last known entry is altered, and newer ones follow", page(1, 16), brought(key, changed(16, 20, 16, func(e *logEntry) { e.resource = 1 })))
	add(wire.ReasonState, "altered", "altered", "a page joins two, and fits one of them alone", page(1, 10), page(20, 30), brought(key, changed(11, 19, 19, func(e *logEntry) { e.time++ })))
	add(wire.ReasonState, "altered", "altered", "in clear: entry 8 is another", page(1, 16), inClear(changed(5, 20, 8, func(e *logEntry) { e.time++ })))
	forked := headAfter(headOf(15), []logEntry{{sequence: 16, time: 1, operation: 1, outcome: 1, role: wire.RoleOwner}})
	add(wire.ReasonState, "altered", "altered", "entry 16 was another when the page was made", page(1, 16), brought(key, rebased(forked, 17, 20)))
	add(wire.ReasonState, "fell-back", "fall", "a state with a number below the newest known", page(1, 16), heard(15))
	add(wire.ReasonState, "fell-back", "fall", "a state with number 1", page(17, 32), heard(1))
	add(wire.ReasonState, "fell-back", "fall", "in clear: the newest page ends before the newest known", page(1, 16), clear(1, 15))
	add(wire.ReasonState, "fell-back", "fall", "in clear, after a page in clear", clear(17, 32), clear(10, 25))
	other := flipped(b.lockID, 7)
	add(wire.ReasonLockIdentity, "other-lock", "other", "a page of another lock", page(1, 16), brought(key, padded(pageOf(other, headOf(16), entries(17, 20)))))
	add(wire.ReasonLockIdentity, "other-lock", "other", "a page of another lock, in clear", page(1, 16), inClear(padded(pageOf(other, headOf(16), entries(17, 20)))))
	add(wire.ReasonChannel, "sealed", "seal", "a page under a key that the app does not have", page(1, 16), brought(logKey("other"), b.goodPage(17, 32)))
	tampered := page(17, 32)
	tampered.Sealed = flipped(tampered.Sealed, 200)
	add(wire.ReasonChannel, "sealed", "seal", "a page that was altered on the way", page(1, 16), tampered)
	add(wire.ReasonChannel, "sealed", "seal", "a page in clear that a courier brought", page(1, 16), vectors.LogSource{Sealed: b.goodPage(17, 32)})
	skipped := append(entries(17, 19), entries(21, 24)...)
	add(wire.ReasonMalformed, "malformed", "numbers", "a sealed page with a number left out", page(1, 16), brought(key, padded(pageOf(b.lockID, headOf(16), skipped))))
	add(wire.ReasonMalformed, "malformed", "padding", "a sealed page with bytes behind the array", page(1, 16), brought(key, flipped(b.goodPage(17, 32), -1)))
}

// receipts are what a phone verifies and an owner's app finds in the log
// (section 19.5).
func (b logBuilder) receipts(w *exchangeWorld) {
	b.group(heading(w, "receipts"), vectors.LogParams{
		Kind: "receipt", Certificate: w.lockCert, Authorities: []vectors.Hex{w.makerCert}, Roots: []vectors.Hex{w.scheme.coseKey().data},
	})
	r := receiptMaker{w, logKey("owner")}
	guest := r.claims(20, false, true)
	twin := b.valid("to a guest who opened", r.whole(guest, 20, 24), "receipt", "blind")
	b.valid("to the owner", r.whole(r.claims(24, true, true), 24, 24), "receipt")
	b.valid("to the owner, of an older head", r.whole(r.claims(21, true, true), 21, 24), "receipt")
	b.valid("to a guest who asked for the state", r.whole(r.claims(22, false, false), 22, 24), "receipt", "blind")
	b.valid("to the owner of a lock whose log is empty", r.whole(r.claims(0, true, false), 0, 0), "receipt")
	unknown := r.whole(guest, 20, 19)
	unknown.Match = nil
	b.valid("to a guest, of a head that the app does not know", unknown, "receipt")
	former := r.whole(guest, 20, 24)
	former.Keys, former.Match = []vectors.Hex{logKey("later")}, nil
	b.valid("to a guest, under a log key that the app does not have", former, "receipt")
	noPolicy := r.claims(20, false, true)
	noPolicy.policyVersion, noPolicy.policy = 0, nil
	b.valid("of a lock without a policy", r.whole(noPolicy, 20, 24), "receipt")
	b.receiptFaults(w, r, guest, twin)
}

// receiptMaker makes receipts of one lock under one log key.
type receiptMaker struct {
	w   *exchangeWorld
	key []byte
}

// receiptClaims are the content of a receipt.
type receiptClaims struct {
	lock                 []byte
	floor, policyVersion uint64
	policy, head         []byte
	entry                item
	owner                bool
}

// claims are those when the log's newest entry has this number.
func (r receiptMaker) claims(newest int, owner, withEntry bool) receiptClaims {
	c := receiptClaims{
		lock: r.w.lockID, floor: uint64(noon), policyVersion: 3, policy: draw("log/policy", 8), head: headOf(newest), entry: arrayItem(), owner: owner,
	}
	e := entryOf(newest)
	if !owner {
		c.head = kdf(r.key, wire.LogLabelBlind, c.head, 32)
		e.sequence = 0
	}
	if withEntry {
		c.entry = e.item()
	}
	return c
}

func (c receiptClaims) payload() item {
	scope := arrayItem(bytesItem(c.lock), uintItem(c.policyVersion), bytesItem(c.policy), bytesItem(c.head), c.entry)
	return mapItem(uintItem(6), uintItem(c.floor), uintItem(9), bytesItem(scope.data))
}

// header is that of an object of the lock.
func (r receiptMaker) header(typ uint64) item {
	alg := nintItem(18)
	if r.w.suite == wire.SuiteP256Es256 {
		alg = nintItem(8)
	}
	return mapItem(uintItem(1), alg, uintItem(4), bytesItem(r.w.lock.keyID()), uintItem(16), uintItem(typ))
}

func (r receiptMaker) sign(c receiptClaims) []byte {
	return r.w.lock.object(r.header(wire.TypeReceipt), mapItem(), c.payload()).data
}

// whole is the valid test, to an app that knows the heads up to one.
func (r receiptMaker) whole(c receiptClaims, newest, known int) vectors.LogTest {
	owner := c.owner
	t := vectors.LogTest{
		Receipt: r.sign(c), Owner: &owner, Keys: []vectors.Hex{r.key}, Heads: []vectors.Hex{},
		Claims: &vectors.ReceiptClaims{
			Lock: c.lock, Floor: int(c.floor), PolicyVersion: int(c.policyVersion), Policy: vectors.Hex(bytes.Clone(append([]byte{}, c.policy...))), Head: c.head, Entry: c.entry.data,
		},
	}
	first := max(0, known-5)
	for n := first; n <= known; n++ {
		t.Heads = append(t.Heads, headOf(n))
	}
	match := newest - first
	t.Match = &match
	return t
}

func (b logBuilder) receiptFaults(w *exchangeWorld, r receiptMaker, guest receiptClaims, twin int) {
	add := func(reason int64, comment string, object []byte) {
		b.invalid(twin, reason, comment, vectors.LogTest{Receipt: object}, "receipt")
	}
	good := r.sign(guest)
	payload, header := guest.payload(), r.header(wire.TypeReceipt)
	other := identityOf(2-w.suite, "lock")
	otherAlg := mapItem(uintItem(1), nintItem(8), uintItem(4), bytesItem(w.lock.keyID()), uintItem(16), uintItem(wire.TypeReceipt))
	if w.suite == wire.SuiteP256Es256 {
		otherAlg = mapItem(uintItem(1), nintItem(18), uintItem(4), bytesItem(w.lock.keyID()), uintItem(16), uintItem(wire.TypeReceipt))
	}
	stranger := receiptMaker{w: &exchangeWorld{suite: w.suite, lock: w.stranger}}
	add(wire.ReasonSignature, "the last byte of the signature is altered", flipped(good, -1))
	add(wire.ReasonSignature, "the entry's resource is altered", flipped(good, -68))
	add(wire.ReasonSignature, "signed by another key under the lock's key id", w.stranger.object(header, mapItem(), payload).data)
	add(wire.ReasonSignature, "signed by the manufacturer under the lock's key id", w.maker.object(header, mapItem(), payload).data)
	add(wire.ReasonIssuerUnknown, "signed by another lock", w.stranger.object(stranger.header(wire.TypeReceipt), mapItem(), payload).data)
	add(wire.ReasonIssuerUnknown, "signed by the lock's key of the other suite", other.object(receiptMaker{w: &exchangeWorld{suite: 2 - w.suite, lock: other}}.header(wire.TypeReceipt), mapItem(), payload).data)
	add(wire.ReasonAlgorithm, "the alg of another key than the lock's", w.lock.object(otherAlg, mapItem(), payload).data)
	add(wire.ReasonAlgorithm, "an alg that is not in the registry", w.lock.object(mapItem(uintItem(1), nintItem(6), uintItem(4), bytesItem(w.lock.keyID()), uintItem(16), uintItem(wire.TypeReceipt)), mapItem(), payload).data)
	add(wire.ReasonObjectType, "a time token's typ", w.lock.object(r.header(wire.TypeTimeToken), mapItem(), payload).data)
	bend := func(reason int64, comment string, change func(c *receiptClaims)) {
		c := guest
		change(&c)
		add(reason, comment, r.sign(c))
	}
	bend(wire.ReasonLockIdentity, "another lock id, signed by the lock", func(c *receiptClaims) { c.lock = flipped(c.lock, 0) })
	bend(wire.ReasonMalformed, "a lock id of 7 bytes", func(c *receiptClaims) { c.lock = c.lock[:7] })
	bend(wire.ReasonMalformed, "floor 0", func(c *receiptClaims) { c.floor = 0 })
	bend(wire.ReasonMalformed, "floor 2^32", func(c *receiptClaims) { c.floor = 1 << 32 })
	bend(wire.ReasonMalformed, "policy version 2^32", func(c *receiptClaims) { c.policyVersion = 1 << 32 })
	bend(wire.ReasonMalformed, "a policy tag of 7 bytes", func(c *receiptClaims) { c.policy = c.policy[:7] })
	bend(wire.ReasonMalformed, "a policy tag of 8 zero bytes", func(c *receiptClaims) { c.policy = make([]byte, 8) })
	bend(wire.ReasonMalformed, "a head of 31 bytes", func(c *receiptClaims) { c.head = c.head[:31] })
	bend(wire.ReasonMalformed, "an entry of ten elements", func(c *receiptClaims) {
		c.entry = arrayItem(entryOf(20).items()[:10]...)
	})
	bend(wire.ReasonMalformed, "an entry with outcome 7", func(c *receiptClaims) {
		e := entryOf(20)
		e.sequence, e.outcome = 0, 7
		c.entry = e.item()
	})
	bend(wire.ReasonMalformed, "the entry in a byte string", func(c *receiptClaims) { c.entry = bytesItem(c.entry.data) })
	add(wire.ReasonMalformed, "one byte behind it", append(bytes.Clone(good), 0))
	add(wire.ReasonMalformed, "its last byte cut off", good[:len(good)-1])
	add(wire.ReasonMalformed, "something in the unprotected header", w.lock.object(header, mapItem(uintItem(4), bytesItem(w.lock.keyID())), payload).data)
	add(wire.ReasonMalformed, "a claim more", w.lock.object(header, mapItem(), rawItem(append([]byte{0xa3, 0x04, 0x01}, payload.data[1:]...)...)).data)
	add(wire.ReasonMalformed, "without iat", w.lock.object(header, mapItem(), rawItem(slices.Concat([]byte{0xa1}, payload.data[7:])...)).data)
	add(wire.ReasonLimit, "more than 512 bytes", w.lock.object(header, mapItem(), mapItem(uintItem(6), uintItem(guest.floor), uintItem(9), bytesItem(bytes.Repeat([]byte{0x40}, 450)))).data)
	add(wire.ReasonObjectType, "the lock certificate", w.lockCert)
	grant := w.post.signed(credential.NewGrant(w.grantClaims(), w.post.public()))
	add(wire.ReasonObjectType, fmt.Sprintf("a grant of %d bytes", len(grant)), grant)
}
