// Package demo is a street to try the operator's service with: a scheme, a maker
// of locks, the post and a carrier of parcels, and some letter boxes, which are
// real locks on simulated flash, with a simulated bolt.
//
// A browser holds its phone to a box by HTTP: one command APDU in, one response
// out.  The postman who comes by is a client of the service like any other.
//
// Every secret of the street is in the folder that the street was founded in, and
// the secrets inside the boxes are told to whoever asks: it is for one machine,
// and must never be reached from elsewhere.
package demo
