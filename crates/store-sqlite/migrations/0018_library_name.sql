-- What the library is called, once somebody has named it: at set-up, or later on the page of people. Read 0001_the_library.sql first.
--
-- What always holds
--  21. There is at most one row.

CREATE TABLE library (
    one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    name TEXT    NOT NULL
) STRICT;
