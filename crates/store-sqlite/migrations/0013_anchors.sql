-- Replies are pinned to ranges and to shapes as well as to moments. Read 0001_the_library.sql first.
--
-- What always holds
--  12. A reply that is not pinned has neither an end nor a shape, and a range ends after it begins.

-- The moment, or where the range begins; NULL if it is pinned to none.
ALTER TABLE replies RENAME COLUMN at_us TO start_us;
-- Where the range ends, or NULL for a moment.
ALTER TABLE replies ADD COLUMN end_us INTEGER CHECK (end_us IS NULL OR coalesce(end_us > start_us, 0));
-- What is drawn on the picture, as JSON of the API, or NULL.
ALTER TABLE replies ADD COLUMN shape TEXT CHECK (shape IS NULL OR start_us IS NOT NULL);
