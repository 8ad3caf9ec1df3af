package audit

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Summary counts rows.  Its zero value has seen none.
type Summary struct {
	Receipts [Verified + 1]uint64 // receipts by verdict
	Entries  [Verified + 1]uint64 // entries of logs by verdict
	Pages    uint64               // pages that are refused
	Others   uint64               // items that are refused and neither receipt nor page
	Retold   uint64               // how often entries were told again
	Missing  uint64               // entries that the logs lack between those that were read
}

// Add counts a row.
func (s *Summary) Add(r Row) {
	switch r.Kind {
	case KindReceipt:
		s.Receipts[r.Verdict]++
	case KindEntry:
		s.Entries[r.Verdict]++
		s.Retold += uint64(r.Told - 1)
		s.Missing += uint64(r.Missing)
	case KindPage:
		s.Pages++
	default:
		s.Others++
	}
}

// Wrong returns how many rows say that somebody erred or lied.  Entries that are
// missing are none: a log keeps the newest 64 alone.
func (s *Summary) Wrong() uint64 {
	wrong := s.Pages + s.Others
	for v := range Verified + 1 {
		if v.Wrong() {
			wrong += s.Receipts[v] + s.Entries[v]
		}
	}
	return wrong
}

// WriteTo writes the counts as a table, for people.
func (s *Summary) WriteTo(w io.Writer) (int64, error) {
	counted := &counter{w: w}
	t := tabwriter.NewWriter(counted, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "verdict\treceipts\tentries\t\n")
	for v := Verified; ; v-- {
		fmt.Fprintf(t, "%s\t%d\t%d\t\n", v, s.Receipts[v], s.Entries[v])
		if v == Refused {
			break
		}
	}
	err := t.Flush()
	if err == nil {
		_, err = fmt.Fprintf(counted, "pages refused: %d; items refused that are neither: %d; entries told again: %d; entries missing: %d\n",
			s.Pages, s.Others, s.Retold, s.Missing)
	}
	return counted.n, err
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
