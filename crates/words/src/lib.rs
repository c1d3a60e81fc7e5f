//! Samples to words: what was said, and the title, summary, chapters and tasks that are made of it.
#![forbid(unsafe_code)]

pub mod insights;
