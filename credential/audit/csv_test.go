package audit_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
)

// table writes rows and reads them again.
func table(t *testing.T, rows []audit.Row) [][]string {
	var b bytes.Buffer
	w := audit.NewWriter(&b)
	for _, r := range rows {
		require.NoError(t, w.Write(r))
	}
	require.NoError(t, w.Flush())
	lines, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	return lines
}

// TestColumns holds the columns to what was published, and to what is no personal
// data: a new one needs a reason here.
func TestColumns(t *testing.T) {
	why := map[string]string{
		"kind": "what the row is about", "item": "number in the stream", "source": "number of a stream", "place": "number in a page",
		"verdict": "of the audit", "where": "of the audit", "refusal": "of the audit", "fault": "of the audit", "other": "number in the stream",
		"told": "count", "in_log": "of the audit", "missing": "count",
		"lock": "id of a device", "sequence": "count", "time": "of the entry", "evidence": "registry", "operation": "registry",
		"outcome": "registry", "reason": "registry", "role": "registry", "service": "registry: a company's kind of service",
		"who": "tag of a grant or id of a key, which name nobody", "resource": "number of a compartment", "reference": "number of a parcel, of the issuer's choice",
		"floor": "of the lock", "policy_version": "count", "policy": "tag of a policy", "head": "hash",
	}
	require.Equal(t, "kind,item,source,place,verdict,where,refusal,fault,other,told,in_log,missing,"+
		"lock,sequence,time,evidence,operation,outcome,reason,role,service,who,resource,reference,floor,policy_version,policy,head",
		strings.Join(audit.Columns(), ","))
	require.Len(t, why, len(audit.Columns()))
	for _, name := range audit.Columns() {
		require.Contains(t, why, name)
	}
}

// TestCSVOfAReceipt is what stands in the README.
func TestCSVOfAReceipt(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	item := b.Sign(func() credential.ReceiptClaims {
		c := b.Claims()
		c.Entry.Resource, c.Entry.Reference = 3, credential.Reference{1}
		return c
	}())
	item.Source = 7
	lines := table(t, rows(t, config(w), item))
	require.Equal(t, audit.Columns(), lines[0])
	require.Equal(t, []string{
		"receipt", "1", "7", "", "verified", "", "", "", "", "1", "false", "",
		b.ID.String(), "1", "2027-03-01T08:01:00Z", "floor", "deliver", "started", "", "operator", "post",
		"aa00000000000000", "3", "0100000000000000", "2027-03-01T08:01:00Z", "1", b.Policy.String(), lines[1][27],
	}, lines[1])
	require.Regexp(t, "^[0-9a-f]{64}$", lines[1][27])
}

// field is what a field can look like: no space, no comma, no quotation mark, and
// none of the signs = + - @ at the beginning, which a spreadsheet takes for a formula.
var field = regexp.MustCompile(`^([0-9a-z][0-9a-zA-Z:_+-]*)?$`)

// TestNoFreeText whatever is in the items: all numbers of a registry, also those of
// none, and bytes that would be a formula as text.
func TestNoFreeText(t *testing.T) {
	w := world()
	b := box(w, 1, 0)
	formula := [8]byte([]byte("=1+1\t@A1"))
	for n := range 256 {
		b.Write(func(e *credential.LogEntry) {
			e.Operation, e.Reason, e.Resource = credential.Operation(n), credential.Reason(n), uint8(n)
			e.Outcome, e.Evidence, e.Service = credential.LogOutcome(n%6+1), credential.Evidence(n%4), credential.Service(n)<<(n%25)
			e.Who, e.Reference = formula, formula
		})
	}
	b.Policy = formula
	all := append(b.Pages(), b.Receipt(), audit.Item{Object: formula[:]}, audit.Item{Kind: audit.KindReceipt, Object: []byte("=cmd|' /C calc'!A0")})
	stranger := box(w, 2, 1).Receipt()
	stranger.Certificates = nil
	lines := table(t, rows(t, config(w), append(all, stranger)...))
	require.Len(t, lines, 1+256+4)
	for _, line := range lines {
		for i, value := range line {
			require.Regexp(t, field, value, lines[0][i])
		}
	}
}

// TestRefusedRowsShowNoClaims, since nobody vouches for them: the lock that is
// named alone.
func TestRefusedRowsShowNoClaims(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	bad := b.Receipt()
	bad.Object[len(bad.Object)-1] ^= 1
	line := table(t, rows(t, config(w), bad))[1]
	require.Equal(t, []string{"receipt", "1", "0", "", "refused", "item", "signature", "", "", "1", "false", "", b.ID.String()}, line[:13])
	require.Empty(t, strings.Join(line[13:], ""))
}

// TestCSVOfNothing has the names of the columns.
func TestCSVOfNothing(t *testing.T) {
	require.Equal(t, [][]string{audit.Columns()}, table(t, nil))
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestFullDisk comes out, at the latest with Flush.
func TestFullDisk(t *testing.T) {
	w := audit.NewWriter(full{})
	require.NoError(t, w.Write(audit.Row{}))
	require.ErrorIs(t, w.Flush(), errFull)
	s := audit.Summary{}
	_, err := s.WriteTo(full{})
	require.ErrorIs(t, err, errFull)
}

// TestSummary is a table for people.
func TestSummary(t *testing.T) {
	w := world()
	b, twin := fork(w, 1)
	s := summary(rows(t, config(w), b.Page(1, 3), twin.Page(1, 3), twin.Receipt(), twin.Receipt(), audit.Item{}, audit.Item{Kind: audit.KindPage}))
	var text bytes.Buffer
	n, err := s.WriteTo(&text)
	require.NoError(t, err)
	require.Equal(t, int64(text.Len()), n)
	require.Equal(t, `    verdict  receipts  entries
   verified         1        3
       told         0        0
  duplicate         1        0
   disputed         0        0
    refuted         0        2
    refused         0        0
pages refused: 1; items refused that are neither: 1; entries told again: 1; entries missing: 0
`, text.String())
	require.Equal(t, uint64(4), s.Wrong())
}
