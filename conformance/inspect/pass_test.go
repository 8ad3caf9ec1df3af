package inspect

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
)

// samples returns a good pass as bytes and as a link, and the link of a request.
func samples(t *testing.T) (data []byte, link, request string) {
	t.Helper()
	all := objects(t)
	p := credential.Pass{Chain: [][]byte{all["grant"]}, Authorities: [][]byte{all["authority"]}, Documents: [][]byte{all["policy"]}}
	data, err := p.Encode()
	require.NoError(t, err)
	link, err = p.Link()
	require.NoError(t, err)
	w, err := world.New(2)
	require.NoError(t, err)
	return data, link, credential.RequestLink(w.Public("post"))
}

func TestPassesAreNamed(t *testing.T) {
	data, link, _ := samples(t)
	f, err := Any(data)
	require.NoError(t, err)
	require.Equal(t, f.Parts, Link(link).Parts)
	for _, x := range []Finding{f, Link(link)} {
		require.Empty(t, x.Faults)
		for _, says := range []string{"pass, ", "1: chain: array of 1", "grant: array of 4", "2: authorities: array of 1", "authority: array of 4", "3: documents: array of 1", "policy: array of 4", "not verified", "nothing is wrong"} {
			require.Contains(t, x.String(), says)
		}
	}
}

func TestRequestsForPassesAreNamed(t *testing.T) {
	_, _, link := samples(t)
	f := Link(link)
	require.Empty(t, f.Faults)
	require.Contains(t, f.String(), "8: cnf: map of 1")
	require.Contains(t, f.String(), "asked for the key ")
	var data []byte
	for _, p := range f.Parts {
		data = append(data, p.Bytes...)
	}
	again, err := Any(data)
	require.NoError(t, err)
	require.Equal(t, f.Parts, again.Parts)
}

// TestSpoiltPassesAreFound spoils the link as a text, and what it holds.
func TestSpoiltPassesAreFound(t *testing.T) {
	data, link, request := samples(t)
	for _, bad := range []string{
		link[:len(link)-4], link + "AAAA", link + "=", link + "\n", link[:20] + "+" + link[21:], passLink, passLink + strings.Repeat("A", 1<<14),
		request[:len(request)-4], request + "=", requestLink, requestLink + strings.Repeat("A", 1<<12), requestLink + link[len(passLink):], passLink + request[len(requestLink):],
	} {
		require.True(t, IsLink(bad))
		require.True(t, Link(bad).Wrong(), bad)
	}
	require.False(t, IsLink("postern:key/"))
	f, err := Any(data[:len(data)-1])
	require.NoError(t, err)
	require.Contains(t, f.Kind, "pass, ")
	require.True(t, f.Wrong())
}
