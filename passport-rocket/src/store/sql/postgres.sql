CREATE TABLE passport_entry (
    key BYTEA PRIMARY KEY,
    space TEXT NOT NULL,
    value BYTEA NOT NULL,
    count BIGINT NOT NULL DEFAULT 0,
    owner BYTEA,
    expires_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    change BIGINT
);
CREATE INDEX passport_entry_owner ON passport_entry (owner) WHERE owner IS NOT NULL;
CREATE INDEX passport_entry_expires_at ON passport_entry (expires_at);
CREATE INDEX passport_entry_change ON passport_entry (space, change) WHERE change IS NOT NULL;

CREATE TABLE passport_deleted (
    key BYTEA PRIMARY KEY,
    space TEXT NOT NULL,
    change BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passport_deleted_change ON passport_deleted (space, change);
CREATE INDEX passport_deleted_expires_at ON passport_deleted (expires_at);

CREATE TABLE passport_space (
    name TEXT PRIMARY KEY,
    life BIGINT NOT NULL,
    newest BIGINT NOT NULL,
    forgotten BIGINT NOT NULL DEFAULT 0
);
