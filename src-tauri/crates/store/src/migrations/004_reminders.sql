-- What is remembered for the reminders of each connection: what was seen of the owner first, what was put off or put away.

CREATE TABLE care (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;
