package credential

// Whoever keeps what it has read, as a lock does in its flash, reads it again
// without the arithmetic by which a key that comes from outside is held to be an
// Ed25519 point that may be used: a tenth of a verification for each key.  A P-256
// key has its second coordinate worked out as before, and everything else is
// checked as the first time.  None of this is for bytes that anyone else
// could have written: under a key of small order every signature verifies.

// origin says who could have written bytes.
type origin uint8

const (
	anyone origin = iota
	ours          // the reader alone, which took them from anyone before
)

// RereadGrant reads a grant that [ParseGrant] accepted before.
func RereadGrant(data []byte) (*UnverifiedGrant, error) { return readGrant(data, ours) }

// RereadPolicy reads a policy that [ParsePolicy] accepted before.
func RereadPolicy(data []byte) (*UnverifiedPolicy, error) { return readPolicy(data, ours) }

// RereadAuthority reads a certificate that [ParseAuthority] accepted before.
func RereadAuthority(data []byte) (*UnverifiedAuthority, error) {
	return readAuthority(data, ours)
}

// RereadClaimsSet reads a claims set that [ParseClaimsSet] accepted before.
func RereadClaimsSet(data []byte) (PublicKey, error) { return readClaimsSet(data, ours) }
