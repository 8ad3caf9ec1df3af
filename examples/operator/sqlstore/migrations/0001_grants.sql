-- What issuers remember of grants.  One dialect for both databases: on
-- PostgreSQL, INTEGER becomes BIGINT, BLOB becomes BYTEA, and STRICT goes.

-- The counter of serials, and the newest time of issue.  Whoever commits grants
-- holds this row, so serials have no gap and rise in the order of the commits.
CREATE TABLE ledger (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  serial INTEGER NOT NULL,
  newest INTEGER NOT NULL
) STRICT;

INSERT INTO ledger (id, serial, newest) VALUES (1, 0, 0);

CREATE TABLE grants (
  serial    INTEGER PRIMARY KEY CHECK (serial > 0),
  duty      BLOB    NOT NULL UNIQUE CHECK (length(duty) = 16),
  tag       BLOB    NOT NULL UNIQUE CHECK (length(tag) = 8),
  signer    BLOB    NOT NULL CHECK (length(signer) = 8),
  holder    BLOB    NOT NULL CHECK (length(holder) = 8),
  issued_at INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  reference BLOB    NOT NULL CHECK (length(reference) = 8),
  withdrawn INTEGER NOT NULL,
  object    BLOB    NOT NULL CHECK (length(object) BETWEEN 1 AND 512)
) STRICT;

-- A holder's grants that are not over.
CREATE INDEX grants_held ON grants (holder, expires);
