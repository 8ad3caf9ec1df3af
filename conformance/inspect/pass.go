package inspect

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/postern-lock/postern/credential"
)

// The beginnings of the two kinds of link of chapter 27.
const (
	requestLink = "postern:request/"
	passLink    = "postern:pass/"
)

// The shapes of what passes a right on.
var (
	pass = array("", &shape{keys: map[int64]*shape{
		1: list("chain", anyObject("")), 2: list("authorities", anyObject("")), 3: list("documents", anyObject("")),
	}})
	claimsSet = array("", &shape{keys: map[int64]*shape{8: confirmation}})
)

// Pass decodes a pass (section 27.2).
func Pass(data []byte) Finding {
	f := Finding{Kind: fmt.Sprintf("pass, %d bytes", len(data))}
	f.cbor(data, 0, pass)
	if _, err := credential.ParsePass(data); err != nil {
		f.Faults = append(f.Faults, err.Error())
	} else {
		f.Text = "the signatures in it were not verified\n"
	}
	return f
}

// PassRequest decodes the claims set by which somebody asks for a right (section 27.1).
func PassRequest(data []byte) Finding {
	f := Finding{Kind: fmt.Sprintf("claims set, the request for a pass, %d bytes", len(data))}
	f.cbor(data, 0, claimsSet)
	if key, err := credential.ParseClaimsSet(data); err != nil {
		f.Faults = append(f.Faults, err.Error())
	} else {
		f.Text = fmt.Sprintf("asked for the key %v, for which nobody vouches\n", credential.KeyIDOf(key))
	}
	return f
}

// isPass reports whether b begins as a pass does: a map, whose 1 is a list with a
// signed object.  The 1 of a request to a lock is a number.
func isPass(b []byte) bool {
	return len(b) > 3 && b[0]>>5 == 5 && b[1] == 1 && b[2]>>5 == 4 && b[3] == 0x84
}

// isPassRequest reports whether b begins as a claims set with a key does.
func isPassRequest(b []byte) bool { return bytes.HasPrefix(b, []byte{0xA1, 0x08, 0xA1, 0x01}) }

// IsLink reports whether the text begins as a link of chapter 27 does.
func IsLink(text string) bool {
	return strings.HasPrefix(text, passLink) || strings.HasPrefix(text, requestLink)
}

// Link decodes a link with a pass or a request, which begins by IsLink.
func Link(link string) Finding {
	var err error
	decode, what := Pass, "pass"
	rest, ok := strings.CutPrefix(link, passLink)
	if ok {
		_, err = credential.ParsePassLink(link)
	} else {
		decode, what = PassRequest, "request"
		rest = strings.TrimPrefix(link, requestLink)
		_, err = credential.ParseRequestLink(link)
	}
	data, none := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil && (none != nil || strings.ContainsAny(rest, "\r\n")) {
		return Finding{Kind: fmt.Sprintf("link of a %s, %d characters", what, len(link)), Faults: []string{err.Error()}}
	}
	f := decode(data)
	f.Kind = fmt.Sprintf("link of %d characters with a %s", len(link), f.Kind)
	if err != nil && len(f.Faults) == 0 {
		f.Faults = append(f.Faults, err.Error())
	}
	return f
}
