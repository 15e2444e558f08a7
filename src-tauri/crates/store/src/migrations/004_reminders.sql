-- Reminders of each connection: the owner as it was observed first, and which reminders were postponed or dismissed.

CREATE TABLE care (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;
