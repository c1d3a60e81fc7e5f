-- Reactions, and links in replies. Read 0001_the_library.sql and 0004_replies.sql first.
--
-- What always holds
--  20. A reaction is a member's, or that of a guest known by the hash of their secret. Each has one of a kind at a second of a clip.

-- What somebody felt at a moment of a clip.
CREATE TABLE reactions (
    id            TEXT    NOT NULL PRIMARY KEY,
    clip          TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    kind          TEXT    NOT NULL CHECK (kind IN ('thumbs_up', 'heart', 'clap', 'laugh', 'thinking', 'celebrate')),
    -- A whole second of the clip.
    at_us         INTEGER NOT NULL CHECK (at_us >= 0 AND at_us % 1000000 = 0),
    -- Whose it is.
    person        TEXT    REFERENCES people (id),
    secret_hash   BLOB,
    created_at_us INTEGER NOT NULL,
    CHECK ((person IS NULL) <> (secret_hash IS NULL))
) STRICT;

CREATE UNIQUE INDEX reactions_by_moment ON reactions (clip, at_us, kind, coalesce(person, hex(secret_hash)));

-- Addresses in replies are links from this version on: the next start renders all of them again.
UPDATE replies SET html = '';
