-- Who says that he brought a policy to a lock, until a receipt of the lock shows it.
CREATE TABLE claims (
  lock    BLOB    NOT NULL CHECK (length(lock) = 8),
  courier BLOB    NOT NULL CHECK (length(courier) = 8),
  tag     BLOB    NOT NULL CHECK (length(tag) = 8),
  PRIMARY KEY (lock, courier)
) STRICT;

-- When a receipt came, so that it is not kept for ever.  Those that are there came
-- about when the newest grant was issued.
ALTER TABLE receipts ADD COLUMN came INTEGER NOT NULL DEFAULT 0;

UPDATE receipts SET came = (SELECT newest FROM ledger WHERE id = 1);
