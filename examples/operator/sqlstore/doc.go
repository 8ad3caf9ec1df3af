// Package sqlstore is the [ledger.Store] of an operator on a database: SQLite in
// one file, or PostgreSQL where issuers run on several machines.
//
// What a call acknowledged is on the disk.  A grant's serial and a list's version
// are counted in the transaction that keeps them, by whoever holds the counter's
// row, so any number of issuers may run on one database, and die at any moment.
package sqlstore
