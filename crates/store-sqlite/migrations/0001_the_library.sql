-- The library's rows. Bytes are not here: they lie beside the database, one folder a clip.
--
-- How to read it
--   ids        UUIDs as text, version 7: they sort by the time they were made.
--   *_at_us    microseconds since 1970, UTC.
--   *_us       microseconds since the clip began, or a span of them.
--   *_bytes    a size or an offset in bytes.
--   *_sha256, hash, upload_hash, secret_hash
--              32 bytes. A secret (token, session, upload address) is never here, only its SHA-256.
--   booleans   0 or 1.
--
-- What always holds
--   1. clips.offset_bytes bytes of the stream are durable in the media before this row says so.
--   2. offset_bytes only grows; extents cover [0, offset_bytes) without gap or overlap.
--   3. Fragments are the index of the acknowledged stream, computed from its bytes by the library itself.
--   4. A file that a row makes superfluous is named in leftovers by the same transaction, until it is removed.

-- Chapter 1: people ------------------------------------------------------------------------------------------------------

-- Somebody with an account.
CREATE TABLE people (
    id            TEXT    NOT NULL PRIMARY KEY,
    -- What they are called.
    name          TEXT    NOT NULL,
    -- The same in lower case: no two people share one.
    name_key      TEXT    NOT NULL UNIQUE,
    -- Argon2id in PHC form. NULL for the owner of a library embedded in their own recorder, who never types one.
    password      TEXT,
    created_at_us INTEGER NOT NULL
) STRICT;

-- Secrets with which one more person can make an account, once.
CREATE TABLE invites (
    hash          BLOB    NOT NULL PRIMARY KEY,
    -- Whether it is the set-up secret, which makes the first account and opens nothing afterwards. There is at most one.
    setup         INTEGER NOT NULL CHECK (setup IN (0, 1)),
    expires_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_setup ON invites (setup) WHERE setup = 1;

-- Browsers that are signed in.
CREATE TABLE sessions (
    hash          BLOB    NOT NULL PRIMARY KEY,
    person        TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at_us INTEGER NOT NULL,
    -- Moved on with each visit.
    expires_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_end ON sessions (expires_at_us);

-- Programs that are signed in: recorders.
CREATE TABLE tokens (
    -- Names the token to its owner without being it. Never used again.
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    hash          BLOB    NOT NULL UNIQUE,
    person        TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- What its owner called it.
    label         TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    -- To within a minute.
    used_at_us    INTEGER
) STRICT;

CREATE INDEX tokens_by_person ON tokens (person, id);

-- Codes on their way from a browser to the recorder beside it (RFC 6749 with RFC 7636). They live for a minute and work once.
CREATE TABLE codes (
    hash             BLOB    NOT NULL PRIMARY KEY,
    person           TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- SHA-256 of the verifier that only the recorder knows.
    challenge_sha256 BLOB    NOT NULL,
    -- Where the code was sent; the recorder has to name it again.
    redirect_uri     TEXT    NOT NULL,
    -- What the token will be called.
    label            TEXT    NOT NULL,
    expires_at_us    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Chapter 2: clips -------------------------------------------------------------------------------------------------------

-- A take in the library, from before its first byte on.
CREATE TABLE clips (
    id              TEXT    NOT NULL PRIMARY KEY,
    -- The unguessable part of its link. Replaced when the author wants a new link.
    key             TEXT    NOT NULL UNIQUE,
    author          TEXT    NOT NULL REFERENCES people (id),
    -- The take it comes from: asking twice for the same take gives the same clip.
    take            TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    -- Markdown.
    summary         TEXT    NOT NULL,
    -- Whether those with the link may watch while it is being recorded.
    live            INTEGER NOT NULL CHECK (live IN (0, 1)),
    recorded_at_us  INTEGER NOT NULL,
    created_at_us   INTEGER NOT NULL,
    -- Whether the recording has stopped; bytes may still be on their way.
    stopped         INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),

    -- The upload. Whoever holds the secret of this hash adds to the stream; NULL once that was given up.
    upload_hash     BLOB    UNIQUE,
    -- When the upload was last heard of.
    heard_at_us     INTEGER NOT NULL,
    -- Bytes that are durable and acknowledged. Moved on by compare-and-swap only.
    offset_bytes    INTEGER NOT NULL DEFAULT 0 CHECK (offset_bytes >= 0),
    -- Size of the init segment (ftyp and moov) once it is here, and the picture's size in pixels as it says.
    head_bytes      INTEGER,
    width           INTEGER,
    height          INTEGER,
    -- Sum of the fragments: how much of it plays.
    duration_us     INTEGER NOT NULL DEFAULT 0,
    -- SHA-256 of the stream as it was acknowledged, once nothing follows. Never taken back.
    complete_sha256 BLOB,
    -- Whether the upload fell silent or was given up. The next append ends that.
    interrupted     INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1)),

    -- The sealed file: a header of this size and SHA-256, then the stream, whose SHA-256 was read back from the media.
    -- While these are NULL the stream is a file of its own.
    header_bytes    INTEGER,
    header_sha256   BLOB,
    sealed_sha256   BLOB,
    -- Whether the bytes read back were not those acknowledged: it is not sealed then, and its sender keeps its copy.
    damaged         INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    -- Whether a poster lies beside it.
    poster          INTEGER NOT NULL DEFAULT 0 CHECK (poster IN (0, 1)),

    UNIQUE (author, take),
    CHECK ((header_bytes IS NULL) = (sealed_sha256 IS NULL) AND (header_bytes IS NULL) = (header_sha256 IS NULL)),
    CHECK ((head_bytes IS NULL) = (width IS NULL) AND (head_bytes IS NULL) = (height IS NULL))
) STRICT;

-- Uploads that are still expected to go on, for the sweep.
CREATE INDEX open_uploads ON clips (heard_at_us) WHERE complete_sha256 IS NULL AND interrupted = 0;

-- The index of a stream: one row for each moof and its mdat.
CREATE TABLE fragments (
    clip              TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    -- Where it begins in the stream.
    offset_bytes      INTEGER NOT NULL,
    size_bytes        INTEGER NOT NULL,
    moof_offset_bytes INTEGER NOT NULL,
    moof_size_bytes   INTEGER NOT NULL,
    -- On the stream's own time line.
    start_us          INTEGER NOT NULL,
    duration_us       INTEGER NOT NULL,
    PRIMARY KEY (clip, offset_bytes)
) STRICT, WITHOUT ROWID;

-- What each append brought, so that damage can be found and told where it is.
CREATE TABLE extents (
    clip           TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    offset_bytes   INTEGER NOT NULL,
    size_bytes     INTEGER NOT NULL CHECK (size_bytes > 0),
    sha256         BLOB    NOT NULL,
    appended_at_us INTEGER NOT NULL,
    PRIMARY KEY (clip, offset_bytes)
) STRICT, WITHOUT ROWID;

-- Files that are no longer needed and wait to be removed. No reference to clips: it outlives a deleted one.
CREATE TABLE leftovers (
    clip TEXT NOT NULL,
    -- The separate stream of a sealed clip, the sealed file of a stream that goes on, or all of a deleted clip.
    part TEXT NOT NULL CHECK (part IN ('stream', 'sealed', 'all')),
    PRIMARY KEY (clip, part)
) STRICT, WITHOUT ROWID;

-- Chapter 3: replies -----------------------------------------------------------------------------------------------------

-- Words pinned to a moment of a clip.
CREATE TABLE replies (
    id            TEXT    NOT NULL PRIMARY KEY,
    clip          TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    -- The reply it answers, which answers none itself.
    parent        TEXT    REFERENCES replies (id) ON DELETE CASCADE,
    -- Who wrote it, if they have an account; else the hash of a guest's right to change it.
    person        TEXT    REFERENCES people (id),
    secret_hash   BLOB,
    -- What the writer was called then. A member's present name is in people.
    name          TEXT    NOT NULL,
    -- Markdown.
    body          TEXT    NOT NULL,
    -- The moment it is pinned to, or NULL.
    at_us         INTEGER,
    created_at_us INTEGER NOT NULL,
    edited_at_us  INTEGER
) STRICT;

CREATE INDEX replies_by_clip ON replies (clip, created_at_us, id);
CREATE INDEX replies_by_parent ON replies (parent) WHERE parent IS NOT NULL;
