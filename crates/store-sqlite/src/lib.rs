//! The library's rows in SQLite
