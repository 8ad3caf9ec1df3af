// Package service is an operator's service over HTTP: owners of boxes leave
// policies and fetch logs, devices of the staff fetch their rounds and bring back
// what they carried, dispatchers have grants issued and withdrawn.  openapi.yaml
// describes the interface, problems.md its errors.
//
// It keeps two things: a [ledger.Store], which is what an issuer must remember,
// and a [book.Book], which is what this service knows besides.  Both hold keys, numbers
// and codes; there are no accounts.  An owner is whom a receipt of the lock proves
// to be one (proof.go), a device is whom the operator granted something, a
// dispatcher is whom the operator lists.
//
// A request goes from top to bottom through door.go, which finds its route,
// caller.go, which learns whose it is, and one file for each kind of handler.
package service
