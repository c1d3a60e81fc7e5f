//! What holds between rooms and inside them: which crate uses which, no circles, one meaning a name, a
//! word in the glossary for each noun, how much is glue, nothing public that nobody uses.

mod circles;
mod edges;
mod glossary;
mod glue;
mod names;
mod sources;
mod unused;
