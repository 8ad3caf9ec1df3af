package credential

import (
	"encoding/base64"
	"strings"

	"github.com/postern-lock/postern/internal/wire"
)

// The two kinds of link by which a right is passed on, in a message or as a
// square code: a request has the key of who asks, a pass what he is given.
const (
	requestLink = "postern:request/"
	passLink    = "postern:pass/"
)

// base64url is that of RFC 4648, section 5, without padding; one text stands for
// one string of bytes.
var base64url = base64.RawURLEncoding.Strict()

// RequestLink returns the link by which somebody asks for a right: his public key
// as a claims set, in 75 characters or 78.
func RequestLink(key PublicKey) string {
	return requestLink + base64url.EncodeToString(AppendClaimsSet(nil, key))
}

// ParseRequestLink returns the key of who asks.  Nobody vouches for it: whoever
// grants makes sure that it came from the person whom he means.
//
// Errors: malformed, limit, algorithm.
func ParseRequestLink(link string) (PublicKey, error) {
	data, err := ofLink(link, requestLink, wire.LimitObjectBytes)
	if err != nil {
		return PublicKey{}, err
	}
	return ParseClaimsSet(data)
}

// Link returns the pass as a link, of at most 2744 characters, which one square
// code holds.
//
// Errors: those of Encode.
func (p Pass) Link() (string, error) {
	b, err := p.Encode()
	if err != nil {
		return "", err
	}
	return passLink + base64url.EncodeToString(b), nil
}

// ParsePassLink returns the pass that a link holds.
//
// Errors: those of ParsePass.
func ParsePassLink(link string) (Pass, error) {
	data, err := ofLink(link, passLink, wire.LimitPassBytes)
	if err != nil {
		return Pass{}, err
	}
	return ParsePass(data)
}

// ofLink returns the bytes in a link of a kind, which are at most so many.
func ofLink(link, kind string, most int) ([]byte, error) {
	text, ok := strings.CutPrefix(link, kind)
	if !ok {
		return nil, fault(ReasonMalformed, "link: it does not begin with %s", kind)
	}
	if n := base64url.DecodedLen(len(text)); n > most {
		return nil, fault(ReasonLimit, "link: %d bytes, at most %d are allowed", n, most)
	}
	if strings.ContainsAny(text, "\r\n") { // which the decoder would pass over
		return nil, fault(ReasonMalformed, "link: it has a line break")
	}
	data, err := base64url.DecodeString(text)
	if err != nil {
		return nil, &Error{Reason: ReasonMalformed, Detail: "link: it is not base64url without padding", Err: err}
	}
	return data, nil
}
