// Package credentialtest takes encodings and signed objects apart and puts them
// together again with any fault in them: for testers, who need objects that no
// issuer signs.  It checks nothing of what it writes.  No product imports it.
//
// What is encoded is a []byte throughout, so that bytes which are no CBOR at all
// can stand wherever an item can.
package credentialtest
