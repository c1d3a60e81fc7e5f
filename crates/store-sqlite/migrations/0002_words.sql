-- What is said in clips, what was made of that, and where words stand. Read 0001_the_library.sql first.
--
-- What always holds
--   5. What a person wrote is never changed by a machine: a title, a summary, chapters and tasks as a whole, a cue each for
--      itself.
--   6. The cues of a clip do not overlap, and each ends after it begins.
--   7. passages has one row for each title, summary, reply and shown cue that has text, and search is the index of exactly
--      these rows. Whoever changes such a text changes its passage in the same transaction.

-- Chapter 4: words -------------------------------------------------------------------------------------------------------

-- Who wrote title and summary. At most one of each pair says so; neither, while nobody wrote anything.
--   *_person  whether a person wrote it, be it that they emptied it.
--   *_model   the model or the rules that wrote it, in the words of the recorder; NULL if no machine did.
ALTER TABLE clips ADD COLUMN title_person   INTEGER NOT NULL DEFAULT 0 CHECK (title_person IN (0, 1));
ALTER TABLE clips ADD COLUMN title_model    TEXT CHECK (title_model IS NULL OR title_person = 0);
ALTER TABLE clips ADD COLUMN summary_person INTEGER NOT NULL DEFAULT 0 CHECK (summary_person IN (0, 1));
ALTER TABLE clips ADD COLUMN summary_model  TEXT CHECK (summary_model IS NULL OR summary_person = 0);

-- Until now only people wrote.
UPDATE clips SET title_person = title <> '', summary_person = summary <> '';

-- Where the words of a clip stand, from the first snapshot of a machine or the first chapter of a person on.
CREATE TABLE words (
    clip            TEXT    NOT NULL PRIMARY KEY REFERENCES clips (id) ON DELETE CASCADE,
    -- Rises with every change, by machine or person; what is written is written over the version that was read.
    version         INTEGER NOT NULL CHECK (version > 0),
    -- The machine's last snapshot; 0 before the first. Older ones are passed over.
    revision        INTEGER NOT NULL,
    -- Whether the whole clip was heard.
    done            INTEGER NOT NULL CHECK (done IN (0, 1)),
    -- BCP 47 tag of the language, if known.
    language        TEXT,
    -- The speech model that made the cues; NULL before the first snapshot.
    heard_by        TEXT,
    -- Who made chapters and tasks, as for title and summary.
    chapters_model  TEXT CHECK (chapters_model IS NULL OR chapters_person = 0),
    chapters_person INTEGER NOT NULL CHECK (chapters_person IN (0, 1)),
    tasks_model     TEXT CHECK (tasks_model IS NULL OR tasks_person = 0),
    tasks_person    INTEGER NOT NULL CHECK (tasks_person IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Stretches of speech, a sentence or less.
CREATE TABLE cues (
    clip           TEXT    NOT NULL REFERENCES words (clip) ON DELETE CASCADE,
    start_us       INTEGER NOT NULL,
    end_us         INTEGER NOT NULL CHECK (end_us > start_us),
    -- What was said.
    text           TEXT    NOT NULL,
    -- Where each word of it begins, a JSON array of numbers; empty if that is not known.
    word_starts_us TEXT    NOT NULL,
    -- Whether a person wrote it anew.
    edited         INTEGER NOT NULL CHECK (edited IN (0, 1)),
    -- Whether a person took it out. It stays here so that no machine brings it back.
    hidden         INTEGER NOT NULL CHECK (hidden IN (0, 1)),
    PRIMARY KEY (clip, start_us),
    CHECK (hidden = 0 OR edited = 1)
) STRICT, WITHOUT ROWID;

-- Parts of a clip, each about one thing. One ends where the next begins.
CREATE TABLE chapters (
    clip     TEXT    NOT NULL REFERENCES words (clip) ON DELETE CASCADE,
    start_us INTEGER NOT NULL,
    title    TEXT    NOT NULL,
    PRIMARY KEY (clip, start_us)
) STRICT, WITHOUT ROWID;

-- What somebody is to do.
CREATE TABLE tasks (
    clip  TEXT    NOT NULL REFERENCES words (clip) ON DELETE CASCADE,
    -- Its place in the list, from 0.
    place INTEGER NOT NULL,
    -- Where in the clip it is said.
    at_us INTEGER NOT NULL,
    text  TEXT    NOT NULL,
    -- Who is to do it and by when, as it was said.
    owner TEXT,
    due   TEXT,
    PRIMARY KEY (clip, place)
) STRICT, WITHOUT ROWID;

-- Chapter 5: search ------------------------------------------------------------------------------------------------------

-- Text that can be found, without the marks of Markdown.
CREATE TABLE passages (
    id     INTEGER NOT NULL PRIMARY KEY,
    clip   TEXT    NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    place  TEXT    NOT NULL CHECK (place IN ('title', 'summary', 'cue', 'reply')),
    -- Which cue or reply it is; with it the passage goes.
    cue_us INTEGER,
    reply  TEXT    UNIQUE REFERENCES replies (id) ON DELETE CASCADE,
    text   TEXT    NOT NULL CHECK (text <> ''),
    FOREIGN KEY (clip, cue_us) REFERENCES cues (clip, start_us) ON DELETE CASCADE,
    CHECK ((cue_us IS NOT NULL) = (place = 'cue') AND (reply IS NOT NULL) = (place = 'reply'))
) STRICT;

CREATE INDEX passages_by_cue ON passages (clip, cue_us);
CREATE UNIQUE INDEX one_title_one_summary ON passages (clip, place) WHERE place IN ('title', 'summary');

-- The index over passages (sqlite.org/fts5.html, external content). Letters are compared without case and accents; beginnings
-- of two and three letters have an index of their own.
CREATE VIRTUAL TABLE search USING fts5 (
    text,
    content = 'passages',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

CREATE TRIGGER passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO search (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER passage_gone AFTER DELETE ON passages BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text);
END;

CREATE TRIGGER passage_changed AFTER UPDATE ON passages BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO search (rowid, text) VALUES (new.id, new.text);
END;

-- What is there already. Markdown stays as it is here, marks and all, until its writer changes it.
INSERT INTO passages (clip, place, text) SELECT id, 'title', title FROM clips WHERE title <> '';
INSERT INTO passages (clip, place, text) SELECT id, 'summary', summary FROM clips WHERE summary <> '';
INSERT INTO passages (clip, place, reply, text) SELECT clip, 'reply', id, body FROM replies;
