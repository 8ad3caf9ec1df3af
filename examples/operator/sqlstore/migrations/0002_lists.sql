-- What issuers remember of withdrawals.

CREATE TABLE lists (
  signer  BLOB    NOT NULL PRIMARY KEY CHECK (length(signer) = 8),
  version INTEGER NOT NULL,
  least   INTEGER NOT NULL
) STRICT;

-- Withdrawn for its age alone, by a raised least.
ALTER TABLE grants ADD COLUMN bystander INTEGER NOT NULL DEFAULT 0 CHECK (bystander IN (0, 1));

-- What a list denies: few, whatever the number of grants.
CREATE INDEX grants_withdrawn ON grants (signer, expires) WHERE withdrawn > 0 AND bystander = 0;

-- Grants in force, for a raised least.
CREATE INDEX grants_expires ON grants (expires);
