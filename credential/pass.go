package credential

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/dcbor"
	"github.com/postern-lock/postern/internal/wire"
)

// Pass is what a guest's phone is given beside its own key: the grant and what
// has to come with it (chapter 27).  It is the way from the app of one maker to
// that of another.  Nobody vouches for a Pass but for each object in it, and
// without the holder's key it opens nothing.
type Pass struct {
	// Chain are 1 to 3 grants: the root's first, each hanging below the one
	// before it, the holder's own last.
	Chain [][]byte
	// Authorities are 0 to 2 authority certificates: of the operator at the root
	// of the chain, of those who signed Documents, of the lock's manufacturer.
	Authorities [][]byte
	// Documents are 0 to 4 policies, revocation lists and time tokens that the
	// holder's phone hands to the lock.
	Documents [][]byte
}

const passName = "pass"

// ParsePass decodes a pass of at most 2048 bytes.  Every object in it reads by
// section 4.5, and the grants of the chain are linked; the locks verify them.
//
// Errors: malformed, limit, object-type, algorithm, delegation.
func ParsePass(data []byte) (Pass, error) {
	if len(data) > wire.LimitPassBytes {
		return Pass{}, fault(ReasonLimit, "%s: %d bytes, at most %d are allowed", passName, len(data), wire.LimitPassBytes)
	}
	r := read(passName, data)
	var p Pass
	last := uint64(0)
	for range r.pairs("fields", 1, 3, ReasonMalformed) {
		label := r.wide("fields")
		if label <= last {
			r.refuse(ReasonMalformed, "fields", "%d must not follow %d", label, last)
		}
		last = label
		switch label {
		case wire.PassChain:
			p.Chain = r.objects("chain", wire.LimitLinks)
		case wire.PassAuthorities:
			p.Authorities = r.objects("authorities", wire.LimitPassAuthorities)
		case wire.PassDocuments:
			p.Documents = r.objects("documents", wire.LimitDocuments)
		default:
			r.refuse(ReasonMalformed, "fields", "%d is none of this version", label)
		}
	}
	if err := r.close(); err != nil {
		return Pass{}, err
	}
	if err := p.check(); err != nil {
		return Pass{}, err
	}
	return p, nil
}

// objects reads a list of 1 to most objects, as they are.
func (r *reader) objects(field string, most int) [][]byte {
	list := make([][]byte, r.array(field, 1, most, ReasonLimit))
	for i := range list {
		list[i] = []byte(r.raw(field))
	}
	return list
}

// Encode returns the pass as bytes, at most 2048.
//
//	pass = { 1: [ 1*3 grant ], ? 2: [ 1*2 authority ], ? 3: [ 1*4 document ] }
//
// Errors: those of ParsePass, for what it would refuse.
func (p Pass) Encode() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	n := 0
	b := []byte{0} // the head, whose count is known at the end
	for _, f := range []struct {
		label int64
		list  [][]byte
	}{{wire.PassChain, p.Chain}, {wire.PassAuthorities, p.Authorities}, {wire.PassDocuments, p.Documents}} {
		if len(f.list) == 0 {
			continue
		}
		n++
		b = dcbor.AppendArray(dcbor.AppendInt(b, f.label), len(f.list))
		for _, object := range f.list {
			b = append(b, object...)
		}
	}
	dcbor.AppendMap(b[:0], n)
	if len(b) > wire.LimitPassBytes {
		return nil, fault(ReasonLimit, "%s: has %d bytes, at most %d are allowed; leave out documents that the lock holds", passName, len(b), wire.LimitPassBytes)
	}
	return b, nil
}

// check applies the rules that hold for every pass.
func (p *Pass) check() error {
	if len(p.Chain) == 0 {
		return fault(ReasonMalformed, "%s: chain: is missing", passName)
	}
	for _, f := range []struct {
		name  string
		list  [][]byte
		most  int
		reads func([]byte) error
	}{
		{"chain", p.Chain, wire.LimitLinks, nil},
		{"authorities", p.Authorities, wire.LimitPassAuthorities, readsAsAuthority},
		{"documents", p.Documents, wire.LimitDocuments, readsAsDocument},
	} {
		if n := len(f.list); n > f.most {
			return fault(ReasonLimit, "%s: %s: at most %d objects are allowed, this has %d", passName, f.name, f.most, n)
		}
		for i, object := range f.list {
			if slices.ContainsFunc(f.list[:i], func(other []byte) bool { return bytes.Equal(other, object) }) {
				return fault(ReasonMalformed, "%s: %s: none may be there twice", passName, f.name)
			}
			if f.reads == nil {
				continue
			}
			if err := f.reads(object); err != nil {
				return err
			}
		}
	}
	_, err := p.Links()
	return err
}

// Links returns the grants of the chain, parsed, and an error where they are no
// chain.
func (p *Pass) Links() ([]*UnverifiedGrant, error) {
	links := make([]*UnverifiedGrant, len(p.Chain))
	for i, data := range p.Chain {
		var err error
		if links[i], err = ParseGrant(data); err != nil {
			return nil, err
		}
	}
	if err := Linked(links); err != nil {
		return nil, &Error{Reason: ReasonDelegation, Detail: passName + ": chain", Err: err}
	}
	return links, nil
}

// Linked checks that the first of the grants hangs below none, and each other one
// below the one before it, whose holder signed it as far as its kid says.
func Linked(links []*UnverifiedGrant) error {
	var above [32]byte
	for i, link := range links {
		switch {
		case link.claims.Parent != above:
			return fmt.Errorf("grant %d of %d does not hang below the one before it", i+1, len(links))
		case i > 0 && link.Signer() != KeyIDOf(links[i-1].claims.Holder):
			return fmt.Errorf("grant %d of %d is not signed by the holder of the one before it", i+1, len(links))
		}
		above = link.Digest()
	}
	return nil
}

// readsAsAuthority reads an authority certificate.
func readsAsAuthority(object []byte) error {
	_, err := ParseAuthority(object)
	return err
}

// readsAsDocument reads an object of one of the kinds that phones hand over.
func readsAsDocument(object []byte) error {
	typ, err := TypeOf(object)
	if err != nil {
		return err
	}
	switch typ {
	case wire.TypePolicy:
		_, err = ParsePolicy(object)
	case wire.TypeRevocationList:
		_, err = ParseRevocationList(object)
	case wire.TypeTimeToken:
		_, err = ParseTimeToken(object)
	default:
		err = fault(ReasonObjectType, "%s: documents: an object of type %d is none", passName, typ)
	}
	return err
}
