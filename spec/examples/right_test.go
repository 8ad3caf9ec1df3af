package examples_test

import (
	"os"
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
