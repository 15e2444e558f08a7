-- Where replacing the API token stands for each connection: one row, kept when it is over until the next begins.

CREATE TABLE rotations (
    connection TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    body       TEXT NOT NULL
) STRICT;
