//! macOS and Windows: a thread's own priority.

use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};

/// Lowers the priority of this thread. A failure is logged and has no other effect.
pub(crate) fn lower() {
    let low = ThreadPriorityValue::try_from(25_u8)
        .map_or(ThreadPriority::Min, ThreadPriority::Crossplatform);
    if let Err(error) = set_current_thread_priority(low) {
        tracing::debug!(?error, "The speech thread runs at usual priority");
    }
}
