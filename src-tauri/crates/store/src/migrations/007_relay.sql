-- The relay of each connection: its settings and state, the events that wait, the remembered uuids, the events that were set
-- aside, and the gaps. Events and cursor are written in one transaction.

CREATE TABLE relay (
    number     INTEGER PRIMARY KEY,
    connection TEXT NOT NULL UNIQUE REFERENCES connections (id) ON DELETE CASCADE,
    settings   TEXT NOT NULL,
    state      TEXT NOT NULL,
    -- The address of the next page, as Okta wrote it.
    cursor     TEXT,
    -- The range of uuids whose age was examined last.
    swept      BLOB NOT NULL DEFAULT x''
) STRICT;

-- Events that wait, in the order of Okta's pages: each row is one request to Radiant, compressed. The first `settled` events of
-- a row are delivered already.
CREATE TABLE relay_batches (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    relay           INTEGER NOT NULL REFERENCES relay (number) ON DELETE CASCADE,
    events          INTEGER NOT NULL,
    settled         INTEGER NOT NULL DEFAULT 0,
    chunk           INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,
    oldest          TEXT,
    idempotency_key TEXT NOT NULL,
    uuids           TEXT NOT NULL,
    body            BLOB NOT NULL
) STRICT;
CREATE INDEX relay_batches_in_order ON relay_batches (relay, number);

-- Remembered uuids: the bytes of each in the order of its time, so that those of one page are neighbors, with the day.
CREATE TABLE relay_uuids (
    relay INTEGER NOT NULL REFERENCES relay (number) ON DELETE CASCADE,
    uuid  BLOB NOT NULL,
    day   INTEGER NOT NULL,
    PRIMARY KEY (relay, uuid)
) STRICT, WITHOUT ROWID;

CREATE TABLE relay_dead_letters (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    relay     INTEGER NOT NULL REFERENCES relay (number) ON DELETE CASCADE,
    uuid      TEXT,
    published TEXT,
    at        TEXT NOT NULL,
    reason    TEXT NOT NULL,
    status    INTEGER,
    bytes     INTEGER NOT NULL,
    body      BLOB NOT NULL
) STRICT;
CREATE INDEX relay_dead_letters_in_order ON relay_dead_letters (relay, number);

CREATE TABLE relay_gaps (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    relay   INTEGER NOT NULL REFERENCES relay (number) ON DELETE CASCADE,
    found   TEXT NOT NULL,
    since   TEXT NOT NULL,
    until   TEXT NOT NULL,
    reason  TEXT NOT NULL,
    missing INTEGER
) STRICT;
CREATE INDEX relay_gaps_in_order ON relay_gaps (relay, number);
