-- Money is in öre, as integers. Times are seconds since 1970. Where an order stands is in no column: it is worked out.

CREATE TABLE IF NOT EXISTS orders (
  number     INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,           -- in addresses
  method     TEXT NOT NULL,
  created    INTEGER NOT NULL,
  reference  TEXT NOT NULL UNIQUE,           -- of the payment, stored before the bank is asked for one
  payment    TEXT UNIQUE,                    -- its id at the bank, once there is an answer
  trouble    TEXT NOT NULL DEFAULT '',       -- why there is none

  -- The reading: what the bank said last. A later one has more progress.
  progress   INTEGER NOT NULL DEFAULT 0,
  authorised INTEGER NOT NULL DEFAULT 0,
  captured   INTEGER NOT NULL DEFAULT 0,
  released   INTEGER NOT NULL DEFAULT 0,
  reversed   INTEGER NOT NULL DEFAULT 0,
  pending    INTEGER NOT NULL DEFAULT 0,
  failure    TEXT NOT NULL DEFAULT '',
  ended      TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE IF NOT EXISTS lines (
  number INTEGER NOT NULL REFERENCES orders,
  good   TEXT NOT NULL,
  name   TEXT NOT NULL,
  price  INTEGER NOT NULL,                   -- of one, when it was ordered
  count  INTEGER NOT NULL,
  PRIMARY KEY (number, good)
) STRICT;

CREATE TABLE IF NOT EXISTS operations (
  reference TEXT PRIMARY KEY,                -- stored before it is sent: see operation.go
  number    INTEGER NOT NULL REFERENCES orders,
  kind      TEXT NOT NULL,
  amount    INTEGER NOT NULL,
  outcome   TEXT NOT NULL DEFAULT 'unheard',
  why       TEXT NOT NULL DEFAULT '',
  created   INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS operations_of ON operations (number);
