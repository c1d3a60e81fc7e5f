//! [`Store`]: where a library keeps its rows.

/// Rows, and the few transactions over them that a library needs. One contract suite runs on every implementation.
pub trait Store: Send + Sync + 'static {}
