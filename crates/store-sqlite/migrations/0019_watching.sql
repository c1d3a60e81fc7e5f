-- How far members have watched clips, and what is new to them. Read 0001_the_library.sql first.
--
-- What always holds
--  22. There is at most one row for a member and a clip. It goes with the clip, and when its person leaves.

CREATE TABLE watch_progress (
    person        TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    clip          TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    -- Where they were last.
    position_us   INTEGER NOT NULL CHECK (position_us >= 0),
    -- Whether they have been at its end.
    finished      INTEGER NOT NULL CHECK (finished IN (0, 1)),
    -- When the last reply was written that was there when they had it open; 0 if there was none.
    read_until_us INTEGER NOT NULL CHECK (read_until_us >= 0),
    PRIMARY KEY (person, clip)
) STRICT, WITHOUT ROWID;

CREATE INDEX watch_progress_by_clip ON watch_progress (clip);

-- What is older is not new to them: nobody said until now what they had watched.
ALTER TABLE people ADD COLUMN news_since_us INTEGER NOT NULL DEFAULT 0;
UPDATE people SET news_since_us = unixepoch() * 1000000;

-- What is new in each clip for each person: a clip of somebody else until they open it, and replies of others since. What was
-- there before they joined is not.
CREATE VIEW clip_news AS
SELECT p.id AS person, c.id AS clip, coalesce(w.position_us, 0) AS position_us, coalesce(w.finished, 0) AS finished,
    w.clip IS NULL AND c.author <> p.id AND c.created_at_us >= max(p.created_at_us, p.news_since_us) AS unopened,
    (SELECT count(*) FROM replies r
     WHERE r.clip = c.id AND r.person IS NOT p.id
         AND r.created_at_us > coalesce(w.read_until_us, max(p.created_at_us, p.news_since_us) - 1)) AS new_replies
FROM people p CROSS JOIN clips c LEFT JOIN watch_progress w ON w.person = p.id AND w.clip = c.id;
