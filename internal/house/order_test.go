package house

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOrderIsTransitive(t *testing.T) {
	o, err := ParseOrder(`
		NONE < a, b      # a and b import nothing
		a    < c < d, e
		b    < d
		a    !< b
		b    !< c
	`)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d", "e"}, o.Packages())
	for importer, imports := range map[string]string{"a": "", "b": "", "c": "a", "d": "abc", "e": "ac"} {
		for _, imported := range "abcde" {
			want := false
			for _, i := range imports {
				want = want || i == imported
			}
			require.Equal(t, want, o.Allows(importer, string(imported)), "%s imports %c", importer, imported)
		}
	}
	require.True(t, o.Has("a"))
	require.False(t, o.Has("f"))
	require.False(t, o.Allows("f", "a"))
}

func TestOrderRefusesBadTables(t *testing.T) {
	for _, c := range []struct{ name, table, fault string }{
		{"no operator", "a, b", "line 1 of the order: malformed rule"},
		{"empty name", "NONE < a,", "malformed rule"},
		{"name with a space", "NONE < a b", "malformed rule"},
		{"ban without a side", "NONE < a\na !<", "line 2 of the order: malformed rule"},
		{"ban in a chain", "NONE < a < b\na !< b < c", "malformed rule"},
		{"a package that has no rule", "a < b", "no rule that says what a may import"},
		{"itself", "NONE < a\na < a", "lets a import itself"},
		{"circle", "NONE < a < b < c\nc < a", "import itself"},
		{"ban of an unknown package", "NONE < a\na !< z", "bans a from z, and one of them has no rule"},
		{"ban of what is allowed", "NONE < a < b < c\na !< c", "lets c import a, and says that it never may"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseOrder(c.table)
			require.ErrorContains(t, err, c.fault)
		})
	}
}
