// Package issuertest makes the keys and objects of a small world: a scheme, a
// national post, a manufacturer, one owner and her lock.  Everything derives from
// a seed, so that two worlds of one seed are the same to the byte and two of
// different seeds share no key.  No product imports it.
//
// Its objects are good ones; package credentialtest takes them apart and makes
// wrong ones of them.  A function that is given claims which no issuer would
// sign panics: that is a fault of the test.
package issuertest
