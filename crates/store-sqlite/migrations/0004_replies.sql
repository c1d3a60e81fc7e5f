-- What replies cost and how they are read. Read 0001_the_library.sql first.
--
-- What always holds
--   8. html is what body was rendered to when it was written; a page reads it and renders nothing.
--   9. A thread is a reply and its answers. place sorts the replies to a clip by thread: those of a moment first, by it, then by
--      age; a reply before its answers, they by age.

-- Safe HTML of body. Empty only until the start of the version that brought this column has rendered it.
ALTER TABLE replies ADD COLUMN html TEXT NOT NULL DEFAULT '';
-- Bytes of name, body and html: what it takes of the clip's budget.
ALTER TABLE replies ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
-- Of a reply: its moment (the largest if none), its time and its id, in hexadecimal digits of one length. Of an answer: that of
-- its reply, then its own time and id.
ALTER TABLE replies ADD COLUMN place TEXT NOT NULL DEFAULT '';

UPDATE replies SET place = (
    SELECT printf('%016x.%016x.%s', coalesce(root.at_us, 9223372036854775807), root.created_at_us, root.id)
    FROM replies root WHERE root.id = coalesce(replies.parent, replies.id)
) || iif(parent IS NULL, '', printf('.%016x.%s', created_at_us, id));

-- Pages in order, and all moments for the seek bar, without reading a word.
CREATE INDEX replies_by_place ON replies (clip, place, id, at_us, parent);
-- What a clip's replies take, of members and of guests.
CREATE INDEX replies_by_size ON replies (clip, person, size_bytes, id);
DROP INDEX replies_by_clip;

-- Whether those without an account may reply.
ALTER TABLE clips ADD COLUMN guests INTEGER NOT NULL DEFAULT 1 CHECK (guests IN (0, 1));
