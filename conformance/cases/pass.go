package cases

import (
	"encoding/base64"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
)

// Taken is what an app says of a pass by which it opens from then on.
const Taken Outcome = "taken"

// The beginnings of the links of section 27.3.
const (
	requestLink = "postern:request/"
	passLink    = "postern:pass/"
)

// Request has the app ask for a right, and returns the key that its request is
// for.  A request that is not one of section 27.1, in both forms, fails the case.
func (a *App) Request() credential.PublicKey {
	asked := ask[shim.Asked](a.t, shim.AskRight{})
	key, err := credential.ParseClaimsSet(asked.Bytes)
	if err != nil {
		a.t.Failf("the request %x is no claims set with a public key: %v", []byte(asked.Bytes), err)
	}
	if want := requestLink + base64.RawURLEncoding.EncodeToString(asked.Bytes); asked.Link != want {
		a.t.Failf("the link of the request is %q, where %q is right", asked.Link, want)
	}
	return key
}

// PassLink is the link of a pass, by section 27.3.
func PassLink(pass []byte) string { return passLink + base64.RawURLEncoding.EncodeToString(pass) }

// Take hands the app the bytes of a pass: it comes to Taken or to a refusal.
func (a *App) Take(pass []byte) Outcome { return a.take(shim.TakePass{Bytes: pass}) }

// TakeLink hands the app the link of a pass.
func (a *App) TakeLink(link string) Outcome { return a.take(shim.TakePass{Link: link}) }

// take hands the app a pass, and returns what it says of it.
func (a *App) take(r shim.TakePass) Outcome {
	said := ask[shim.Taken](a.t, r)
	if said.Taken {
		return Taken
	}
	return Refused(known(said.Reason))
}
