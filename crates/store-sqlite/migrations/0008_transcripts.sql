-- What is said in clips goes by its usual name. References in cues, chapters and tasks follow the table.
ALTER TABLE words RENAME TO transcripts;
ALTER TABLE transcripts RENAME COLUMN heard_by TO transcribed_by;
