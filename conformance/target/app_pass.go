package target

import (
	"errors"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/credential"
)

// ask has the app ask for a right, with the key that it was given.
func (a *App) ask() (*shim.Asked, error) {
	if a.installed == nil {
		return nil, errNotProvisioned
	}
	key := a.installed.Key.PublicKey()
	return &shim.Asked{Bytes: credential.AppendClaimsSet(nil, key), Link: credential.RequestLink(key)}, nil
}

// take hands the app a pass, which takes the place of the one before.
func (a *App) take(r shim.TakePass) (*shim.Taken, error) {
	switch {
	case a.installed == nil:
		return nil, errNotProvisioned
	case (r.Bytes == nil) == (r.Link == ""):
		return nil, errors.New("target: a pass comes as bytes or as a link")
	}
	pass, err := parsePass(r)
	if err == nil {
		err = a.own(pass)
	}
	if err != nil {
		return &shim.Taken{Reason: int(reasonOf(err))}, nil
	}
	a.phone = a.installed.With(pass)
	return &shim.Taken{Taken: true}, nil
}

// parsePass reads a pass in either form.
func parsePass(r shim.TakePass) (credential.Pass, error) {
	if r.Link != "" {
		return credential.ParsePassLink(r.Link)
	}
	return credential.ParsePass(r.Bytes)
}

// own refuses a pass for another key.
func (a *App) own(pass credential.Pass) error {
	links, err := pass.Links()
	if err != nil {
		return err
	}
	if links[len(links)-1].Claims.Holder != a.installed.Key.PublicKey() {
		return credential.ReasonPossession
	}
	return nil
}

// reasonOf returns the reason of an error of package credential.
func reasonOf(err error) (r credential.Reason) {
	errors.As(err, &r)
	return r
}
