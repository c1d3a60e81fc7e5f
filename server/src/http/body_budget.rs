//! [`BodyBudget`]: how many bytes of request bodies are held in memory at one time, by kind of sender.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};
use vignette_model::PersonId;

use super::keyed_limit::{KeyedLimit, Permit};
use super::peer::RateLimitKey;

/// How many large bodies are parsed at once.
const PARSED_AT_ONCE: usize = 2;

/// The kind of sender of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SenderKind {
    /// Has neither an account nor a link: a sign-in, a set-up.
    Anonymous,
    /// Has a clip's link: a reply.
    Guest,
    /// Has an account.
    Member,
    /// Has the secret of an upload: bytes of a stream.
    Upload,
}

/// Whose share of the budget a body uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum BodyOwner {
    /// A client without an account.
    Address(RateLimitKey),
    /// A person, with all their uploads together.
    Person(PersonId),
}

/// The sender of a body. [`Allowed`](crate::access::allowed::Allowed) leaves it in the request's
/// extensions, so that a body behind no access check is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodySender {
    /// The kind of sender.
    pub kind: SenderKind,
    /// Whose share is used.
    pub owner: BodyOwner,
}

/// Limits on the bytes of bodies in memory, one for each kind of sender.
pub(crate) struct BodyBudget {
    anonymous: Arc<KeyedLimit<BodyOwner>>,
    guests: Arc<KeyedLimit<BodyOwner>>,
    members: Arc<KeyedLimit<BodyOwner>>,
    uploads: Arc<KeyedLimit<BodyOwner>>,
    parsing: Semaphore,
}

impl BodyBudget {
    /// The budget of a library whose appends have at most `max_append_bytes`: the uploads of one
    /// member hold that many together, all uploads twice as many. What members send besides (above
    /// all transcripts) has a limit of its own.
    #[must_use]
    pub(crate) fn new(max_append_bytes: u64) -> Self {
        let append = usize::try_from(max_append_bytes).unwrap_or(usize::MAX / 4);
        Self {
            anonymous: KeyedLimit::new(4 << 20, 512 << 10),
            guests: KeyedLimit::new(16 << 20, 2 << 20),
            members: KeyedLimit::new(64 << 20, 32 << 20),
            uploads: KeyedLimit::new(2 * append, append),
            parsing: Semaphore::new(PARSED_AT_ONCE),
        }
    }

    /// A permit for no bytes, to be grown as they arrive and dropped with them.
    #[must_use]
    pub(crate) fn empty_permit(&self, sender: BodySender) -> Permit<BodyOwner> {
        let limit = match sender.kind {
            SenderKind::Anonymous => &self.anonymous,
            SenderKind::Guest => &self.guests,
            SenderKind::Member => &self.members,
            SenderKind::Upload => &self.uploads,
        };
        limit.empty_permit(sender.owner)
    }

    /// The most bytes of one body that is read whole, given the limit of its route: a form with a
    /// name and a password, a reply of 10,000 escaped characters, a poster.
    #[must_use]
    pub(crate) fn max_body_bytes(kind: SenderKind, of_route: usize) -> usize {
        match kind {
            SenderKind::Anonymous => of_route.min(16 << 10),
            SenderKind::Guest => of_route.min(128 << 10),
            SenderKind::Member | SenderKind::Upload => of_route,
        }
    }

    /// Waits until a large body may be parsed.
    pub(crate) async fn parsing_permit(&self) -> Option<SemaphorePermit<'_>> {
        // Fails only if the semaphore is closed, which nothing does.
        self.parsing.acquire().await.ok()
    }
}
