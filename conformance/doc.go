// Package conformance is the conformance suite of Postern: it holds a lock, an
// app or an issuer, in whatever language it is written, to the requirements of
// the standard.
//
// A Go program uses it in its tests:
//
//	func TestConformance(t *testing.T) {
//		conformance.TestLock(t, myLock, profile)
//	}
//
// where myLock is a shim.Device.  Everybody else runs the tool cmd/postern, which
// reaches a product by the line protocol of package shim.
package conformance
