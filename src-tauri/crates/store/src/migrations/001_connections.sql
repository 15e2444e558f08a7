-- The first schema: connections, the state of each guide, reports, the index of secrets, settings.
-- Bodies are the model's own JSON; a column exists beside it only where SQL has to sort, find or bound by it.

CREATE TABLE connections (
    id      TEXT NOT NULL PRIMARY KEY,
    created TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE setup (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;

CREATE TABLE reports (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    finished   TEXT NOT NULL,
    body       TEXT NOT NULL
) STRICT;
CREATE INDEX reports_by_connection ON reports (connection, number);

-- Which secrets the keychain holds, never the secrets themselves. One kept for this run only is not recorded here.
CREATE TABLE secrets (
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    since      TEXT,
    bound_to   TEXT,
    PRIMARY KEY (connection, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
