-- With the collation "C", `lower(…)` folds the letters of ASCII and no others, as it does in SQLite.

CREATE TABLE accounts (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username      TEXT NOT NULL COLLATE "C",
    password      TEXT NOT NULL,                  -- a PHC string, never the password
    name          TEXT NOT NULL,
    employer_type TEXT NOT NULL CHECK (employer_type IN ('port', 'ship', 'agent', 'admin')),
    image_url     TEXT,
    demo          BOOLEAN NOT NULL DEFAULT FALSE  -- its password stands in the source code
);

CREATE UNIQUE INDEX accounts_by_name ON accounts (lower(username));

CREATE TABLE tides (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    harbour TEXT NOT NULL COLLATE "C",
    time    BIGINT NOT NULL,                      -- seconds since 1970-01-01T00:00:00Z
    height  DOUBLE PRECISION NOT NULL,            -- metres above chart datum
    kind    TEXT NOT NULL CHECK (kind IN ('high', 'low')),
    author  BIGINT NOT NULL REFERENCES accounts (id)
);

CREATE INDEX tides_by_time ON tides (time, id);
CREATE INDEX tides_by_harbour ON tides (lower(harbour), time, id);

CREATE VIEW signed_tides AS
    SELECT tides.id, harbour, time, height, kind, username AS author, author AS author_id
    FROM tides JOIN accounts ON accounts.id = tides.author;
