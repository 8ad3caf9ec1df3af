package credential_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
)

func TestLogEntryForPeople(t *testing.T) {
	entry := entryClaims()
	hidden := entry
	hidden.Sequence = 0
	for want, have := range map[string]credential.LogEntry{
		"#9 deliver started by operator post, at 2027-01-15T08:01:40Z (live), grant 0102030405060700": entry,
		"deliver started by operator post, at 2027-01-15T08:01:40Z (live), grant 0102030405060700":    hidden,
		"#10 open failed for drive by guest, not before 2027-01-15T08:00:00Z, grant 0900000000000000, compartment 2, reference 0700000000000000": {
			Sequence: 10, Time: issued, Operation: credential.OperationOpen, Outcome: credential.LogFailed, Reason: credential.ReasonDrive,
			Role: credential.RoleGuest, Who: credential.Tag{9}, Resource: 2, Reference: credential.Reference{7}},
		"#1 configure commissioned by owner, not before none, key 0900000000000000": {
			Sequence: 1, Operation: credential.OperationConfigure, Outcome: credential.LogCommissioned, Role: credential.RoleOwner, Who: credential.Tag{9}},
		"#2 status tamper by nobody, at 2027-01-15T08:00:00Z (clock)": {
			Sequence: 2, Time: issued, Evidence: credential.EvidenceClock, Outcome: credential.LogTamper},
		"#3 operation-200 log-outcome-9 by role-9, not before none": {Sequence: 3, Operation: 200, Outcome: 9, Role: 9},
	} {
		require.Equal(t, want, have.String())
	}
}

// TestLogHead holds the head to its definition.
func TestLogHead(t *testing.T) {
	want := sha256.Sum256(append(make([]byte, 32), logEntry()...))
	head := credential.LogHead{}.Next(entryClaims())
	require.Equal(t, credential.LogHead(want), head)
	want = sha256.Sum256(append(want[:], logEntry()...))
	require.Equal(t, credential.LogHead(want), head.Next(entryClaims()))
}

// TestLogHeadTellsEveryFieldApart holds that no field of an entry can be changed
// under its head.
func TestLogHeadTellsEveryFieldApart(t *testing.T) {
	heads := map[credential.LogHead]bool{}
	for _, change := range []func(*credential.LogEntry){
		func(*credential.LogEntry) {},
		func(e *credential.LogEntry) { e.Sequence++ },
		func(e *credential.LogEntry) { e.Time++ },
		func(e *credential.LogEntry) { e.Evidence++ },
		func(e *credential.LogEntry) { e.Operation++ },
		func(e *credential.LogEntry) { e.Outcome++ },
		func(e *credential.LogEntry) { e.Reason++ },
		func(e *credential.LogEntry) { e.Role-- },
		func(e *credential.LogEntry) { e.Service++ },
		func(e *credential.LogEntry) { e.Who[7]++ },
		func(e *credential.LogEntry) { e.Resource++ },
		func(e *credential.LogEntry) { e.Reference[7]++ },
	} {
		e := entryClaims()
		change(&e)
		heads[credential.LogHead{}.Next(e)] = true
	}
	require.Len(t, heads, 12)
}

// greatestEntry is an entry that takes the most bytes.
func greatestEntry(sequence uint32) credential.LogEntry {
	full := [8]byte(bytes.Repeat([]byte{0xff}, 8))
	return credential.LogEntry{
		Sequence: sequence, Time: 1<<32 - 1, Evidence: 3, Operation: 255, Outcome: 6, Reason: 255, Role: 3, Service: 1<<32 - 1,
		Who: full, Resource: 255, Reference: full,
	}
}

// pageForge is a page by hand.
func pageForge(entries ...cbor) []byte {
	page := list(bstr(lockID[:]...), bstr(logHead[:]...), list(entries...))
	return append(page, make([]byte, max(0, 768-len(page)))...)
}

func TestLogPageRoundTrip(t *testing.T) {
	next := entryClaims()
	next.Sequence++
	greatest := credential.LogPage{Lock: lockID, Base: logHead}
	for i := range uint32(16) {
		greatest.Entries = append(greatest.Entries, greatestEntry(1<<32-16+i))
	}
	for name, c := range map[string]struct {
		page credential.LogPage
		want []byte
	}{
		"empty":             {credential.LogPage{Lock: lockID, Base: logHead}, pageForge()},
		"one entry":         {credential.LogPage{Lock: lockID, Base: logHead, Entries: []credential.LogEntry{entryClaims()}}, pageForge(logEntry())},
		"two entries":       {credential.LogPage{Lock: lockID, Base: logHead, Entries: []credential.LogEntry{entryClaims(), next}}, pageForge(logEntry(), logEntry(put(0, num(10))))},
		"as long as may be": {greatest, nil},
	} {
		t.Run(name, func(t *testing.T) {
			data := c.page.Encode()
			require.Len(t, data, 768)
			if c.want != nil {
				require.Equal(t, c.want, data)
			}
			page, err := credential.ParseLogPage(data)
			require.NoError(t, err)
			require.Equal(t, c.page, page)
		})
	}
}

// TestSixteenGreatestEntriesFit says how much of a page they take.
func TestSixteenGreatestEntriesFit(t *testing.T) {
	full := bytes.Repeat([]byte{0xff}, 8)
	entry := list(num(1<<32-1), num(1<<32-1), num(3), num(255), num(6), num(255), num(3), num(1<<32-1), bstr(full...), num(255), bstr(full...))
	require.Len(t, entry, 43)
	require.Len(t, list(bstr(lockID[:]...), bstr(logHead[:]...), list(slices.Repeat([]cbor{entry}, 16)...)), 733)
}

func TestLogPagesThatAreNone(t *testing.T) {
	numbered := func(n ...int64) []cbor {
		var out []cbor
		for _, v := range n {
			out = append(out, logEntry(put(0, num(v))))
		}
		return out
	}
	rising := func(n int64) []cbor {
		var out []cbor
		for i := range n {
			out = append(out, logEntry(put(0, num(i+1))))
		}
		return out
	}
	id, base := bstr(lockID[:]...), bstr(logHead[:]...)
	padded := func(item cbor) []byte { return append(item, make([]byte, 768-len(item))...) }
	type bad struct {
		page   []byte
		reason credential.Reason
		detail string
	}
	pages := map[string]bad{
		"zeros":                    {make([]byte, 768), malformed, "fields"},
		"two fields":               {padded(list(id, base)), malformed, "fields"},
		"four fields":              {padded(list(id, base, list(), num(0))), malformed, "fields"},
		"lock id of 7 bytes":       {padded(list(bstr(lockID[1:]...), base, list())), malformed, "lock id"},
		"base of 31 bytes":         {padded(list(id, bstr(logHead[1:]...), list())), malformed, "base"},
		"entries a byte string":    {padded(list(id, base, bstr())), malformed, "entries"},
		"17 entries":               {pageForge(rising(17)...), overLimit, "entries"},
		"33 entries":               {pageForge(slices.Repeat([]cbor{num(0)}, 33)...), overLimit, ""},
		"an entry of no field":     {pageForge(list()), malformed, "entry"},
		"an entry of ten":          {pageForge(list(slices.Repeat([]cbor{num(1)}, 10)...)), malformed, "entry"},
		"sequence zero":            {pageForge(numbered(0)...), malformed, "entry: sequence"},
		"a number twice":           {pageForge(numbered(5, 5)...), malformed, "sequence: 5 does not follow 5"},
		"a number left out":        {pageForge(numbered(5, 7)...), malformed, "sequence: 7 does not follow 5"},
		"numbers falling":          {pageForge(numbered(5, 4)...), malformed, "sequence"},
		"numbers that wrap":        {pageForge(numbered(1<<32-1, 0)...), malformed, "sequence"},
		"a gap at the end":         {pageForge(append(rising(15), numbered(17)...)...), malformed, "sequence"},
		"padding not zero":         {append(pageForge(logEntry())[:767], 1), malformed, "padding"},
		"padding with a page":      {append(pageForge()[:700], pageForge()[:68]...), malformed, "padding"},
		"a text":                   {padded(list(id, base, list(text("a")))), malformed, "text"},
		"a long head of the array": {padded(longHead(list(id, base, list()))), malformed, "shortest"},
		"empty":                    {nil, malformed, "768 bytes, has 0"},
	}
	for _, c := range inEntry {
		pages["entry with "+c.name] = bad{pageForge(logEntry(put(c.field, c.value))), malformed, c.detail}
	}
	for name, c := range pages {
		t.Run(name, func(t *testing.T) {
			page, err := credential.ParseLogPage(c.page)
			requireReason(t, err, c.reason, c.detail)
			require.Contains(t, err.Error(), ": log page")
			require.Zero(t, page)
		})
	}
}

func TestLogPagesThatAreNotEncoded(t *testing.T) {
	page := func(change func(*credential.LogPage)) credential.LogPage {
		p := credential.LogPage{Lock: lockID, Entries: []credential.LogEntry{entryClaims(), entryClaims()}}
		p.Entries[1].Sequence++
		change(&p)
		return p
	}
	require.NotNil(t, page(func(*credential.LogPage) {}).Encode())
	for name, change := range map[string]func(*credential.LogPage){
		"17 entries":    func(p *credential.LogPage) { p.Entries = make([]credential.LogEntry, 17) },
		"a gap":         func(p *credential.LogPage) { p.Entries[1].Sequence++ },
		"sequence zero": func(p *credential.LogPage) { p.Entries = p.Entries[:1]; p.Entries[0].Sequence = 0 },
		"no outcome":    func(p *credential.LogPage) { p.Entries[1].Outcome = 0 },
	} {
		require.Nil(t, page(change).Encode(), name)
	}
}

// TestEveryByteOfALogPage holds that no two pages are read alike, and that no
// other length is read.
func TestEveryByteOfALogPage(t *testing.T) {
	page := pageForge(logEntry(), logEntry(put(0, num(10)), put(10, bstr(tags(1)...))))
	for n := range page {
		_, err := credential.ParseLogPage(page[:n])
		require.Equal(t, malformed, refused(t, err))
	}
	for v := range 256 {
		_, err := credential.ParseLogPage(append(slices.Clone(page), byte(v)))
		require.Equal(t, malformed, refused(t, err))
	}
	for bit := range 8 * len(page) {
		changed := slices.Clone(page)
		changed[bit/8] ^= 1 << (bit % 8)
		p, err := credential.ParseLogPage(changed)
		if err != nil {
			refused(t, err)
			continue
		}
		require.Equal(t, changed, p.Encode())
	}
}

func TestNamesOfLogs(t *testing.T) {
	for want, have := range map[string]string{
		"started":      credential.LogStarted.String(),
		"commissioned": credential.LogCommissioned.String(),
		"reset":        credential.LogReset.String(),
		"tamper":       credential.LogTamper.String(),
		"nobody":       credential.RoleNone.String(),
		"operator":     credential.RoleOperator.String(),
	} {
		require.Equal(t, want, have)
	}
}
