package spec

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec/cddl"
)

// named returns the rules that the chapters name, as `cddl/file.cddl` (rule),
// each with the file and the chapters.
func named(t *testing.T) (files map[string]string, chapters map[string][]string) {
	t.Helper()
	mention := regexp.MustCompile("`(cddl/[a-z-]+\\.cddl)`\\s+\\(([A-Za-z0-9_-]+)\\)")
	files, chapters = map[string]string{}, map[string][]string{}
	for name, content := range text(t) {
		for _, m := range mention.FindAllStringSubmatch(content, -1) {
			require.Contains(t, []string{"", m[1]}, files[m[2]], "%s: %s", name, m[0])
			files[m[2]] = m[1]
			chapters[m[2]] = append(chapters[m[2]], name)
		}
	}
	return files, chapters
}

// unused returns the rules that neither the chapters name nor a rule uses that
// they lead to.
func unused(rules []cddl.Rule, named map[string]string) []string {
	uses := map[string][]string{}
	for _, r := range rules {
		uses[r.Name] = r.Uses
	}
	reached := map[string]bool{}
	var reach func(name string)
	reach = func(name string) {
		if !reached[name] {
			reached[name] = true
			for _, u := range uses[name] {
				reach(u)
			}
		}
	}
	for name := range named {
		reach(name)
	}
	var out []string
	for _, r := range rules {
		if !reached[r.Name] {
			out = append(out, r.File+": "+r.Name)
		}
	}
	return out
}

func TestEveryRuleNamedStandsInItsFile(t *testing.T) {
	schema, err := Schema()
	require.NoError(t, err)
	where := map[string]string{}
	for _, r := range schema.Rules() {
		where[r.Name] = r.File
	}
	files, chapters := named(t)
	for rule, file := range files {
		require.Equal(t, file, where[rule], "%v: %s", chapters[rule], rule)
	}
}

func TestEveryRuleIsInUse(t *testing.T) {
	schema, err := Schema()
	require.NoError(t, err)
	files, _ := named(t)
	require.Empty(t, unused(schema.Rules(), files))

	// And it would be noticed.
	delete(files, "message_2")
	require.Equal(t, []string{"cddl/edhoc.cddl: message_2"}, unused(schema.Rules(), files))
}

func TestEveryObjectTypeHasARule(t *testing.T) {
	rows, err := Registry("object-types")
	require.NoError(t, err)
	files, chapters := named(t)
	for _, r := range rows {
		if r.Active() {
			require.Equal(t, "cddl/"+r.Name+".cddl", files[r.Name])
			require.Contains(t, chapters[r.Name], "04-objects.md")
		}
	}
}

// What does not parse is refused with its place.
func TestDefinitionsThatDoNotParse(t *testing.T) {
	definitions, err := Definitions()
	require.NoError(t, err)
	for _, fault := range []string{"\nstray", "\nstray = [ undefined-name ]", "\ngrant = 5"} {
		files := map[string]string{}
		for _, d := range definitions {
			files[d.Name] = d.Text
		}
		files["cddl/grant.cddl"] += fault
		_, err := cddl.Parse(files)
		require.ErrorIs(t, err, cddl.ErrDefinition, fault)
		require.ErrorContains(t, err, "cddl/", fault)
	}
}
