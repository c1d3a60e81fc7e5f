//! `vignette-library`: the library as a program.
fn main() {}
