-- Open invitations can be listed and revoked: by a number, with when they were given.

ALTER TABLE invites RENAME TO invites_of_before;
DROP INDEX one_setup;

CREATE TABLE invites (
    -- Names the invitation without being it. Never used again.
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash          BLOB    NOT NULL UNIQUE,
    -- Whether it is the set-up secret, which makes the first account and opens nothing afterwards. There is at most one.
    setup         INTEGER NOT NULL CHECK (setup IN (0, 1)),
    -- Who gave it; it ends with their account. NULL for the set-up secret, and for those of before.
    made_by       TEXT    REFERENCES people (id),
    -- NULL for those of before.
    created_at_us INTEGER,
    expires_at_us INTEGER NOT NULL
) STRICT;

INSERT INTO invites (hash, setup, made_by, expires_at_us)
    SELECT hash, setup, made_by, expires_at_us FROM invites_of_before ORDER BY expires_at_us;
DROP TABLE invites_of_before;

CREATE UNIQUE INDEX one_setup ON invites (setup) WHERE setup = 1;

-- What the names of people look like, whatever script and case they are written in: nobody else is called by a name that has
-- one of these looks. Written anew at a start that finds other rules.
CREATE TABLE name_looks (
    look   TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (look, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX name_looks_by_person ON name_looks (person);
