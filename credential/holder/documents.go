package holder

import (
	"cmp"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/wire"
)

// DocumentResult is what became of one of Phone.Documents, or of a live time
// token.
type DocumentResult struct {
	Document []byte // as it was given
	// Reason is none where the lock holds it now, and superseded where it held
	// it, or a newer one, already: in either case it need not be handed to this
	// lock again.  Any other one says why the lock does not take it.  Malformed,
	// object-type and limit can be the phone's own word, which did not send it.
	Reason credential.Reason
}

// document is one that is to be handed over.
type document struct {
	object []byte
	signer credential.KeyID
	issued credential.Time
	bare   bool   // it goes without the certificate of who signed it
	rank   uint64 // documents of a lower one go first
}

// The ranks of documents: a policy can make a transfer or name an anchor, a
// scheme's list can end the certificate of whoever signed another list or a token.
const (
	rankPolicy = iota << 32 // and the version
	rankSchemeList
	rankList
	rankToken
)

// documents returns the phone's documents for the lock that was selected, in an
// order in which each can be judged on what those before it leave, and what becomes
// of those that cannot be handed over.
func (x *exchange) documents() (handed []document, refused []DocumentResult) {
	if x.configure != nil {
		return nil, nil // they are for a lock that has an owner
	}
	for _, object := range x.phone.Documents {
		d, fits, err := x.document(object)
		switch {
		case err != nil:
			refused = append(refused, DocumentResult{Document: object, Reason: reasonOf(err, credential.ReasonMalformed)})
		case fits:
			handed = append(handed, d)
		}
	}
	slices.SortStableFunc(handed, func(a, b document) int { return cmp.Compare(a.rank, b.rank) })
	return handed, refused
}

// document reads a document, and reports whether it is for this lock: a policy
// tells what an owner wants, so no other lock is shown it.
func (x *exchange) document(object []byte) (document, bool, error) {
	kind, err := credential.TypeOf(object)
	if err != nil {
		return document{}, false, err
	}
	switch kind {
	case wire.TypePolicy:
		u, err := credential.ParsePolicy(object)
		if err != nil {
			return document{}, false, err
		}
		return document{object: object, bare: true, rank: rankPolicy + uint64(u.Claims.Version)}, u.Claims.Lock == x.selection.Lock, nil
	case wire.TypeRevocationList:
		u, err := credential.ParseRevocationList(object)
		if err != nil {
			return document{}, false, err
		}
		d := document{object: object, signer: u.Signer(), issued: u.Claims.IssuedAt, rank: rankList}
		if slices.ContainsFunc(x.phone.Roots, func(root credential.PublicKey) bool { return credential.KeyIDOf(root) == d.signer }) {
			d.rank = rankSchemeList
		}
		return d, true, nil
	case wire.TypeTimeToken:
		u, err := credential.ParseTimeToken(object)
		if err != nil {
			return document{}, false, err
		}
		return document{object: object, signer: u.Signer(), issued: u.Claims.Time, rank: rankToken}, true, nil
	}
	return document{}, false, credential.ReasonObjectType
}

// certificate returns the certificate of who signed a document, where the phone
// has it and the lock may lack it: whoever signed the grant at the root is known
// to the lock that verified it, unless it had to be told.
func (x *exchange) certificate(d document) []byte {
	if d.bare || x.grant != nil && d.signer == x.root && !slices.Contains(x.certified, d.signer) {
		return nil
	}
	return x.phone.authority(d.signer, d.issued)
}

// skip gives up the first document that is left, or its certificate, since no
// command can carry it.
func (x *exchange) skip() {
	if !x.left[0].bare {
		x.left[0].bare = true
		return
	}
	x.results = append(x.results, DocumentResult{Document: x.left[0].object, Reason: credential.ReasonLimit})
	x.left = x.left[1:]
}
