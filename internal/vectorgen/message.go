package main

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// messageBuilder makes area message.
type messageBuilder struct {
	*builder[vectors.MessageParams, vectors.MessageTest, *vectors.MessageTest]
	had map[string]bool // kind and bytes of the invalid messages: what is derived overlaps
}

var messageNotes = map[string]vectors.Note{
	"admitted":  note("none", "Refuses what the standard admits.", "PST-LIM-001"),
	"structure": note("confusion", "Takes a message of another form, which another receiver reads otherwise or not at all.", "PST-DEC-005", "PST-DEC-007", "PST-EDH-023", "PST-REQ-006"),
	"encoding":  note("malleability", "One message has two forms, or bytes that nobody looked at.", "PST-EDH-004", "PST-ENC-002", "PST-ENC-008"),
	"range":     note("confusion", "A number is cut off to one that means something else.", "PST-DEC-005", "PST-REQ-006"),
	"meaning":   note("confusion", "A message that contradicts itself is given some meaning.", "PST-DEC-005", "PST-REQ-006", "PST-LOG-011"),
	"later":     note("interoperability", "Does not understand a lock or phone of a later version.", "PST-DEC-007", "PST-EDH-032", "PST-PHN-008", "PST-REQ-006"),
	"version":   note("interoperability", "Goes on with a lock whose version it does not speak, or refuses a newer one that serves it.", "PST-PHN-007", "PST-PHN-008"),
	"suite":     note("policy", "Goes on with a suite that the other side put second.", "PST-DEC-005", "PST-EDH-028"),
	"point":     note("crypto", "Calculates with what is no point of the curve.", "PST-DEC-005", "PST-EDH-008"),
	"ead":       note("confusion", "Passes over data that somebody else would act on.", "PST-EDH-004"),
	"object":    note("confusion", "Goes on with a credential that is none.", "PST-DEC-007"),
	"limit":     note("exhaustion", "Takes more than there is room for, or refuses what is within its bounds.", "PST-ENC-010", "PST-LIM-001"),
}

func messageArea() (output, error) {
	b := messageBuilder{begin[vectors.MessageParams, vectors.MessageTest]("message", messageNotes), map[string]bool{}}
	b.selections()
	b.messages1()
	b.messages2()
	b.plaintexts2()
	b.handshakes2()
	b.plaintexts3()
	b.errors()
	b.resumes()
	b.requests()
	b.responses()
	b.logEntries()
	b.logPages()
	return b.end()
}

func (b messageBuilder) kind(name string) { b.group(name, vectors.MessageParams{Kind: name}) }

// bad adds an invalid message that is not there yet.
func (b messageBuilder) bad(twin int, reason int64, comment string, data []byte, flags ...string) {
	params := b.file.Groups[len(b.file.Groups)-1].Params
	if id := fmt.Sprint(params.Kind, params.Suites, string(data)); !b.had[id] {
		b.had[id] = true
		b.invalid(twin, reason, comment, vectors.MessageTest{Data: data}, flags...)
	}
}

func (b messageBuilder) malformed(twin int, comment string, data []byte, flags ...string) {
	b.bad(twin, wire.ReasonMalformed, comment, data, flags...)
}

// cuts adds a message that ends early, and one that goes on.
func (b messageBuilder) cuts(twin int, data []byte) {
	b.malformed(twin, "no bytes", nil, "encoding")
	b.malformed(twin, "without its last byte", data[:len(data)-1], "encoding")
	b.malformed(twin, "cut in the middle", data[:len(data)/2], "encoding")
	b.malformed(twin, "a byte of zero after it", append(slices.Clone(data), 0), "encoding")
	b.malformed(twin, "twice", slices.Concat(data, data), "encoding")
}

// spoil puts faults into every part of a message that is one item.
func (b messageBuilder) spoil(twin int, tree *node, comment string, skip ...string) {
	s := spoiler{
		tree: tree,
		take: func(path string, _ *node) bool { return !slices.Contains(skip, path) },
		bad: func(fault string, tree *node, flags ...string) {
			b.malformed(twin, comment+fault, tree.data(), flags...)
		},
	}
	s.all()
}

// selected is an answer to SELECT.
func selected(version, capabilities uint64) *node {
	return arrayNode(
		uint32Node("version", 0, version), uint32Node("capabilities", 0, capabilities), sized("lock id", draw("message/lock", 8)),
		sized("nonce", draw("message/nonce", 16)),
	).named("answer")
}

// template wraps an answer to SELECT.
func template(content []byte) []byte {
	return slices.Concat([]byte{0x6f, byte(len(content) + 2), 0x85, byte(len(content))}, content)
}

func (b messageBuilder) selections() {
	b.kind("select-answer")
	good := func(comment string, version, capabilities uint64, flags ...string) int {
		data := template(selected(version, capabilities).data())
		hash := sha256.Sum256(slices.Concat(selectCommand.short(), data, []byte{0x90, 0x00}))
		return b.valid(comment, vectors.MessageTest{Data: data, Selection: &vectors.Selection{
			Version: uint32(version), Capabilities: uint32(capabilities), Lock: draw("message/lock", 8), Nonce: draw("message/nonce", 16), Hash: hash[:],
		}}, append(flags, "admitted")...)
	}
	twin := good("no capability", 1, 0)
	for _, c := range []uint64{1, 23, 24, 127} {
		good(fmt.Sprintf("capabilities %d", c), 1, c)
	}
	for _, c := range []uint64{128, 255, 256, 65536, max32} {
		good(fmt.Sprintf("capabilities %d, some of them not known", c), 1, c, "version")
	}
	for _, v := range []uint64{2, 24, max32} {
		good(fmt.Sprintf("version %d", v), v, 7, "version")
	}
	answer := selected(1, 0)
	whole := template(answer.data())
	b.bad(twin, wire.ReasonVersion, "version 0", template(selected(0, 0).data()), "version")
	s := spoiler{
		tree: answer,
		take: func(string, *node) bool { return true },
		bad: func(fault string, tree *node, flags ...string) {
			b.malformed(twin, fault, template(tree.data()), flags...)
		},
	}
	s.all()
	later := selected(2, 0)
	later.append(uintNode(0))
	b.malformed(twin, "version 2 with a fifth element", template(later.data()), "structure", "version")
	edit := func(comment string, edit func(d []byte) []byte) {
		b.malformed(twin, comment, edit(slices.Clone(whole)), "encoding")
	}
	edit("no bytes", func([]byte) []byte { return nil })
	edit("the template alone", func(d []byte) []byte { return d[:2] })
	edit("without its last byte", func(d []byte) []byte { return d[:len(d)-1] })
	edit("a byte after the template", func(d []byte) []byte { return append(d, 0) })
	edit("a status word after the template", func(d []byte) []byte { return append(d, 0x90, 0) })
	edit("another template", func(d []byte) []byte { d[0] = 0x62; return d })
	edit("another element", func(d []byte) []byte { d[2] = 0x84; return d })
	edit("the outer length one less", func(d []byte) []byte { d[1]--; return d })
	edit("the outer length one more", func(d []byte) []byte { d[1]++; return d })
	edit("the inner length one less", func(d []byte) []byte { d[3]--; return d })
	edit("the inner length one more", func(d []byte) []byte { d[3]++; return d })
	edit("the outer length in two bytes", func(d []byte) []byte { return slices.Concat([]byte{0x6f, 0x81}, d[1:]) })
	edit("the inner length in two bytes", func(d []byte) []byte {
		return slices.Concat([]byte{0x6f, d[1] + 1, 0x85, 0x81}, d[3:])
	})
	edit("another element before", func(d []byte) []byte {
		return slices.Concat([]byte{0x6f, d[1] + 3, 0x84, 1, 0}, d[2:])
	})
	edit("another element after", func(d []byte) []byte {
		return append(slices.Concat([]byte{0x6f, d[1] + 3}, d[2:]), 0x84, 1, 0)
	})
	edit("the element twice", func(d []byte) []byte { return slices.Concat([]byte{0x6f, 2 * d[1]}, d[2:], d[2:]) })
	edit("no content", func([]byte) []byte { return template(nil) })
	edit("a byte after the array", func([]byte) []byte { return template(append(answer.data(), 0)) })
	edit("the array cut off", func([]byte) []byte { return template(answer.data()[:len(answer.data())-1]) })
	edit("without the template", func(d []byte) []byte { return d[4:] })
	edit("the element alone", func(d []byte) []byte { return d[2:] })
}

// handshakes2 has what HANDSHAKE-2 carries.
func (b messageBuilder) handshakes2() {
	b.kind("handshake-2")
	good := func(message3, sealed int) (int, []byte) {
		m := bytesNode(draw("message/message-3", message3)).data()
		s := draw("message/sealed", sealed)
		data := slices.Concat(m, s)
		return b.valid(fmt.Sprintf("message_3 of %d bytes, a sealed request of %d", len(m), sealed), vectors.MessageTest{
			Data: data, Handshake2: &vectors.Handshake2{Message3: m, Sealed: s},
		}, "admitted"), data
	}
	twin, data := good(121, 11)
	good(23, 9)
	good(255, 30)
	good(256, 300)
	good(600, 421)
	b.malformed(twin, "no bytes", nil, "encoding")
	b.malformed(twin, "message_3 cut off", data[:100], "encoding")
	b.malformed(twin, "message_3 alone", data[:123], "structure")
	b.malformed(twin, "a sealed request of 8 bytes", data[:131], "structure")
	b.malformed(twin, "a sealed request of 1 byte", data[:124], "structure")
	b.malformed(twin, "without message_3", data[123:], "structure")
	b.malformed(twin, "message_3 of indefinite length", slices.Concat(indefinite(bytesNode(data[2:123])), data[123:]), "encoding")
	b.malformed(twin, "message_3 with a head longer than needed", slices.Concat(bytesNode(data[2:123]).longer(), data[123:]), "encoding")
	b.malformed(twin, "message_3 with a head of 9 bytes", slices.Concat(headIn(8, majorBytes, 121), data[2:]), "encoding")
	b.malformed(twin, "message_3 a text string", append([]byte{0x78}, data[1:]...), "encoding")
	b.malformed(twin, "message_3 an array", slices.Concat(arrayNode(bytesNode(data[2:123])).data(), data[123:]), "structure")
	b.malformed(twin, "message_3 an integer", append([]byte{0}, data[2:]...), "structure")
	b.malformed(twin, "message_3 with a tag", append([]byte{0xc1}, data...), "encoding")
	b.malformed(twin, "message_3 with a length far beyond the data", append(headIn(4, majorBytes, max32), data[2:]...), "encoding")
	b.malformed(twin, "message_3 with a length of 2^64 - 1", append(headIn(8, majorBytes, 1<<64-1), data[2:]...), "encoding")
	b.malformed(twin, "connection identifier before message_3", append([]byte{0}, data...), "structure")
}

// resumes has what RESUME carries.
func (b messageBuilder) resumes() {
	b.kind("resume")
	good := func(sealed int) (int, []byte) {
		r := vectors.Resume{Nonce: draw("message/phone-nonce", 8), ID: draw("message/resumption-id", 8), Sealed: draw("message/sealed", sealed)}
		data := slices.Concat(r.Nonce, r.ID, r.Sealed)
		return b.valid(fmt.Sprintf("a sealed request of %d bytes", sealed), vectors.MessageTest{Data: data, Resume: &r}, "admitted"), data
	}
	twin, data := good(11)
	good(9)
	good(1008)
	for _, n := range []int{0, 7, 8, 15, 16, 17, 23, 24} {
		b.malformed(twin, fmt.Sprintf("%d bytes", n), data[:n], "structure")
	}
}

// logEntry is an entry and what the vectors tell of it.
func (b messageBuilder) logEntries() {
	b.kind("log-entry")
	good := func(comment string, e vectors.LogEntry) (int, *node) {
		n := logEntryNode(e, 1)
		return b.valid(comment, vectors.MessageTest{Data: n.data(), Entry: &e}, "admitted"), n
	}
	none := vectors.Hex{}
	twin, tree := good("an opening by an operator", opening())
	for _, e := range []struct {
		comment string
		entry   vectors.LogEntry
	}{
		{"an opening by a guest", vectors.LogEntry{Sequence: 1, Time: 1, Operation: 1, Outcome: 1, Role: 2, Who: draw("message/who", 8), Reference: none}},
		{"a failure", vectors.LogEntry{Sequence: 24, Time: sampleIat, Evidence: 2, Operation: 3, Outcome: 2, Reason: 20, Role: 1, Who: draw("message/who", 8), Reference: none}},
		{"commissioned", vectors.LogEntry{Sequence: 1, Time: sampleIat, Operation: 7, Outcome: 3, Role: 1, Who: draw("message/who", 8), Reference: none}},
		{"transferred", vectors.LogEntry{Sequence: 256, Time: sampleIat, Evidence: 3, Operation: 7, Outcome: 4, Role: 1, Who: draw("message/who", 8), Reference: none}},
		{"reset", vectors.LogEntry{Sequence: 65536, Time: sampleIat, Operation: 7, Outcome: 5, Role: 1, Who: draw("message/who", 8), Reference: none}},
		{"tamper", vectors.LogEntry{Sequence: 2, Time: sampleIat, Outcome: 6, Who: none, Reference: none}},
		{"the greatest of each", greatestEntry(max32)},
		{"a reason and an operation that this version does not know", vectors.LogEntry{Sequence: 2, Time: 2, Operation: 200, Outcome: 1, Reason: 200, Role: 2, Who: draw("message/who", 8), Reference: none}},
	} {
		good(e.comment, e.entry)
	}
	b.spoil(twin, tree, "")
	zeros := func(comment, path string) {
		t := tree.clone()
		t.at(path).become(bytesNode(make([]byte, 8)))
		b.malformed(twin, comment, t.data(), "meaning")
	}
	zeros("who of zeros", "8")
	zeros("reference of zeros", "10")
	contradicting := func(comment string, role, service uint32) {
		e := opening()
		e.Role, e.Service = role, service
		b.malformed(twin, comment, logEntryNode(e, 1).data(), "meaning")
	}
	contradicting("role 0 with an opening", 0, 0)
	contradicting("a service with the owner's role", 1, 1)
	contradicting("a service with a guest's role", 2, 1)
	b.cuts(twin, tree.data())
}

func greatestEntry(sequence uint32) vectors.LogEntry {
	return vectors.LogEntry{
		Sequence: sequence, Time: max32, Evidence: 3, Operation: 255, Outcome: 5, Reason: 255, Role: 3, Service: max32,
		Who: draw("message/who", 8), Resource: 255, Reference: draw("message/reference", 8),
	}
}

// pageNode is a page of the log without what follows it.
func pageNode(base []byte, entries []vectors.LogEntry) *node {
	return arrayNode(
		sized("lock id", draw("message/lock", 8)), sized("base", base),
		arrayNode(nodes(entries, func(e vectors.LogEntry) *node { return logEntryNode(e, 1) })...).named("entries").free(),
	).named("page")
}

// filled fills a page up to its length.
func filled(page []byte) []byte {
	return append(page, make([]byte, wire.LimitLogPageBytes-len(page))...)
}

// rising is n entries with rising numbers.
func rising(first uint32, n int) []vectors.LogEntry {
	all := []vectors.LogEntry{}
	for i := range n {
		e := opening()
		e.Sequence = first + uint32(i)
		all = append(all, e)
	}
	return all
}

func (b messageBuilder) logPages() {
	b.kind("log-page")
	good := func(comment string, base []byte, entries []vectors.LogEntry) int {
		end := slices.Clone(base)
		for _, e := range entries {
			digest := sha256.Sum256(append(slices.Clone(end), logEntryNode(e, 1).data()...))
			end = digest[:]
		}
		return b.valid(comment, vectors.MessageTest{Data: filled(pageNode(base, entries).data()), Page: &vectors.LogPage{
			Lock: draw("message/lock", 8), Base: base, Entries: entries, Head: end,
		}}, "admitted")
	}
	base := draw("message/base", 32)
	twin := good("two entries", base, rising(22, 2))
	good("no entries", make([]byte, 32), rising(0, 0))
	good("the first entry of a log", make([]byte, 32), rising(1, 1))
	good("sixteen entries", base, rising(250, 16))
	var longest []vectors.LogEntry
	for i := range 16 {
		longest = append(longest, greatestEntry(max32-15+uint32(i)))
	}
	good("the longest entries, up to the last number", base, longest)
	bad := func(comment string, page []byte, flags ...string) { b.malformed(twin, comment, filled(page), flags...) }
	bad("seventeen entries", shortPage(base, 17).data(), "structure", "limit")
	gap, same, back, far := rising(22, 2), rising(22, 2), rising(22, 2), rising(22, 3)
	gap[1].Sequence, same[1].Sequence, back[1].Sequence, far[2].Sequence = 24, 22, 21, 22
	for _, c := range []struct {
		comment string
		entries []vectors.LogEntry
	}{{"a number left out", gap}, {"a number twice", same}, {"numbers that fall", back}, {"a third number that goes back", far}} {
		bad(c.comment, pageNode(base, c.entries).data(), "meaning")
	}
	tree := pageNode(base, rising(22, 2))
	whole := filled(tree.data())
	edit := func(comment string, edit func(d []byte) []byte) {
		b.malformed(twin, comment, edit(slices.Clone(whole)), "meaning")
	}
	edit("the first byte behind the array not zero", func(d []byte) []byte { d[len(tree.data())] = 1; return d })
	edit("the last byte not zero", func(d []byte) []byte { d[len(d)-1] = 1; return d })
	edit("a byte too short", func(d []byte) []byte { return d[:len(d)-1] })
	edit("a byte too long", func(d []byte) []byte { return append(d, 0) })
	edit("without the zeros", func(d []byte) []byte { return d[:len(tree.data())] })
	edit("no bytes", func([]byte) []byte { return nil })
	edit("792 bytes", func(d []byte) []byte { return append(d, make([]byte, 24)...) })
	bad("zeros alone", nil, "encoding")
	s := spoiler{
		tree: tree,
		take: func(path string, n *node) bool {
			return path == "" || len(path) == 1 || path == "2/0" || path == "2/1/0" || path == "2/1/8"
		},
		bad: func(fault string, tree *node, flags ...string) { bad(fault, tree.data(), flags...) },
	}
	s.all()
}

// shortPage has n short entries.
func shortPage(base []byte, n int) *node {
	entries := rising(1, n)
	for i := range entries {
		entries[i].Reference, entries[i].Resource = vectors.Hex{}, 0
	}
	return pageNode(base, entries)
}
