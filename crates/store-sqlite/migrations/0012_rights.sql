-- What the queries that list and search know of rights. Read 0001_the_library.sql first.
--
-- What always holds
--  11. A query that lists or searches for a viewer finds what the rules of the library (may) let them see, and counts nothing
--      else: a member sees every clip, somebody with a link that one; what is said in a clip, or was made of it by a machine,
--      is for those who may play it.

-- What decides about a clip: the key of its link, its author, and whether it is kept back from everybody else, since it is
-- being recorded and not live.
CREATE VIEW clip_rights AS
SELECT id AS clip, key, author,
    complete_sha256 IS NULL AND interrupted = 0 AND stopped = 0 AND live = 0 AS kept_back
FROM clips;

-- Whether a passage is said in its clip, or made by a machine of what is said there.
CREATE VIEW passage_rights AS
SELECT p.id AS passage, p.clip,
    CASE p.place
        WHEN 'cue' THEN 1
        WHEN 'title' THEN c.title_model IS NOT NULL
        WHEN 'summary' THEN c.summary_model IS NOT NULL
        ELSE 0
    END AS is_said
FROM passages p JOIN clips c ON c.id = p.clip;
