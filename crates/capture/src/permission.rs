//! [`Permission`]: whether the system lets this program use a kind of source.

/// Whether the system lets this program use a kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It does, or says nothing about this kind before a device is opened.
    Granted,
    /// It does not.
    Denied {
        /// What the person can do about it, as a sentence without its full stop.
        help: &'static str,
    },
    /// The person is asked by the system when the source is started.
    Ask,
}
