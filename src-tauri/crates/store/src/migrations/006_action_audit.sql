-- The audit of response actions. Rows are only ever added, and they outlive their connection: no foreign key.

CREATE TABLE action_audit (
    connection      TEXT NOT NULL,
    number          INTEGER NOT NULL,
    -- `opened`, `closed`, `event` or `acknowledged`
    phase           TEXT NOT NULL,
    -- the number of the `opened` row
    entry           INTEGER NOT NULL,
    at              TEXT NOT NULL,
    run             TEXT,
    org             TEXT,
    connection_name TEXT,
    operator        TEXT,
    token_owner_id  TEXT,
    token_owner     TEXT,
    kind            TEXT,
    target_key      TEXT,
    target_label    TEXT,
    target          TEXT,
    reason          TEXT,
    ticket          TEXT,
    ends_at         TEXT,
    undo_of         INTEGER,
    outcome         TEXT,
    is_recovered    INTEGER,
    -- JSON: parts, state and chain of an `opened` or `closed` row
    parts           TEXT,
    state           TEXT,
    chain           TEXT,
    event_uuid      TEXT,
    event_type      TEXT,
    event_at        TEXT,
    -- the code of the first problem, so that failures can be counted
    problem         TEXT,
    hash            TEXT NOT NULL,
    PRIMARY KEY (connection, number)
) STRICT;

CREATE INDEX action_audit_entry ON action_audit (connection, entry);
CREATE INDEX action_audit_undo ON action_audit (connection, undo_of) WHERE undo_of IS NOT NULL;

CREATE INDEX action_audit_ends ON action_audit (connection, ends_at) WHERE ends_at IS NOT NULL;

CREATE TRIGGER action_audit_is_never_updated BEFORE UPDATE ON action_audit
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER action_audit_is_never_deleted BEFORE DELETE ON action_audit
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
