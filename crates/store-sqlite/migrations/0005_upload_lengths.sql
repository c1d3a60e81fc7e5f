-- Uploads of other clients than our recorder, in tus or a draft of resumable uploads. Read 0001_the_library.sql first.
--
-- What always holds
--  10. offset_bytes never exceeds length_bytes, and a complete stream is as long as it says.

-- How long the whole stream will be, where its sender has said so. Our recorder does not: it is still recording.
ALTER TABLE clips ADD COLUMN length_bytes INTEGER CHECK (length_bytes >= 0);
-- Whether its upload alone made the clip. To give up such an upload before its end deletes the clip.
ALTER TABLE clips ADD COLUMN by_upload INTEGER NOT NULL DEFAULT 0 CHECK (by_upload IN (0, 1));
