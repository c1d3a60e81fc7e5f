-- What a client of tus says of its upload as it begins. Read 0001_the_library.sql first.

-- Upload-Metadata as it came, given back to whoever has the upload's address. The clip's title was taken from it once.
ALTER TABLE clips ADD COLUMN upload_metadata TEXT;
