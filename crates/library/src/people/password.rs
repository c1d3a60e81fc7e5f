//! Passwords: hashed by Argon2id, compared in the same time whether or not there is somebody to compare with.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;
use vignette_model::{ErrorCode, Problem};

/// How many are hashed at once: each takes a core and 19 MiB for a moment.
const AT_ONCE: usize = 2;

/// How many may wait for that.
const WAITING: usize = 64;

/// How long a password may be, in characters.
const CHARS: std::ops::RangeInclusive<usize> = 8..=200;

/// Hashes and compares passwords, a few at a time.
pub(crate) struct Passwords {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// The hash of nobody's password, to be compared with when a name does not exist.
    nobody: Arc<OnceLock<String>>,
}

impl Default for Passwords {
    fn default() -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self { at_once: places(AT_ONCE), waiting: places(WAITING), nobody: Arc::default() }
    }
}

/// Argon2id with the parameters of its crate, which are those OWASP names first: 19 MiB, 2 passes, 1 lane.
fn hash(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

impl Passwords {
    /// A new password's hash in PHC form.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Problem> {
        if !CHARS.contains(&password.chars().count()) {
            let message = format!("A password has {} to {} characters.", CHARS.start(), CHARS.end());
            return Err(Problem::new(ErrorCode::BadRequest, message).with_help("Choose another; a few words in a row are good."));
        }
        let places = self.wait().await?;
        let password = password.to_owned();
        let work = move || {
            // Held by the work itself, which goes on when whoever asked for it is gone.
            let _places = places;
            hash(&password)
        };
        let hashed = task::spawn_blocking(work).await.ok().flatten();
        hashed.ok_or_else(|| Problem::new(ErrorCode::Internal, "The password could not be kept."))
    }

    /// Whether it is the password with this hash. Without a hash it never is, after the same work.
    pub(crate) async fn is(&self, password: &str, hashed: Option<&str>) -> Result<bool, Problem> {
        let places = self.wait().await?;
        let (exists, nobody) = (hashed.is_some(), self.nobody.clone());
        let (password, hashed) = (password.to_owned(), hashed.map(str::to_owned));
        // What nobody could have chosen need not be hashed at its full length.
        let password: String = password.chars().take(CHARS.end() + 1).collect();
        let compare = move || {
            let _places = places;
            let hashed = hashed.unwrap_or_else(|| nobody.get_or_init(|| hash("nobody's password").unwrap_or_default()).clone());
            let hashed = PasswordHash::new(&hashed).ok()?;
            Some(Argon2::default().verify_password(password.as_bytes(), &hashed).is_ok())
        };
        let right = task::spawn_blocking(compare).await.ok().flatten();
        Ok(exists && right.unwrap_or(false))
    }

    async fn wait(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), Problem> {
        let busy = || Problem::new(ErrorCode::TooManyRequests, "Too many people are signing in at once.");
        let waiting = self.waiting.clone().try_acquire_owned().map_err(|_| busy())?;
        let at_once = self.at_once.clone().acquire_owned().await.map_err(|_| busy())?;
        Ok((waiting, at_once))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_kept_as_argon2id_only() {
        let passwords = Passwords::default();
        let hashed = passwords.hash("correct horse").await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(passwords.is("correct horse", Some(&hashed)).await.unwrap());
        assert!(!passwords.is("correct house", Some(&hashed)).await.unwrap());
        assert!(!passwords.is("nobody's password", None).await.unwrap(), "who is not there has no password");
        assert!(!passwords.is("correct horse", Some("not a hash")).await.unwrap());
    }

    #[tokio::test]
    async fn whoever_goes_away_gives_no_place_free() {
        let passwords = Passwords::default();
        for _ in 0..AT_ONCE {
            let mut asked = Box::pin(passwords.hash("correct horse"));
            // Polled once: the work has begun. Then whoever asked for it is gone.
            assert!(futures_util::poll!(&mut asked).is_pending());
        }
        assert_eq!(passwords.at_once.available_permits(), 0, "the work goes on, and holds its places");
        let all = passwords.at_once.acquire_many(u32::try_from(AT_ONCE).unwrap()).await.unwrap();
        assert_eq!(all.num_permits(), AT_ONCE, "and gives them back");
    }

    #[tokio::test]
    async fn passwords_have_a_length() {
        let passwords = Passwords::default();
        for (password, good) in [("1234567", false), ("12345678", true), ("ääääääää", true)] {
            assert_eq!(passwords.hash(password).await.is_ok(), good, "{password}");
        }
        assert!(passwords.hash(&"a".repeat(201)).await.is_err());
        let long = "a".repeat(200);
        let hashed = passwords.hash(&long).await.unwrap();
        assert!(!passwords.is(&format!("{long}b"), Some(&hashed)).await.unwrap(), "a longer password is another one");
    }
}
