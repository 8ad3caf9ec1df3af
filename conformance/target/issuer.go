package target

import "github.com/postern-lock/postern/conformance/shim"

// NewIssuer returns a reference issuer.
func NewIssuer() shim.Device { return nil }
