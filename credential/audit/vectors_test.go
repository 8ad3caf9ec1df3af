package audit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/spec/vectors"
)

// logGroups are the standard's vectors about logs.
func logGroups(t *testing.T, kind string) (groups []vectors.Group[vectors.LogParams, vectors.LogTest]) {
	data, err := vectors.Raw("log")
	require.NoError(t, err)
	file, err := vectors.Decode[vectors.File[vectors.LogParams, vectors.LogTest]](data)
	require.NoError(t, err)
	for _, g := range file.Groups {
		if g.Params.Kind == kind {
			groups = append(groups, g)
		}
	}
	require.NotEmpty(t, groups)
	return groups
}

// TestReadingsOfTheVectors has an audit find every alteration that an owner's app
// must find, and none where there is none, with the same entries.  That a lock fell
// back is for whoever knows in which order he read.
func TestReadingsOfTheVectors(t *testing.T) {
	told := map[string]int{}
	for _, g := range logGroups(t, "reading") {
		var keys holder.LogKeys
		for _, k := range g.Params.Keys {
			keys = append(keys, holder.NewLogKey([32]byte(k)))
		}
		for _, v := range g.Tests {
			var all []audit.Item
			for _, s := range v.Sources {
				page, err := s.Clear, error(nil)
				if s.Sealed != nil {
					if page, err = keys.Open(s.Sealed); err != nil {
						continue
					}
				}
				if page != nil {
					all = append(all, audit.Item{Kind: audit.KindPage, Object: page})
				}
			}
			found := rows(t, config(world()), all...)
			s := summary(found)
			told[v.Finding]++
			switch v.Finding {
			case "":
				require.Zero(t, s.Wrong(), v.Comment)
				var want, have []uint32
				for _, run := range v.Runs {
					for n := run.First; n <= run.Last; n++ {
						want = append(want, uint32(n))
					}
				}
				for _, r := range found {
					have = append(have, r.Claims.Entry.Sequence)
				}
				require.Equal(t, want, have, v.Comment)
			case "altered", "malformed":
				require.Positive(t, s.Wrong(), v.Comment)
			}
		}
	}
	require.Equal(t, map[string]int{"": 18, "altered": 15, "malformed": 2, "fell-back": 4, "other-lock": 2, "sealed": 3}, told)
}

// TestReceiptsOfTheVectors has an audit verify exactly those that a phone takes, of
// both cipher suites.
func TestReceiptsOfTheVectors(t *testing.T) {
	verified := 0
	for _, g := range logGroups(t, "receipt") {
		c := audit.Config{Makers: bytesOf(g.Params.Authorities)}
		for _, root := range g.Params.Roots {
			key, err := credential.ParseClaimsSet(append([]byte{0xa1, 8, 0xa1, 1}, root...))
			require.NoError(t, err)
			c.Roots = append(c.Roots, key)
		}
		for _, v := range g.Tests {
			row := only(t, c, audit.Item{Kind: audit.KindReceipt, Object: v.Receipt, Certificates: [][]byte{g.Params.Certificate}})
			require.Equal(t, v.Result == vectors.Valid, row.Verdict == audit.Verified, v.Comment)
			if row.Verdict == audit.Verified {
				verified++
			}
		}
	}
	require.Positive(t, verified)
}

// bytesOf returns the bytes of each.
func bytesOf(all []vectors.Hex) (objects [][]byte) {
	for _, b := range all {
		objects = append(objects, b)
	}
	return objects
}
