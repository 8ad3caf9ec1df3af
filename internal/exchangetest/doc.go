// Package exchangetest is the exchange of chapter 6 laid open, for the two public
// peers of testers, credential/holder/holdertest and lock/locktest: every value
// of the key schedule has a name, under which it can be read and altered.  It
// checks no more than it needs to go on; the product's own exchange is package
// edhoc, from which it takes the formulas.
package exchangetest
