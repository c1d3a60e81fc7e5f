//! The library as a whole, over SQLite in memory and media in memory or on disk.

mod append;
mod contract;
mod crash;
mod people;
mod property;
mod reply;
mod rig;
mod seal;
mod watch;
