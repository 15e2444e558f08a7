-- Team alerts: those that wait to be sent or were sent lately, what was sent for each connection, and which of their secrets
-- the keychain holds, never the secrets themselves.

CREATE TABLE alert_outbox (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    channel    TEXT NOT NULL,
    connection TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    created    TEXT NOT NULL,
    body       TEXT NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    TEXT NOT NULL,
    claimed    TEXT,
    done       TEXT,
    delivered  INTEGER NOT NULL DEFAULT 0,
    failed_at  TEXT,
    problem    TEXT
) STRICT;
CREATE INDEX alert_outbox_pending ON alert_outbox (next_at) WHERE done IS NULL;

CREATE TABLE alert_state (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;

CREATE TABLE alert_secrets (
    name     TEXT NOT NULL PRIMARY KEY,
    since    TEXT,
    bound_to TEXT
) STRICT, WITHOUT ROWID;
