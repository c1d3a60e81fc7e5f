//! [`Hashing`]: the threads on which passwords are hashed, each with one block of memory that it uses again for every job,
//! and a bounded queue for each [`Queue`], so that a flood of one kind does not delay the others.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use argon2::{Block, Params};
use tokio::sync::oneshot;

use crate::error::LibraryError;

/// How many are hashed at once: each takes a core for a moment and 19 MiB for good.
const THREADS: usize = 2;

/// How many may wait in one queue.
const WAITING: usize = 256;

/// How many of those may come from one address (or one account).
const WAITING_FROM_ONE: usize = 4;

/// What a password is hashed for: each purpose has a queue, and the threads take from the queues in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// To compare what a browser typed that has signed in before, or is signed in.
    KnownDevice,
    /// To compare what anybody typed.
    SignIn,
    /// To keep a new one: of somebody with an invitation, a reset link or a session.
    NewPassword,
}

const QUEUES: usize = 3;

/// Work that waits for a thread, and from where it comes.
struct Job {
    from: String,
    work: Box<dyn FnOnce(&mut Memory) + Send>,
}

/// What Argon2 fills. Kept by its thread, since blocks of this size that come and go stay with the process many times over.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    /// As many blocks as these parameters ask for.
    pub(crate) fn blocks(&mut self, params: &Params) -> &mut [Block] {
        self.0.resize(params.block_count(), Block::new());
        &mut self.0
    }
}

#[derive(Default)]
struct Queues {
    waiting: [VecDeque<Job>; QUEUES],
    /// The queue that is looked at first next time.
    next: usize,
    closed: bool,
}

impl Queues {
    fn push(&mut self, queue: Queue, job: Job) -> bool {
        let waiting = &mut self.waiting[queue as usize];
        let from_one = waiting.iter().filter(|other| other.from == job.from).count();
        let room = waiting.len() < WAITING && from_one < WAITING_FROM_ONE;
        if room {
            waiting.push_back(job);
        }
        room
    }

    fn pop(&mut self) -> Option<Job> {
        let mut turns = (0..QUEUES).map(|step| (self.next + step) % QUEUES);
        let turn = turns.find(|turn| !self.waiting[*turn].is_empty())?;
        self.next = turn + 1;
        self.waiting[turn].pop_front()
    }
}

#[derive(Default)]
struct Shared {
    queues: Mutex<Queues>,
    changed: Condvar,
}

impl Shared {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does jobs until the queues are closed.
    fn work(&self) {
        let mut memory = Memory::default();
        loop {
            let mut queues = self.queues();
            let job = loop {
                if queues.closed {
                    return;
                }
                match queues.pop() {
                    Some(job) => break job,
                    None => {
                        queues = self.changed.wait(queues).unwrap_or_else(PoisonError::into_inner)
                    }
                }
            };
            drop(queues);
            (job.work)(&mut memory);
        }
    }
}

/// The threads and their queues. The threads start with the first job: a library without passwords has neither.
#[derive(Default)]
pub(crate) struct Hashing {
    shared: Arc<Shared>,
    started: OnceLock<usize>,
}

impl Hashing {
    /// Waits in a queue and does `work` on one of the threads. Work whose asker has gone before its turn is
    /// passed over.
    ///
    /// # Errors
    /// `too_many_requests` if the queue is full, or full of jobs from this address: nothing was done then.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        queue: Queue,
        from: &str,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, LibraryError> {
        let (done, result) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            if !done.is_closed() {
                let _ = done.send(work(memory));
            }
        };
        if *self.started.get_or_init(|| self.start()) == 0 {
            return Err(LibraryError::Hashing);
        }
        if !self.shared.queues().push(queue, Job { from: from.to_owned(), work: Box::new(work) }) {
            return Err(LibraryError::TooManySignIns);
        }
        self.shared.changed.notify_one();
        result.await.map_err(|_| LibraryError::Hashing)
    }

    fn start(&self) -> usize {
        let start = |_| {
            let shared = self.shared.clone();
            std::thread::Builder::new()
                .name("passwords".to_owned())
                .spawn(move || shared.work())
                .ok()
        };
        (0..THREADS).filter_map(start).count()
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.shared.queues().closed = true;
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use super::*;

    /// Both threads at work until the barrier is met.
    async fn busy(hashing: &Arc<Hashing>) -> (Arc<Barrier>, Vec<tokio::task::JoinHandle<()>>) {
        let (begun, barrier) =
            (Arc::new(Barrier::new(THREADS + 1)), Arc::new(Barrier::new(THREADS + 1)));
        let mut held = Vec::new();
        for at in 0..THREADS {
            let (hashing, begun, barrier) = (hashing.clone(), begun.clone(), barrier.clone());
            held.push(tokio::spawn(async move {
                let work = move |_: &mut Memory| {
                    begun.wait();
                    barrier.wait();
                };
                hashing.run(Queue::SignIn, &format!("held {at}"), work).await.unwrap();
            }));
        }
        tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
        (barrier, held)
    }

    fn waiting(hashing: &Hashing) -> [usize; QUEUES] {
        hashing.shared.queues().waiting.each_ref().map(VecDeque::len)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_is_full_for_its_purpose_and_its_address() {
        let hashing = Arc::new(Hashing::default());
        let (barrier, held) = busy(&hashing).await;
        let mut jobs = Vec::new();
        let mut ask = async |queue, from: &str| {
            let mut asked = Box::pin({
                let (hashing, from) = (hashing.clone(), from.to_owned());
                async move { hashing.run(queue, &from, |_| ()).await }
            });
            let refused = matches!(futures_util::poll!(&mut asked), std::task::Poll::Ready(Err(_)));
            jobs.push(asked);
            !refused
        };
        for turn in 0..WAITING_FROM_ONE + 1 {
            assert_eq!(
                ask(Queue::SignIn, "one").await,
                turn < WAITING_FROM_ONE,
                "one address has its share"
            );
        }
        for turn in WAITING_FROM_ONE..WAITING {
            assert!(ask(Queue::SignIn, &turn.to_string()).await);
        }
        assert!(!ask(Queue::SignIn, "late").await, "a queue has an end");
        assert!(ask(Queue::KnownDevice, "one").await, "another purpose has a queue of its own");
        assert_eq!(waiting(&hashing), [1, WAITING, 0]);
        let known = jobs.pop().unwrap();
        let gone = jobs.split_off(1);
        drop(gone);
        barrier.wait();
        tokio::time::timeout(Duration::from_secs(20), known)
            .await
            .expect("queues are served in turn")
            .unwrap();
        jobs.pop().unwrap().await.unwrap();
        for held in held {
            held.await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn threads_end_with_what_they_serve() {
        let hashing = Arc::new(Hashing::default());
        hashing.run(Queue::NewPassword, "here", |_| ()).await.unwrap();
        let shared = Arc::downgrade(&hashing.shared);
        drop(hashing);
        let ended = async {
            while shared.upgrade().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ended).await.expect("nothing is left behind");
    }
}
