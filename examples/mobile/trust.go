package postern

import "github.com/postern-lock/postern/credential"

// Trust is whom the app trusts: the same for all its users, and shipped with it.
type Trust struct {
	roots  []credential.PublicKey
	makers [][]byte
}

// NewTrust returns the trust in the schemes with the public keys, in the forms of
// [Key.PublicKey], and in the manufacturers whose certificates the schemes signed.
func NewTrust(roots, makers *Blobs) (*Trust, error) {
	return guarded(func() (*Trust, error) {
		t := &Trust{makers: makers.slices()}
		for _, b := range roots.slices() {
			key, err := parseKey(b)
			if err != nil {
				return nil, err
			}
			t.roots = append(t.roots, key)
		}
		if len(t.roots) == 0 || len(t.makers) == 0 {
			return nil, argument("NewTrust: want a root and a manufacturer's certificate at the least")
		}
		v := credential.Verifier{Roots: t.roots}
		for _, b := range t.makers {
			u, err := credential.ParseAuthority(b)
			if err != nil {
				return nil, err
			}
			if _, err := v.Authority(u); err != nil {
				return nil, err
			}
		}
		return t, nil
	})
}
