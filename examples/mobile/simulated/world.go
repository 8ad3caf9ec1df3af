package simulated

import (
	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/issuer"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// World is who signs.  It is the same every time.
type World struct{ w *issuertest.World }

// NewWorld makes the world.
func NewWorld() *World { return &World{issuertest.New("an app without a lock")} }

// Root is the public key of the scheme, 32 bytes.
func (w *World) Root() []byte {
	key := w.w.Scheme.PublicKey()
	return key.X()
}

// Maker is the manufacturer's certificate.
func (w *World) Maker() []byte { return w.w.Maker.Authority().Bytes() }

// Post is the postal operator's certificate.
func (w *World) Post() []byte { return w.w.Post.Authority().Bytes() }

// Setup is the setup secret of the lock, 16 bytes.
func (w *World) Setup() []byte { return w.w.Setup[:] }

// LockID is the id of the lock, 16 hexadecimal digits.
func (w *World) LockID() string { return w.w.LockID.String() }

// Area is the area code of the lock.
func (w *World) Area() []byte { return w.w.Area }

// Now is the world's time, in seconds since 1970: the world stands still.
func (w *World) Now() int64 { return int64(w.w.Now) }

// Guest has the world's owner grant a phone to open the lock for 30 days.
func (w *World) Guest(request string) ([]byte, error) {
	c, err := holding(w.w.GuestClaims(w.w.Key("nobody")), request)
	if err != nil {
		return nil, err
	}
	return w.w.Owner.Grant(c)
}

// Postman has the post grant a phone to deliver and collect for half a day, and to
// pass that on once.
func (w *World) Postman(request string) ([]byte, error) {
	c, err := holding(w.w.RoundClaims(w.w.Key("nobody")), request)
	if err != nil {
		return nil, err
	}
	c.Scope[0].Delegation = 1
	return w.w.Post.Grant(c)
}

// Clocked has the world's owner grant a phone to open the lock at all hours, if the
// lock knows the time by a live token.
func (w *World) Clocked(request string) ([]byte, error) {
	c, err := holding(w.w.GuestClaims(w.w.Key("nobody")), request)
	if err != nil {
		return nil, err
	}
	c.Scope[0].Evidence = credential.EvidenceLive
	return w.w.Owner.Grant(c)
}

// Policy has the world's owner sign a policy of the version, which admits the post.
func (w *World) Policy(version int) []byte {
	return w.w.Policy(func(c *credential.PolicyClaims) { c.Version = uint32(version) })
}

// Time has the post sign the world's time over a nonce of 16 bytes.
func (w *World) Time(nonce []byte) ([]byte, error) {
	source, err := issuer.NewTimeSource(w.w.Key("post"), w.w.Post.Authority())
	if err != nil {
		return nil, err
	}
	var n [16]byte
	copy(n[:], nonce)
	return source.Live(w.w.Now, 60, n)
}

func holding(c credential.GrantClaims, request string) (credential.GrantClaims, error) {
	var err error
	c.Holder, err = credential.ParseRequestLink(request)
	return c, err
}
