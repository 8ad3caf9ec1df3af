package serve

import (
	"fmt"
	"os"
	"strings"

	"github.com/postern-lock/postern/credential"
)

// names is a flag that can be given several times.
type names []string

func (n *names) String() string     { return strings.Join(*n, ", ") }
func (n *names) Set(v string) error { *n = append(*n, v); return nil }

// readAll reads files whole.
func readAll(files []string) ([][]byte, error) {
	var all [][]byte
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// keysIn reads public keys, one a line, from files.  What stands behind a blank is
// a remark; a line that begins with # is one whole.
func keysIn(files []string) ([]credential.PublicKey, error) {
	texts, err := readAll(files)
	if err != nil {
		return nil, err
	}
	var keys []credential.PublicKey
	for i, text := range texts {
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word == "" || strings.HasPrefix(word, "#") {
				continue
			}
			var key credential.PublicKey
			if err := key.UnmarshalText([]byte(word)); err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", files[i], n, err)
			}
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// authorityIn reads an authority certificate and verifies it under the roots.
func authorityIn(name string, roots []credential.PublicKey) (*credential.Authority, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	u, err := credential.ParseAuthority(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	v := credential.Verifier{Roots: roots}
	a, err := v.Authority(u)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}
