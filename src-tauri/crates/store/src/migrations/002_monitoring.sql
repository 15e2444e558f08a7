-- Monitoring: its state for each connection, every change of status, and hourly roll-ups.

CREATE TABLE watched (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;

CREATE TABLE changes (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at         TEXT NOT NULL,
    body       TEXT NOT NULL
) STRICT;
CREATE INDEX changes_by_connection ON changes (connection, at);

CREATE TABLE hours (
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    hour       TEXT NOT NULL,
    body       TEXT NOT NULL,
    PRIMARY KEY (connection, hour)
) STRICT, WITHOUT ROWID;
