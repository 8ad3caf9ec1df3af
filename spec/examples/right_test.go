package examples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}

// TestPagesAreRight works every value of every page out again, from the text of
// the page alone and with none of the code that made it.
func TestPagesAreRight(t *testing.T) {
	for _, e := range examples {
		t.Run(e.file, func(t *testing.T) { require.Empty(t, check(read(t, e.file))) })
	}
}

// TestAlteredBytesAreNoticed, so that the test above can be trusted: one byte in
// seven is altered, each on a page of its own.
func TestAlteredBytesAreNoticed(t *testing.T) {
	for _, e := range examples {
		t.Run(e.file, func(t *testing.T) {
			page := read(t, e.file)
			digits := hexDigits(page)
			require.NotEmpty(t, digits)
			step := 7
			if testing.Short() {
				step = 97
			}
			for i := 0; i < len(digits); i += step {
				at := digits[i]
				other := byte('0')
				if page[at] == other {
					other = '1'
				}
				altered := page[:at] + string(other) + page[at+1:]
				require.NotEmpty(t, check(altered), "byte %d of the page, line %d", at, strings.Count(page[:at], "\n")+1)
			}
		})
	}
}

// hexDigits returns where the second digit of each byte stands in the blocks of a
// page.
func hexDigits(page string) []int {
	var all []int
	inside, at := false, 0
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		} else if inside {
			digits := 0
			for i := range min(len(line), column) {
				if !strings.ContainsRune("0123456789ABCDEF ", rune(line[i])) {
					break // a name, or the end of the line
				}
				if line[i] == ' ' {
					continue
				}
				if digits++; digits%2 == 0 {
					all = append(all, at+i)
				}
			}
		}
		at += len(line)
	}
	return all
}

// TestAlteredFiguresAreNoticed alters lengths and sums one by one.
func TestAlteredFiguresAreNoticed(t *testing.T) {
	figures := []*regexp.Regexp{
		regexp.MustCompile(`\*\*, ([0-9]+) bytes`),
		regexp.MustCompile(`(?m)^\| [0-9]+ \| [0-9]+ \| [A-Z].* \| ([0-9]+) \| [0-9]+ \|$`),
		regexp.MustCompile(`(?m)^\| [0-9]+ \| [0-9]+ \| [A-Z].* \| ([0-9]+) \|$`),
		regexp.MustCompile(`Tap [0-9]: ([0-9]+) pairs`),
		regexp.MustCompile(`pairs, ([0-9]+) bytes`),
	}
	for _, e := range examples {
		page := read(t, e.file)
		for _, figure := range figures {
			found := figure.FindAllStringSubmatchIndex(page, -1)
			require.NotEmpty(t, found, figure)
			for _, m := range found {
				require.NotEmpty(t, check(page[:m[2]]+"1"+page[m[2]:]), "%s: %s", e.file, page[m[0]:m[1]])
			}
		}
	}
}

// TestValuesThatNothingChecksAreNoticed adds a value to a page.
func TestValuesThatNothingChecksAreNoticed(t *testing.T) {
	for _, e := range examples {
		page := read(t, e.file) + "\n```\nPRK_5 = of nothing\n  00\n```\n"
		require.Len(t, check(page), 1, e.file)
		require.Contains(t, check(page)[0], "nothing checks PRK_5")
	}
}
