-- What the service knows beside the ledger: package book.

-- Whose a lock is, by a receipt of the lock; the key as its claims set.
CREATE TABLE owners (
  lock     BLOB    NOT NULL PRIMARY KEY CHECK (length(lock) = 8),
  owner    BLOB    NOT NULL CHECK (length(owner) BETWEEN 40 AND 48),
  sequence INTEGER NOT NULL,
  reached  INTEGER NOT NULL,
  posted   INTEGER NOT NULL
) STRICT;

-- Nonces of signed requests, as long as these could be sent again.
CREATE TABLE nonces (
  nonce   BLOB    NOT NULL PRIMARY KEY CHECK (length(nonce) = 32),
  expires INTEGER NOT NULL
) STRICT;

CREATE INDEX nonces_expires ON nonces (expires);

-- Who brought the pages that wait, so that nobody fills the owner's place alone.
CREATE TABLE couriers (
  lock    BLOB    NOT NULL CHECK (length(lock) = 8),
  digest  BLOB    NOT NULL CHECK (length(digest) = 32),
  courier BLOB    NOT NULL CHECK (length(courier) = 8),
  PRIMARY KEY (lock, digest)
) STRICT;

-- Receipts for the audit.
CREATE TABLE receipts (
  number      INTEGER PRIMARY KEY CHECK (number > 0),
  digest      BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  lock        BLOB    NOT NULL CHECK (length(lock) = 8),
  object      BLOB    NOT NULL CHECK (length(object) BETWEEN 1 AND 512),
  certificate BLOB    NOT NULL CHECK (length(certificate) BETWEEN 1 AND 512)
) STRICT;

-- The counter of receipts, and a row for whoever writes to the book to hold.
CREATE TABLE book (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  receipt INTEGER NOT NULL
) STRICT;

INSERT INTO book (id, receipt) VALUES (1, 0);
