-- The stream of a clip, with its upload and its seal, is a row apart: a recording. Read 0001_the_library.sql first.
--
-- What always holds
--  18. A recording knows nothing of what points to it. A clip has one, which is deleted with it.
--  19. upload_phase and seal_state say in which state it is; the columns of a state are NULL in every other one.

CREATE TABLE recordings (
    -- Also the name of its folder in the media. The recording of a clip has the clip's id.
    id              TEXT    NOT NULL PRIMARY KEY,

    -- The upload. Whoever holds the secret of this hash adds to the stream; NULL once that was given up.
    upload_hash     BLOB    UNIQUE,
    -- recording: it goes on. arriving: it has stopped, bytes are still on their way. interrupted: the upload fell silent or was
    -- given up; the next append leads back to what it was before. complete: nothing follows.
    upload_phase    TEXT    NOT NULL CHECK (upload_phase IN ('recording', 'arriving', 'interrupted', 'complete')),
    -- What an interrupted one was before.
    resumes_as      TEXT    CHECK (resumes_as IN ('recording', 'arriving')),
    -- What the sender says of it, where it is another client than our recorder: tus's Upload-Metadata.
    upload_metadata TEXT,
    -- When the upload was last heard of.
    heard_at_us     INTEGER NOT NULL,
    -- Bytes that are durable and acknowledged. Moved on by compare-and-swap only.
    offset_bytes    INTEGER NOT NULL DEFAULT 0 CHECK (offset_bytes >= 0),
    -- How long the whole stream will be, where its sender has said so.
    length_bytes    INTEGER CHECK (length_bytes >= 0),
    -- Cutter and digest of the stream, see 0009_extents.sql.
    stream_state    BLOB,
    -- SHA-256 of the stream as it was acknowledged, once nothing follows. Never taken back.
    complete_sha256 BLOB,
    -- Size of the init segment (ftyp and moov) once it is here, and the picture's size in pixels as it says.
    head_bytes      INTEGER,
    width           INTEGER,
    height          INTEGER,
    -- Sum of the fragments: how much of it plays.
    duration_us     INTEGER NOT NULL DEFAULT 0,

    -- How often objects that no row named were about to be removed: an append that began before is not stored, since what it
    -- wrote may be among them.
    cleanings       INTEGER NOT NULL DEFAULT 0 CHECK (cleanings >= 0),

    -- unsealed: not one file yet. sealed: it is. damaged: the bytes read back were not those acknowledged.
    seal_state      TEXT    NOT NULL DEFAULT 'unsealed' CHECK (seal_state IN ('unsealed', 'sealed', 'damaged')),
    -- The sealed file: its name, and a header of this size and SHA-256 before the stream, whose SHA-256 was read back.
    sealed_object   TEXT,
    header_bytes    INTEGER,
    header_sha256   BLOB,
    sealed_sha256   BLOB,

    CHECK ((upload_phase = 'interrupted') = (resumes_as IS NOT NULL)),
    CHECK ((upload_phase = 'complete') = (complete_sha256 IS NOT NULL)),
    CHECK ((head_bytes IS NULL) = (width IS NULL) AND (head_bytes IS NULL) = (height IS NULL)),
    CHECK ((seal_state = 'sealed') = (sealed_object IS NOT NULL) AND (seal_state = 'sealed') = (header_bytes IS NOT NULL)
        AND (seal_state = 'sealed') = (header_sha256 IS NOT NULL) AND (seal_state = 'sealed') = (sealed_sha256 IS NOT NULL))
) STRICT;

INSERT INTO recordings
    SELECT id, upload_hash,
        CASE WHEN complete_sha256 IS NOT NULL THEN 'complete' WHEN interrupted = 1 THEN 'interrupted'
            WHEN stopped = 1 THEN 'arriving' ELSE 'recording' END,
        CASE WHEN complete_sha256 IS NULL AND interrupted = 1 THEN iif(stopped = 1, 'arriving', 'recording') END,
        upload_metadata, heard_at_us, offset_bytes, length_bytes, stream_state, complete_sha256, head_bytes, width, height,
        duration_us, 0,
        CASE WHEN sealed_object IS NOT NULL THEN 'sealed' WHEN damaged = 1 THEN 'damaged' ELSE 'unsealed' END,
        sealed_object, header_bytes, header_sha256, sealed_sha256
    FROM clips;

-- Uploads that are still expected to go on, for the sweep.
DROP INDEX open_uploads;
CREATE INDEX open_uploads ON recordings (heard_at_us) WHERE upload_phase IN ('recording', 'arriving');

-- Clips without those columns. The program has foreign keys turned off while it migrates, so that what points to clips stays.
DROP VIEW clip_rights;
DROP VIEW passage_rights;

CREATE TABLE clips_of_now (
    id             TEXT    NOT NULL PRIMARY KEY,
    -- The unguessable part of its link. Replaced when the author wants a new link.
    key            TEXT    NOT NULL UNIQUE,
    author         TEXT    NOT NULL REFERENCES people (id),
    -- The take it comes from: asking twice for the same take gives the same clip.
    take           TEXT    NOT NULL,
    -- Its stream.
    recording      TEXT    NOT NULL UNIQUE REFERENCES recordings (id),
    title          TEXT    NOT NULL,
    -- Markdown.
    summary        TEXT    NOT NULL,
    -- Whether a person wrote them; else the machine that did.
    title_person   INTEGER NOT NULL DEFAULT 0 CHECK (title_person IN (0, 1)),
    title_model    TEXT    CHECK (title_model IS NULL OR title_person = 0),
    summary_person INTEGER NOT NULL DEFAULT 0 CHECK (summary_person IN (0, 1)),
    summary_model  TEXT    CHECK (summary_model IS NULL OR summary_person = 0),
    -- Whether those with the link may watch while it is being recorded, and whether those without an account may reply.
    live           INTEGER NOT NULL CHECK (live IN (0, 1)),
    guests         INTEGER NOT NULL DEFAULT 1 CHECK (guests IN (0, 1)),
    -- Whether its upload alone made it. To give up such an upload before its end deletes the clip.
    by_upload      INTEGER NOT NULL DEFAULT 0 CHECK (by_upload IN (0, 1)),
    -- Whether a poster lies beside its stream.
    poster         INTEGER NOT NULL DEFAULT 0 CHECK (poster IN (0, 1)),
    recorded_at_us INTEGER NOT NULL,
    created_at_us  INTEGER NOT NULL,
    UNIQUE (author, take)
) STRICT;

INSERT INTO clips_of_now
    SELECT id, key, author, take, id, title, summary, title_person, title_model, summary_person, summary_model, live, guests,
        by_upload, poster, recorded_at_us, created_at_us
    FROM clips;
DROP TABLE clips;
ALTER TABLE clips_of_now RENAME TO clips;

ALTER TABLE fragments RENAME TO fragments_of_before;
CREATE TABLE fragments (
    recording         TEXT    NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    -- Where it begins in the stream.
    offset_bytes      INTEGER NOT NULL,
    size_bytes        INTEGER NOT NULL,
    moof_offset_bytes INTEGER NOT NULL,
    moof_size_bytes   INTEGER NOT NULL,
    -- On the stream's own time line.
    start_us          INTEGER NOT NULL,
    duration_us       INTEGER NOT NULL,
    PRIMARY KEY (recording, offset_bytes)
) STRICT, WITHOUT ROWID;
INSERT INTO fragments SELECT * FROM fragments_of_before;
DROP TABLE fragments_of_before;

ALTER TABLE extents RENAME TO extents_of_before;
CREATE TABLE extents (
    recording      TEXT    NOT NULL REFERENCES recordings (id) ON DELETE CASCADE,
    -- Where in the stream they begin.
    offset_bytes   INTEGER NOT NULL,
    size_bytes     INTEGER NOT NULL CHECK (size_bytes > 0),
    -- The object that holds them, by its name in the media, and where in it they begin.
    object         TEXT    NOT NULL,
    position_bytes INTEGER NOT NULL CHECK (position_bytes >= 0),
    -- SHA-256 of the bytes as they were acknowledged.
    sha256         BLOB    NOT NULL,
    appended_at_us INTEGER NOT NULL,
    PRIMARY KEY (recording, offset_bytes)
) STRICT, WITHOUT ROWID;
INSERT INTO extents SELECT * FROM extents_of_before;
DROP TABLE extents_of_before;

-- As in 0012_rights.sql.
CREATE VIEW clip_rights AS
SELECT c.id AS clip, c.key, c.author, r.upload_phase = 'recording' AND c.live = 0 AS kept_back
FROM clips c JOIN recordings r ON r.id = c.recording;

CREATE VIEW passage_rights AS
SELECT p.id AS passage, p.clip,
    CASE p.place
        WHEN 'cue' THEN 1
        WHEN 'title' THEN c.title_model IS NOT NULL
        WHEN 'summary' THEN c.summary_model IS NOT NULL
        ELSE 0
    END AS is_said
FROM passages p JOIN clips c ON c.id = p.clip;
