//! Linux: niceness belongs to threads there.

use rustix::process::setpriority_process;

/// Lowers the priority of this thread. A failure is logged and has no other effect.
pub(crate) fn lower() {
    if let Err(error) = setpriority_process(None, 10) {
        tracing::debug!(%error, "The speech thread runs at usual priority");
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    #[test]
    fn one_thread_is_lowered_and_the_others_stay() {
        let here = getpriority_process(None).unwrap();
        let there = std::thread::spawn(|| {
            super::lower();
            getpriority_process(None).unwrap()
        });
        assert_eq!(there.join().unwrap(), 10.max(here));
        assert_eq!(
            getpriority_process(None).unwrap(),
            here,
            "the niceness of a thread is no other's"
        );
    }
}
