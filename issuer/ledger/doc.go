// Package ledger is what an operator's issuers remember together, and what they
// do with it: a day's grants for every round, grants for one parcel, withdrawals,
// and the couriers' outbox.
//
// A [Store] keeps it; [NewMemory] is one for tests and small programs, and
// examples/operator has one on a database.  Whatever is handed out was committed
// before, so that an issuer that dies and begins again hands out the same, and
// several issuers on one store never give out two grants of one duty, nor a serial or
// a version twice.
//
// [Rounds] issues: a day's duties in one stream, a substitute's or a part of a round,
// what a lost handset had, a grant for one parcel.  [Publisher] tells the locks what was
// withdrawn.  Both remember nothing themselves.  A program that dies is started
// again and asks for the same; the ids of duties, which are the operator's own numbers,
// make it the same.
//
// Three orders keep everybody safe, whatever fails in between.  A grant is committed
// before it is handed out.  A new holder has a grant before the old one is withdrawn,
// but for a handset that is lost, which loses its grants also where nothing can be
// signed.  A list's version is reserved before the list is signed, and a greater
// version denies all that a smaller one does, also what is over, as far as there is room.
// All of this holds for a store that forgets nothing; [Publisher.Restored] is for one
// that was brought back from a backup.
//
// The package holds keys, numbers and codes, as the standard's objects do: who a
// holder is, the operator's own books know.
package ledger
