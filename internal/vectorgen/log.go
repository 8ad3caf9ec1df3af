package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// logBuilder makes area log.
type logBuilder struct {
	*builder[vectors.LogParams, vectors.LogTest, *vectors.LogTest]
	lockID []byte
}

var logNotes = map[string]vectors.Note{
	"page":    note("interoperability", "A good page is not read.", "PST-LOG-010"),
	"head":    note("crypto", "An altered log has the same head.", "PST-LOG-009"),
	"padding": note("malleability", "A page carries what nobody asked for.", "PST-LOG-011"),
	"numbers": note("policy", "Entries are left out of a page unseen.", "PST-LOG-011"),
	"form":    note("malleability", "A page or an entry passes in a second form, or says what no lock says.", "PST-LOG-006", "PST-LOG-011"),
	"bound":   note("exhaustion", "A page holds more than it may.", "PST-LOG-010"),
	"seal":    note("crypto", "A courier reads or alters a page.", "PST-LOG-022", "PST-LOG-025"),
	"reading": note("interoperability", "What was brought is not put together.", "PST-LOG-018"),
	"gap":     note("policy", "The owner is not told that entries are missing.", "PST-LOG-018"),
	"altered": note("policy", "The owner is not told that the lock changed its log.", "PST-LOG-018"),
	"fall":    note("policy", "The owner is not told that the lock forgot entries.", "PST-LOG-018"),
	"other":   note("confusion", "Another lock's page is taken for this one's.", "PST-LOG-018", "PST-LOG-025"),
	"receipt": note("crypto", "A receipt passes that the lock did not sign.", "PST-LOG-017", "PST-LOG-015"),
	"blind":   note("interoperability", "The owner does not find the head of a receipt.", "PST-LOG-015"),
}

func logArea() (output, error) {
	b := logBuilder{begin[vectors.LogParams, vectors.LogTest]("log", logNotes), draw("log/lock/id", 8)}
	b.pages()
	b.pageForms()
	b.sealedPages()
	b.readings()
	for _, s := range []int{wire.SuiteX25519Ed25519, wire.SuiteP256Es256} {
		b.receipts(newExchangeWorld(s))
	}
	return b.end()
}

// logEntry is one entry, whose fields are set one by one.
type logEntry struct {
	sequence, time, evidence, operation, outcome, reason, role, service uint64
	who                                                                 []byte
	resource                                                            uint64
	reference                                                           []byte
}

func (e logEntry) items() []item {
	return []item{
		uintItem(e.sequence), uintItem(e.time), uintItem(e.evidence), uintItem(e.operation), uintItem(e.outcome), uintItem(e.reason),
		uintItem(e.role), uintItem(e.service), bytesItem(e.who), uintItem(e.resource), bytesItem(e.reference),
	}
}

func (e logEntry) item() item { return arrayItem(e.items()...) }

// entryOf is the entry with a number in the log of these vectors, in which many
// kinds take turns.
func entryOf(sequence int) logEntry {
	e := logEntry{sequence: uint64(sequence), time: uint64(noon) + 60*uint64(sequence), operation: wire.OperationOpen, outcome: wire.LogOutcomeStarted}
	who := draw(fmt.Sprintf("log/who/%d", sequence%5), 8)
	switch sequence % 6 {
	case 1:
		e.role, e.who = wire.RoleOwner, who
		if sequence == 1 {
			e.operation, e.outcome = wire.OperationConfigure, wire.LogOutcomeCommissioned
		}
	case 2:
		e.role, e.service, e.who, e.operation, e.evidence = wire.RoleOperator, wire.ServicePost, who, wire.OperationDeliver, wire.EvidenceLive
		e.reference = draw(fmt.Sprintf("log/reference/%d", sequence), 8)
	case 3:
		e.role, e.who, e.evidence = wire.RoleGuest, who, wire.EvidenceStated
	case 4:
		e.role, e.who, e.outcome, e.reason, e.evidence = wire.RoleGuest, who, wire.LogOutcomeFailed, wire.ReasonDrive, wire.EvidenceClock
	case 5:
		e.operation, e.outcome, e.role = wire.OperationStatus, wire.LogOutcomeTamper, 0
	case 0:
		e.role, e.service, e.who, e.operation, e.resource = wire.RoleOperator, wire.ServiceMaintenance, who, wire.OperationService, 255
	}
	return e
}

// entries are those from one number to another.
func entries(first, last int) []logEntry {
	var all []logEntry
	for n := first; n <= last; n++ {
		all = append(all, entryOf(n))
	}
	return all
}

// headOf is the head after the entry with this number; 0 is before the first.
func headOf(n int) []byte { return headAfter(make([]byte, 32), entries(1, n)) }

func headAfter(base []byte, all []logEntry) []byte {
	for _, e := range all {
		base = hash(base, e.item().data)
	}
	return base
}

// pageOf is the array of a page.
func pageOf(lock, base []byte, all []logEntry) item {
	var items []item
	for _, e := range all {
		items = append(items, e.item())
	}
	return arrayItem(bytesItem(lock), bytesItem(base), arrayItem(items...))
}

// padded is P.
func padded(page item) []byte {
	return append(bytes.Clone(page.data), make([]byte, wire.LimitLogPageBytes-len(page.data))...)
}

// goodPage is the page with the entries from one number to another.
func (b logBuilder) goodPage(first, last int) []byte {
	return padded(pageOf(b.lockID, headOf(first-1), entries(first, last)))
}

// read is the valid test of a page.
func (b logBuilder) read(base []byte, all []logEntry) vectors.LogTest {
	t := vectors.LogTest{Page: padded(pageOf(b.lockID, base, all)), Lock: b.lockID, Base: base, Entries: []vectors.Hex{}, Heads: []vectors.Hex{}}
	for i, e := range all {
		t.Entries = append(t.Entries, e.item().data)
		t.Heads = append(t.Heads, headAfter(base, all[:i+1]))
	}
	return t
}

// greatest is an entry of 42 bytes.
func greatest(sequence uint64) logEntry {
	return logEntry{
		sequence: sequence, time: 1<<32 - 1, evidence: 3, operation: 255, outcome: 1, reason: 255, role: wire.RoleOperator, service: 1<<32 - 1,
		who: bytes.Repeat([]byte{0xff}, 8), resource: 255, reference: bytes.Repeat([]byte{0xfe}, 8),
	}
}

func (b logBuilder) pages() {
	b.group("A page in clear", vectors.LogParams{Kind: "page"})
	twin := b.valid("the first 16 entries", b.read(headOf(0), entries(1, 16)), "page", "head")
	b.valid("no entry", b.read(make([]byte, 32), nil), "page")
	b.valid("one entry", b.read(headOf(0), entries(1, 1)), "page", "head")
	b.valid("entries 17 to 32", b.read(headOf(16), entries(17, 32)), "page", "head")
	b.valid("entries 250 to 260", b.read(headOf(249), entries(250, 260)), "page", "head")
	var long []logEntry
	for i := range 16 {
		long = append(long, greatest(uint64(1<<32-16+i)))
	}
	b.valid("16 entries of the greatest length, to the last number", b.read(headOf(3), long), "page", "bound")
	add := func(reason int64, flag, comment string, page []byte) {
		b.invalid(twin, reason, comment, vectors.LogTest{Page: page}, flag)
	}
	good := b.goodPage(1, 16)
	used := len(pageOf(b.lockID, headOf(0), entries(1, 16)).data)
	add(wire.ReasonMalformed, "padding", "the first byte behind the array is 1", flipped(good, used))
	add(wire.ReasonMalformed, "padding", "the last byte is 1", flipped(good, -1))
	add(wire.ReasonMalformed, "padding", "767 bytes", good[:767])
	add(wire.ReasonMalformed, "padding", "769 bytes", append(bytes.Clone(good), 0))
	add(wire.ReasonMalformed, "padding", "without the zeros", good[:used])
	add(wire.ReasonMalformed, "padding", "nothing", []byte{})
	add(wire.ReasonMalformed, "padding", "768 zeros", make([]byte, 768))
	add(wire.ReasonMalformed, "padding", "a zero before the array", append([]byte{0}, good[:767]...))
	order := func(comment string, numbers ...int) {
		var all []logEntry
		for _, n := range numbers {
			all = append(all, entryOf(n))
		}
		add(wire.ReasonMalformed, "numbers", comment, padded(pageOf(b.lockID, headOf(0), all)))
	}
	order("entry 3 is missing", 1, 2, 4, 5)
	order("entry 2 is there twice", 1, 2, 2, 3)
	order("entries 2 and 3 are exchanged", 1, 3, 2, 4)
	order("newest first", 4, 3, 2, 1)
	wrapped := []logEntry{greatest(1<<32 - 1), entryOf(1)}
	add(wire.ReasonMalformed, "numbers", "the number begins again behind the last", padded(pageOf(b.lockID, headOf(3), wrapped)))
	seventeen := slices.Repeat([]logEntry{{outcome: 6}}, 17)
	for i := range seventeen {
		seventeen[i].sequence = uint64(i + 1)
	}
	add(wire.ReasonLimit, "bound", "17 entries", padded(pageOf(b.lockID, headOf(0), seventeen)))
}

// pageForms are pages of one entry with a fault in it.
func (b logBuilder) pageForms() {
	b.group("The form of a page and of its entries", vectors.LogParams{Kind: "page"})
	e := entryOf(2)
	twin := b.valid("one entry of an operator", b.read(headOf(1), []logEntry{e}), "page")
	b.valid("one entry of a sensor", b.read(headOf(4), []logEntry{entryOf(5)}), "page")
	b.valid("operation and reason that this version does not know", b.read(headOf(1), []logEntry{{
		sequence: 2, time: 1, operation: 200, outcome: 1, reason: 199, role: wire.RoleGuest, who: e.who,
	}}), "page")
	lock, base := bytesItem(b.lockID), bytesItem(headOf(1))
	add := func(comment string, page item) {
		b.invalid(twin, wire.ReasonMalformed, comment, vectors.LogTest{Page: padded(page)}, "form")
	}
	whole := arrayItem(e.item())
	add("the page has two elements", arrayItem(lock, base))
	add("the page has four elements", arrayItem(lock, base, whole, uintItem(0)))
	add("the page is a map", mapItem(lock, base))
	add("the page is a byte string", bytesItem(pageOf(b.lockID, headOf(1), []logEntry{e}).data))
	add("the lock id has 7 bytes", arrayItem(bytesItem(b.lockID[:7]), base, whole))
	add("the base has 31 bytes", arrayItem(lock, bytesItem(headOf(1)[:31]), whole))
	add("the base has 33 bytes", arrayItem(lock, bytesItem(append(bytes.Clone(headOf(1)), 0)), whole))
	add("the entries are a map", arrayItem(lock, base, mapItem(uintItem(1), e.item())))
	add("the entries have an indefinite length", arrayItem(lock, base, rawItem(append(append([]byte{0x9f}, e.item().data...), 0xff)...)))
	add("the length of the lock id in two bytes", arrayItem(rawItem(append(headIn(1, majorBytes, 8), b.lockID...)...), base, whole))
	items := e.items()
	with := func(i int, v item) item {
		changed := slices.Clone(items)
		changed[i] = v
		return arrayItem(lock, base, arrayItem(arrayItem(changed...)))
	}
	add("an entry of ten elements", arrayItem(lock, base, arrayItem(arrayItem(items[:10]...))))
	add("an entry of twelve elements", arrayItem(lock, base, arrayItem(arrayItem(append(slices.Clone(items), uintItem(0))...))))
	for _, c := range []struct {
		comment string
		at      int
		value   item
	}{
		{"sequence number 0", 0, uintItem(0)},
		{"sequence number 2^32", 0, uintItem(1 << 32)},
		{"sequence number -1", 0, nintItem(0)},
		{"sequence number in two bytes", 0, rawItem(0x18, 0x02)},
		{"time 2^32", 1, uintItem(1 << 32)},
		{"time in eight bytes", 1, rawItem(headIn(8, majorUint, e.time)...)},
		{"time as a byte string", 1, bytesItem(binary.BigEndian.AppendUint32(nil, uint32(e.time)))},
		{"evidence 4", 2, uintItem(4)},
		{"operation 256", 3, uintItem(256)},
		{"outcome 0", 4, uintItem(0)},
		{"outcome 7", 4, uintItem(7)},
		{"reason 256", 5, uintItem(256)},
		{"role 0, and no tamper", 6, uintItem(0)},
		{"role 4", 6, uintItem(4)},
		{"a guest with a service", 6, uintItem(wire.RoleGuest)},
		{"service 2^32", 7, uintItem(1 << 32)},
		{"who of 7 bytes", 8, bytesItem(e.who[:7])},
		{"who of 9 bytes", 8, bytesItem(append(bytes.Clone(e.who), 0))},
		{"who of 8 zero bytes", 8, bytesItem(make([]byte, 8))},
		{"who as a text string", 8, rawItem(append(head(majorText, 8), "whowhowh"...)...)},
		{"resource 256", 9, uintItem(256)},
		{"reference of 7 bytes", 10, bytesItem(e.reference[:7])},
		{"reference of 8 zero bytes", 10, bytesItem(make([]byte, 8))},
		{"reference null", 10, rawItem(0xf6)},
	} {
		add("an entry with "+c.comment, with(c.at, c.value))
	}
}

// logSeal is a sealed page with what lies between (section 19.4).
func logSeal(key, nonce, page []byte) vectors.LogTest {
	salt := kdf(key, wire.LogLabelSalt, append(hash(page), nonce...), 16)
	return sealUnder(key, nonce, salt, page)
}

func sealUnder(key, nonce, salt, page []byte) vectors.LogTest {
	okm := kdf(key, wire.LogLabelPage, salt, 29)
	return vectors.LogTest{
		Keys: []vectors.Hex{key}, Nonce: nonce, Page: page, Salt: salt, Key: okm[:16], IV: okm[16:],
		Sealed: append(bytes.Clone(salt), ccm(okm[:16], okm[16:], nil, page)...),
	}
}

func logKey(name string) []byte { return draw("log/key/"+name, 32) }

func (b logBuilder) sealedPages() {
	b.group("A sealed page", vectors.LogParams{Kind: "sealed"})
	key, nonce := logKey("owner"), draw("log/nonce", 16)
	page := b.goodPage(1, 16)
	good := logSeal(key, nonce, page)
	twin := b.valid("16 entries", good, "seal")
	b.valid("the same page in another transaction", logSeal(key, draw("log/nonce 2", 16), page), "seal")
	b.valid("another page in the same transaction", logSeal(key, nonce, b.goodPage(17, 20)), "seal")
	b.valid("a page without entries", logSeal(key, nonce, padded(pageOf(b.lockID, make([]byte, 32), nil))), "seal")
	b.valid("the same page under another key", logSeal(logKey("later"), nonce, page), "seal")
	add := func(comment string, keys []vectors.Hex, sealed []byte) {
		b.invalid(twin, wire.ReasonChannel, comment, vectors.LogTest{Keys: keys, Sealed: sealed}, "seal")
	}
	s := good.Sealed
	own := []vectors.Hex{key}
	for _, at := range []int{0, 15, 16, 100, len(s) - 9, len(s) - 8, len(s) - 1} {
		add(fmt.Sprintf("byte %d is altered", at), own, flipped(s, at))
	}
	add("791 bytes", own, s[:791])
	add("793 bytes", own, append(bytes.Clone(s), 0))
	add("without the salt", own, s[16:])
	add("nothing", own, []byte{})
	add("the salt of another page", own, append(bytes.Clone(logSeal(key, nonce, b.goodPage(17, 20)).Salt), s[16:]...))
	add("the salt of another transaction", own, append(bytes.Clone(logSeal(key, draw("log/nonce 2", 16), page).Salt), s[16:]...))
	add("under the log key of another lock", own, logSeal(logKey("other"), nonce, page).Sealed)
	add("under none of two keys", []vectors.Hex{key, logKey("later")}, logSeal(logKey("other"), nonce, page).Sealed)
	add("by somebody without a key", []vectors.Hex{}, s)
	add("sealed with the nonce of SELECT as salt", own, append(bytes.Clone(good.Salt), sealUnder(key, nonce, nonce, page).Sealed[16:]...))
	for _, n := range []int{0, 767, 769} {
		long := append(bytes.Clone(page), 0)[:n]
		t := logSeal(key, nonce, long)
		add(fmt.Sprintf("a page of %d bytes", n), own, t.Sealed)
	}
	okm := kdf(key, wire.LogLabelPage, good.Salt, 29)
	add("key and IV exchanged in OKM", own, append(bytes.Clone(good.Salt), ccm(okm[13:], okm[:13], nil, page)...))
	add("the salt as associated data", own, append(bytes.Clone(good.Salt), ccm(okm[:16], okm[16:], good.Salt, page)...))
	salted := kdf(key, wire.LogLabelSalt, good.Salt, 29)
	add("key and IV by the label of the salt", own, append(bytes.Clone(good.Salt), ccm(salted[:16], salted[16:], nil, page)...))
	add("in clear, between salt and zeros", own, append(append(bytes.Clone(good.Salt), page...), make([]byte, 8)...))
}
