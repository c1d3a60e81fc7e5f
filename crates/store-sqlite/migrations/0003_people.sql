-- People look after people: roles, accounts that are shut, sessions that can be seen and ended, passwords that are reset.

-- What they may: an administrator invites, suspends, removes, and gives reset links.
ALTER TABLE people ADD COLUMN role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('admin', 'member'));

-- Whether they are let in. Sessions and tokens join this row, so that shutting an account works at the next request.
-- Who left keeps a row, since clips and replies are theirs: its name says that they left, its name_key is nobody's name.
ALTER TABLE people ADD COLUMN state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'suspended', 'left'));

-- When something of theirs last ended that opened the library. Whoever serves it looks at this, so that what another
-- process ends is shut at once too.
ALTER TABLE people ADD COLUMN ended_at_us INTEGER NOT NULL DEFAULT 0;

CREATE INDEX people_by_end ON people (ended_at_us);

-- Somebody has to look after a library: whoever came first.
UPDATE people SET role = 'admin' WHERE id = (SELECT id FROM people ORDER BY created_at_us, id LIMIT 1);

-- Who gave an invitation; it ends with their account. NULL for the set-up secret, and for those of before.
ALTER TABLE invites ADD COLUMN made_by TEXT REFERENCES people (id);

-- Sessions as their owner sees them.
ALTER TABLE sessions RENAME TO sessions_of_before;
DROP INDEX sessions_by_end;

CREATE TABLE sessions (
    -- Names the session to its owner without being it. Never used again.
    id              INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash            BLOB    NOT NULL UNIQUE,
    person          TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- What the browser called itself: "Firefox on Linux".
    device          TEXT    NOT NULL,
    created_at_us   INTEGER NOT NULL,
    -- To within some minutes.
    used_at_us      INTEGER NOT NULL,
    -- When the password was last typed in it.
    confirmed_at_us INTEGER NOT NULL,
    -- Moved on with visits, up to an end that no visit moves.
    expires_at_us   INTEGER NOT NULL
) STRICT;

INSERT INTO sessions (hash, person, device, created_at_us, used_at_us, confirmed_at_us, expires_at_us)
    SELECT hash, person, '', created_at_us, created_at_us, created_at_us, expires_at_us
    FROM sessions_of_before ORDER BY created_at_us;
DROP TABLE sessions_of_before;

CREATE INDEX sessions_by_end ON sessions (expires_at_us);
CREATE INDEX sessions_by_person ON sessions (person, used_at_us);

-- Links by which one person chooses a new password, once: one for a person.
CREATE TABLE resets (
    hash          BLOB    NOT NULL PRIMARY KEY,
    person        TEXT    NOT NULL UNIQUE REFERENCES people (id) ON DELETE CASCADE,
    made_by       TEXT    NOT NULL REFERENCES people (id),
    expires_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Browsers that have signed in as somebody: what they try counts apart from what strangers try.
CREATE TABLE devices (
    hash       BLOB    NOT NULL,
    person     TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    used_at_us INTEGER NOT NULL,
    PRIMARY KEY (hash, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX devices_by_person ON devices (person, used_at_us);
