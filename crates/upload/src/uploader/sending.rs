//! A [`Sending`]: one take on its way to its library. It decides what is due for the take and takes note of how that went;
//! all of it is memory and can be forgotten.

use std::time::Duration;

use tracing::{info, warn};
use vignette_model::api::CreatedClip;
use vignette_model::{ErrorCode, Micros, Problem, Secret, TakeId};
use vignette_spool::{Spool, SpoolError, Take, Unwanted};

use super::errand::{Errand, Outcome};
use super::told::{Refused, by_new_clip, new_clip, untold};
use crate::course::Course;
use crate::policy::{REST, Step, backoff};

/// One take on its way.
#[derive(Debug)]
pub(super) struct Sending {
    id: TakeId,
    library: Option<String>,
    course: Course,
    /// The token that did not open the library, or that there was none.
    shut: Option<Option<Secret>>,
    /// What stands in the way of the bytes.
    pub(super) problem: Option<Problem>,
    /// Bytes the library was last known to have.
    pub(super) acked_bytes: u64,
    /// Whether an errand about the bytes is under way.
    pub(super) is_sending: bool,
    telling: Telling,
    /// The library asked for nothing more before this.
    leave_alone_until: Micros,
}

/// How telling the library other things goes.
#[derive(Debug, Default)]
struct Telling {
    under_way: bool,
    failures: u32,
    failed_at: Micros,
    jitter: u16,
    refused: Refused,
}

/// What is due for a take.
#[derive(Debug)]
pub(super) enum Due {
    /// This errand.
    Errand(Errand),
    /// Nothing for so long, or until something changes.
    Nothing(Duration),
}

impl Sending {
    pub(super) fn new(take: &Take) -> Self {
        Self {
            id: take.id,
            library: take.library.clone(),
            course: Course::new(take.clip.is_some()),
            shut: None,
            problem: None,
            acked_bytes: take.acked_bytes,
            is_sending: false,
            telling: Telling::default(),
            leave_alone_until: Micros::ZERO,
        }
    }

    /// Whether any errand is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.is_sending || self.telling.under_way
    }

    /// Whether it waits for somebody to sign in.
    pub(super) fn is_shut_out(&self) -> bool {
        self.shut.is_some()
    }

    /// Something has changed for the better.
    pub(super) fn hopeful(&mut self) {
        self.course.hopeful();
        self.shut = None;
        self.telling.failures = 0;
        self.telling.refused.hopeful();
        self.leave_alone_until = Micros::ZERO;
    }

    /// The library asked to be left alone for so long.
    pub(super) fn leave_alone(&mut self, span: Duration, now: Micros) {
        self.leave_alone_until = now + Micros::from(span);
    }

    /// How much of that is left.
    fn left_alone(&self, now: Micros) -> Option<Due> {
        let rest = self.leave_alone_until.checked_sub(now).filter(|rest| *rest > Micros::ZERO)?;
        Some(Due::Nothing(rest.into()))
    }

    /// The token that is there now; another one than before is hope.
    pub(super) fn has_token(&mut self, token: Option<&Secret>) {
        if self.shut.as_ref().is_some_and(|shut| shut.as_ref() != token) {
            self.hopeful();
        }
    }

    /// What is due about the bytes.
    pub(super) fn due_to_send(&mut self, take: &Take, spool: &Spool, join_bytes: u64, now: Micros) -> Due {
        if self.is_sending || take.sealed {
            return Due::Nothing(REST);
        }
        if let Some(rest) = self.left_alone(now) {
            return rest;
        }
        match self.step(take, spool, join_bytes, now) {
            Ok(due) => due,
            Err(error) => {
                self.failed(error.into(), 0, now);
                Due::Nothing(backoff(1, 0))
            }
        }
    }

    fn step(&mut self, take: &Take, spool: &Spool, join_bytes: u64, now: Micros) -> Result<Due, SpoolError> {
        let whole = take.sha256.filter(|_| take.complete);
        let pieces = spool.pieces(take.id)?;
        let step = self.course.step(&pieces, whole, join_bytes, now);
        Ok(match (step, take.clip.clone()) {
            (Step::Create, _) => Due::Errand(Errand::Create(new_clip(take))),
            (Step::Wait(rest), _) => Due::Nothing(rest),
            (Step::GiveUp(code), _) => {
                self.give_up(code);
                Due::Nothing(REST)
            }
            (Step::Done, _) => {
                info!(take.id = %take.id, size_bytes = take.size_bytes, "The take is safe in the library");
                self.acked_bytes = take.size_bytes;
                spool.update(take.id, |take| (take.sealed, take.acked_bytes) = (true, take.size_bytes))?;
                Due::Nothing(Duration::ZERO)
            }
            // Whoever took the clip away wants another one.
            (Step::Ask | Step::Send { .. } | Step::Complete, None) => {
                self.course = Course::new(false);
                Due::Nothing(Duration::ZERO)
            }
            (Step::Ask, Some(clip)) => Due::Errand(Errand::Ask(clip)),
            (Step::Send { range, completes }, Some(clip)) => {
                Due::Errand(Errand::Append(clip, range, whole.filter(|_| completes)))
            }
            (Step::Complete, Some(clip)) => Due::Errand(Errand::Append(clip, take.size_bytes..take.size_bytes, whole)),
        })
    }

    /// What is due about anything else.
    pub(super) fn due_to_tell(&self, take: &Take, now: Micros) -> Due {
        let Telling { under_way, failures, failed_at, jitter, ref refused } = self.telling;
        if under_way || self.is_shut_out() {
            return Due::Nothing(REST);
        }
        if let Some(rest) = self.left_alone(now) {
            return rest;
        }
        let (Some(clip), Some(untold)) = (&take.clip, untold(take, refused)) else { return Due::Nothing(REST) };
        let pause = if failures == 0 { Micros::ZERO } else { backoff(failures, jitter).into() };
        match pause.checked_sub(now - failed_at).filter(|rest| *rest > Micros::ZERO) {
            Some(rest) => Due::Nothing(rest.into()),
            None => Due::Errand(Errand::Tell(clip.id, untold)),
        }
    }

    /// The errand is under way from now on, unless it needs a token and there is none.
    pub(super) fn begin(&mut self, errand: Errand, token: Option<&Secret>, now: Micros) -> Option<Errand> {
        if token.is_none() && matches!(errand, Errand::Create(_) | Errand::Tell(..)) {
            let problem = Problem::new(ErrorCode::SignInNeeded, "This recorder is not signed in to the library.")
                .with_help("Sign in to the library. The clip is kept on this computer until then.");
            self.shut = Some(None);
            if !errand.tells() {
                self.failed(problem, 0, now);
            }
            return None;
        }
        *(if errand.tells() { &mut self.telling.under_way } else { &mut self.is_sending }) = true;
        Some(errand)
    }

    /// Takes note of how an errand went that was begun with this token.
    pub(super) fn finished(&mut self, tells: bool, outcome: Outcome, spool: &Spool, token: Option<Secret>, now: Micros) {
        *(if tells { &mut self.telling.under_way } else { &mut self.is_sending }) = false;
        match outcome {
            Outcome::Told(told) => {
                self.telling.failures = 0;
                self.keep(spool, now, |take| take.told = Some(told));
            }
            Outcome::NotTold(problem, what) => {
                warn!(take.id = %self.id, code = %problem.code, "The library could not be told about a take");
                self.telling.failures = self.telling.failures.saturating_add(1);
                (self.telling.failed_at, self.telling.jitter) = (now, jitter());
                match problem.code {
                    ErrorCode::SignInNeeded => self.shut = Some(token),
                    ErrorCode::BadRequest | ErrorCode::NotAllowed | ErrorCode::NotFound | ErrorCode::TooLarge => {
                        self.telling.refused.add(what);
                        self.telling.failures = 0;
                    }
                    _ => {}
                }
            }
            Outcome::Failed(problem, sent_bytes) => {
                warn!(take.id = %self.id, code = %problem.code, "A take could not be sent for now");
                if problem.code == ErrorCode::SignInNeeded {
                    self.shut = Some(token);
                }
                self.failed(problem, sent_bytes, now);
            }
            Outcome::Created(clip, _) if spool.take(self.id).is_none() => self.unwanted(clip, spool),
            Outcome::Created(clip, new) => {
                info!(take.id = %self.id, clip.id = %clip.id, "The library gave a take its link");
                self.course.created();
                self.problem = None;
                self.keep(spool, now, |take| {
                    take.clip = Some(clip);
                    take.told.get_or_insert(by_new_clip(&new));
                });
            }
            Outcome::AddressLost => self.course.address_lost(now, jitter()),
            Outcome::Stands(status) => {
                self.course.stands(&status, now);
                self.problem = None;
            }
            Outcome::Appended(sent, status) => {
                self.course.appended(&sent, &status, now, jitter());
                self.problem = None;
            }
            Outcome::StandsElsewhere(sent, status) => self.course.stands_elsewhere(&sent, &status, now, jitter()),
        }
        self.acked_bytes = self.course.acked_bytes().unwrap_or(self.acked_bytes);
    }

    /// The take was cancelled while its clip was asked for.
    fn unwanted(&self, clip: CreatedClip, spool: &Spool) {
        let Some(library) = self.library.clone() else { return };
        if let Err(error) = spool.add_unwanted(&Unwanted { library, clip: clip.id }) {
            warn!(clip.id = %clip.id, %error, "A cancelled take leaves an empty clip in the library");
        }
    }

    fn keep(&mut self, spool: &Spool, now: Micros, change: impl FnOnce(&mut Take)) {
        if let Err(error) = spool.update(self.id, change) {
            // What the library said is lost with it; it will be asked again.
            self.course = Course::new(spool.take(self.id).is_some_and(|take| take.clip.is_some()));
            self.failed(error.into(), 0, now);
        }
    }

    fn failed(&mut self, problem: Problem, sent_bytes: u64, now: Micros) {
        self.course.failed(problem.code, sent_bytes, now, jitter());
        self.problem = Some(problem);
    }

    fn give_up(&mut self, code: ErrorCode) {
        if self.problem.as_ref().is_some_and(|problem| problem.code == code) {
            return;
        }
        let message = match code {
            ErrorCode::Conflict => "The library ended this clip before all of it had arrived.",
            ErrorCode::DigestMismatch => "The library has other bytes for this clip than this computer.",
            ErrorCode::Damaged => "The library's disk lost some of what had arrived.",
            ErrorCode::TooLarge => "Even one piece of the clip is more than the library takes at once.",
            _ => "The library does not take this clip.",
        };
        warn!(take.id = %self.id, %code, "Gave up sending a take; it stays on this computer");
        self.problem = Some(Problem::new(code, message).with_help("It is still on this computer: upload it again."));
    }
}

/// For one pause.
fn jitter() -> u16 {
    let mut bytes = [0; 2];
    // Without randomness all recorders come back at once; that is no reason not to come back.
    let _ = getrandom::fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}
