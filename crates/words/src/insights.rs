//! What is made of a transcript: title, summary, chapters and tasks.
