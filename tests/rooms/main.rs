//! What holds between rooms and inside them: which crate uses which, no circles, one meaning a name.

mod circles;
mod edges;
mod names;
mod sources;
