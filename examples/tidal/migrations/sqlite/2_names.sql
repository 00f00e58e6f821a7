-- Names are found as `lower(…)`, which is how both databases can look them up in any case.
CREATE UNIQUE INDEX accounts_by_name ON accounts (lower(username));
CREATE INDEX tides_by_harbour ON tides (lower(harbour), time, id);
