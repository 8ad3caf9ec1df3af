-- What couriers carry.

CREATE TABLE boxes (
  lock       BLOB    NOT NULL PRIMARY KEY CHECK (length(lock) = 8),
  area       BLOB    NOT NULL CHECK (length(area) BETWEEN 1 AND 16),
  log_wanted INTEGER NOT NULL CHECK (log_wanted IN (0, 1))
) STRICT;

-- The boxes of a round, whose areas begin with one prefix.
CREATE INDEX boxes_area ON boxes (area, lock, log_wanted);

-- The newest policy of each lock; waiting until a courier delivered it.
CREATE TABLE policies (
  lock    BLOB    NOT NULL PRIMARY KEY REFERENCES boxes (lock),
  signer  BLOB    NOT NULL CHECK (length(signer) = 8),
  version INTEGER NOT NULL,
  tag     BLOB    NOT NULL CHECK (length(tag) = 8),
  object  BLOB    NOT NULL CHECK (length(object) BETWEEN 1 AND 768),
  waiting INTEGER NOT NULL CHECK (waiting IN (0, 1))
) STRICT;

-- The few that wait.  It is unique as the table is, so that SQLite takes it first.
CREATE UNIQUE INDEX policies_waiting ON policies (lock) WHERE waiting = 1;

-- The newest revocation list of each signer.
CREATE TABLE revocations (
  signer  BLOB    NOT NULL PRIMARY KEY CHECK (length(signer) = 8),
  version INTEGER NOT NULL,
  tag     BLOB    NOT NULL CHECK (length(tag) = 8),
  object  BLOB    NOT NULL CHECK (length(object) BETWEEN 1 AND 512)
) STRICT;

-- Sealed pages of logs that wait for the lock's owner.
CREATE TABLE pages (
  lock     BLOB    NOT NULL REFERENCES boxes (lock),
  digest   BLOB    NOT NULL CHECK (length(digest) = 32),
  position INTEGER NOT NULL,
  object   BLOB    NOT NULL CHECK (length(object) BETWEEN 1 AND 792),
  PRIMARY KEY (lock, digest)
) STRICT;
