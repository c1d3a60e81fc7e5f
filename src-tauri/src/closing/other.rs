//! Systems that always show tray icons.

/// They do.
pub(super) async fn has_tray() -> bool {
    true
}
