//! Spool to library, for ever; sign-in; the client of the API
