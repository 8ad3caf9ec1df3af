// Package audit checks receipts and log pages by the million: whether the locks
// signed them, and whether what they tell fits together.
//
// An [Auditor] reads a stream of items and gives a stream of rows: one for each
// receipt, one for each entry of a log, and one for each page that is none.  A
// receipt is held against the lock's certificate, that against its maker's, and
// that against the scheme's roots and lists.  What a lock's receipts and pages
// tell is then held together, whoever brought it: a number of the log that is told
// in two ways, a head that belongs to none, a receipt that the log lacks, a policy
// version that fell.  What is told twice counts once.
//
// A page proves nothing of itself.  An entry is verified where a receipt that the
// lock signed binds it: each head of a log binds all entries before it.  A receipt
// for others than the owner hides which head it is; [Config.Blinds] tells those who
// hold the log key.
//
// Each signature is verified for itself, by the one rule of section 4.4.1, and
// none in a batch.  The rule says so, so that no lock and no audit ever disagree
// about a signature; the equation of a batch takes signatures that the rule refuses
// (the tests of internal/suite show which, and what it would save).
//
// The rows hold ids, tags, numbers and times, no name and no key; they say when
// which box was opened, and are to be kept by those alone who may know that.
package audit
