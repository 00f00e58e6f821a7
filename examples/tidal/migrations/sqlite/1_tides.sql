CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- a deleted account's id is never given to another
    username      TEXT NOT NULL UNIQUE COLLATE NOCASE,
    password      TEXT NOT NULL,                     -- a PHC string, never the password
    name          TEXT NOT NULL,
    employer_type TEXT NOT NULL CHECK (employer_type IN ('port', 'ship', 'agent', 'admin')),
    image_url     TEXT,
    demo          INTEGER NOT NULL DEFAULT 0         -- 1: its password stands in the source code
) STRICT;

CREATE TABLE tides (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    harbour TEXT NOT NULL COLLATE NOCASE,
    time    INTEGER NOT NULL,                        -- seconds since 1970-01-01T00:00:00Z
    height  REAL NOT NULL,                           -- metres above chart datum
    kind    TEXT NOT NULL CHECK (kind IN ('high', 'low')),
    author  INTEGER NOT NULL REFERENCES accounts (id)
) STRICT;

CREATE INDEX tides_by_time ON tides (time, id);

CREATE VIEW signed_tides AS
    SELECT tides.id, harbour, time, height, kind, username AS author, author AS author_id
    FROM tides JOIN accounts ON accounts.id = tides.author;
