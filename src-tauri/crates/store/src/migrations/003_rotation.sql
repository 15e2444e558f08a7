-- Rotation of the API token of each connection: one row, kept when it is finished until the next one starts.

CREATE TABLE rotations (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;
