// Package ledger is what an operator's issuers remember together, and what they
// do with it: a day's grants for every round, grants for one parcel, withdrawals,
// and the couriers' outbox.
//
// A [Store] keeps it; [NewMemory] is one for tests and small programs, and
// examples/operator has one on a database.  Whatever is handed out was committed
// before, so that an issuer that dies and begins again hands out the same, and
// several issuers on one store never sign the same duty, serial or version twice.
//
// The package holds keys, numbers and codes, as the standard's objects do: who a
// holder is, the operator's own books know.
package ledger
