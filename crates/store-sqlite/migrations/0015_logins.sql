-- People sign in by a login that is theirs alone; what they are called others may be called too. Read 0001_the_library.sql first.
--
-- What always holds
--  17. Of those who have not left, no two share a login, nor did the later of two choose one that looks like the other's.

-- What was compared of a name is what everybody has typed until now. Those who left have none: what stands there is in capitals,
-- which no login has.
ALTER TABLE people RENAME COLUMN name_key TO login;
UPDATE people SET login = 'LEFT ' || id WHERE state = 'left';

-- What names and logins of people look like, whatever script and case they are written in: no guest is called by a name, and
-- nobody else chooses a login, that shares a look with one of the same kind. Written anew at a start that finds other rules.
DROP TABLE name_looks;
CREATE TABLE looks (
    kind   TEXT NOT NULL CHECK (kind IN ('name', 'login')),
    look   TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (kind, look, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX looks_by_person ON looks (person);
