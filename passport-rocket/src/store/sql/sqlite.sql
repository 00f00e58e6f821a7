CREATE TABLE passport_entry (
    key BLOB PRIMARY KEY,
    space TEXT NOT NULL,
    value BLOB NOT NULL,
    count INTEGER NOT NULL DEFAULT 0,
    owner BLOB,
    expires_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    change INTEGER
);
CREATE INDEX passport_entry_owner ON passport_entry (owner) WHERE owner IS NOT NULL;
CREATE INDEX passport_entry_expires_at ON passport_entry (expires_at);
CREATE INDEX passport_entry_change ON passport_entry (space, change) WHERE change IS NOT NULL;

CREATE TABLE passport_deleted (
    key BLOB PRIMARY KEY,
    space TEXT NOT NULL,
    change INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX passport_deleted_change ON passport_deleted (space, change);
CREATE INDEX passport_deleted_expires_at ON passport_deleted (expires_at);

CREATE TABLE passport_space (
    name TEXT PRIMARY KEY,
    life INTEGER NOT NULL,
    newest INTEGER NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0
);
