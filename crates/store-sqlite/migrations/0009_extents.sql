-- Extents say where the bytes lie, so that rows decide which bytes count. Read 0001_the_library.sql first.
--
-- What always holds
--  11. Objects never change once an extent lies in them: an append makes bytes of its own, a seal an object of its own.
--  12. While a clip is sealed, all its extents lie in its sealed object, behind the header.
--  13. A clip of which the media may have objects that no row names is in pending_deletions.

ALTER TABLE extents RENAME TO extents_of_before;

-- The bytes of each append: which part of the stream they are, where they lie, and what they were.
CREATE TABLE extents (
    clip           TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    -- Where in the stream they begin.
    offset_bytes   INTEGER NOT NULL,
    size_bytes     INTEGER NOT NULL CHECK (size_bytes > 0),
    -- The object that holds them, by its name in the media (on disk a file in the clip's folder), and where in it they begin.
    object         TEXT    NOT NULL,
    position_bytes INTEGER NOT NULL CHECK (position_bytes >= 0),
    -- SHA-256 of the bytes as they were acknowledged.
    sha256         BLOB    NOT NULL,
    appended_at_us INTEGER NOT NULL,
    PRIMARY KEY (clip, offset_bytes)
) STRICT, WITHOUT ROWID;

-- Until now a stream was one file, or lay behind the header of the sealed one.
INSERT INTO extents (clip, offset_bytes, size_bytes, object, position_bytes, sha256, appended_at_us)
    SELECT e.clip, e.offset_bytes, e.size_bytes, iif(c.header_bytes IS NULL, 'stream.mp4', 'clip.mp4'),
        e.offset_bytes + coalesce(c.header_bytes, 0), e.sha256, e.appended_at_us
    FROM extents_of_before e JOIN clips c ON c.id = e.clip;
DROP TABLE extents_of_before;

-- The sealed object; NULL while there is none, as header_bytes.
ALTER TABLE clips ADD COLUMN sealed_object TEXT;
UPDATE clips SET sealed_object = 'clip.mp4' WHERE header_bytes IS NOT NULL;

-- Cutter and digest of the stream at the offset, or a little before, in a form that only the library reads: whatever process takes
-- the next append goes on from there. NULL before the first append, once nothing follows, and in rows of before.
ALTER TABLE clips ADD COLUMN stream_state BLOB;

-- Clips that were sealed or deleted, until the objects that no row names any more are removed. No reference to clips: it outlives a
-- deleted one. Which objects those are is found when they are removed.
CREATE TABLE pending_deletions (
    clip TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO pending_deletions (clip) SELECT DISTINCT clip FROM leftovers;
DROP TABLE leftovers;
