-- Durable jobs: what a change leaves to be done is stored in the transaction of that change. Read 0001_the_library.sql first.
--
-- What always holds
--  14. A clip that was sealed or deleted has a job 'clean' until the objects that no row names are removed.
--  15. A clip that is complete or interrupted, and neither sealed nor damaged, has a job 'seal' if it has a fragment.
--  16. A job whose lease has not run out is claimed by nobody else.

CREATE TABLE jobs (
    -- Names the job to the operator. Never used again.
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- What is to be done, and to what: the clip's id. No reference to clips, since a job outlives a deleted one.
    kind           TEXT    NOT NULL,
    data           TEXT    NOT NULL,
    created_at_us  INTEGER NOT NULL,
    -- When it is due: at once, or after a backoff.
    run_after_us   INTEGER NOT NULL,
    -- How often it was begun since it was last enqueued.
    attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- Until when a worker has it. NULL while none does.
    lease_until_us INTEGER,
    -- Rises each time it is enqueued, so that a worker that finishes it knows of a cause that came meanwhile.
    generation     INTEGER NOT NULL DEFAULT 1,
    -- Why it last failed.
    last_error     TEXT,
    UNIQUE (kind, data)
) STRICT;

CREATE INDEX jobs_by_time ON jobs (run_after_us, id);

-- Until now these were found by looking at all clips.
INSERT INTO jobs (kind, data, created_at_us, run_after_us)
    SELECT 'seal', id, heard_at_us, heard_at_us FROM clips
    WHERE (complete_sha256 IS NOT NULL OR interrupted = 1) AND duration_us > 0 AND sealed_sha256 IS NULL AND damaged = 0
    ORDER BY id;

INSERT INTO jobs (kind, data, created_at_us, run_after_us)
    SELECT 'clean', clip, unixepoch() * 1000000, unixepoch() * 1000000 FROM pending_deletions ORDER BY clip;
DROP TABLE pending_deletions;
