//! Passwords: hashed by Argon2id, compared in the same time whether or not there is somebody to compare with.

mod hashing;
mod login_throttle;

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::try_generate_salt;
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};

pub(crate) use hashing::Queue;
pub(crate) use login_throttle::{LoginSource, LoginThrottle};

use hashing::{Hashing, Memory};

use crate::error::LibraryError;

/// How long a password may be, in characters.
const CHARS: std::ops::RangeInclusive<usize> = 8..=200;

/// Hashes and compares passwords, a few at a time.
#[derive(Default)]
pub(crate) struct Passwords {
    hashing: Hashing,
    /// The hash of a fixed text: compared with where a login does not exist, so that both take the same time.
    nobody: Arc<OnceLock<String>>,
}

/// Argon2id with the parameters of its crate, which are those OWASP names first: 19 MiB, 2 passes, 1 lane.
fn hash(memory: &mut Memory, password: &str) -> Option<String> {
    let (context, salt) = (Argon2::default(), Salt::new(&try_generate_salt().ok()?).ok()?);
    Some(
        PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::default().into()),
            params: ParamsString::try_from(context.params()).ok()?,
            hash: Some(output(memory, &context, password, &salt, Params::DEFAULT_OUTPUT_LEN)?),
            salt: Some(salt),
        }
        .to_string(),
    )
}

/// Whether it is the password of this hash, which says by what parameters it was made.
fn is(memory: &mut Memory, password: &str, hashed: &str) -> Option<bool> {
    let hashed = PasswordHash::new(hashed).ok()?;
    let algorithm = Algorithm::try_from(hashed.algorithm.as_str()).ok()?;
    let version = hashed.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
    let context = Argon2::new(algorithm, version, Params::try_from(&hashed).ok()?);
    let expected = hashed.hash?;
    // `Output` compares in constant time.
    Some(output(memory, &context, password, &hashed.salt?, expected.len())? == expected)
}

fn output(
    memory: &mut Memory,
    context: &Argon2<'_>,
    password: &str,
    salt: &Salt,
    length: usize,
) -> Option<Output> {
    let mut buffer = [0; Output::MAX_LENGTH];
    let out = buffer.get_mut(..length)?;
    context
        .hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            out,
            memory.blocks(context.params()),
        )
        .ok()?;
    Output::new(out).ok()
}

impl Passwords {
    /// A new password's hash in PHC form. `from` names whose it will be, or by what they have the right to choose one.
    pub(crate) async fn hash(&self, password: &str, from: &str) -> Result<String, LibraryError> {
        if !CHARS.contains(&password.chars().count()) {
            return Err(LibraryError::PasswordLength { chars: CHARS });
        }
        let password = password.to_owned();
        let hashed = self
            .hashing
            .run(Queue::NewPassword, from, move |memory| hash(memory, &password))
            .await?;
        hashed.ok_or(LibraryError::HashFailed)
    }

    /// Whether it is the password with this hash. Without a hash it never is, after the same work.
    ///
    /// # Errors
    /// `too_many_requests` if it was not compared at all.
    pub(crate) async fn is(
        &self,
        password: &str,
        hashed: Option<&str>,
        queue: Queue,
        from: &str,
    ) -> Result<bool, LibraryError> {
        let (exists, nobody) = (hashed.is_some(), self.nobody.clone());
        let hashed = hashed.map(str::to_owned);
        // Longer ones cannot have been chosen, and need not be hashed at their full length.
        let password: String = password.chars().take(CHARS.end() + 1).collect();
        let compare = move |memory: &mut Memory| {
            let mut nobodys = || {
                nobody.get_or_init(|| hash(memory, "nobody's password").unwrap_or_default()).clone()
            };
            let hashed = hashed.unwrap_or_else(&mut nobodys);
            is(memory, &password, &hashed)
        };
        let right = self.hashing.run(queue, from, compare).await?;
        Ok(exists && right.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn right(passwords: &Passwords, password: &str, hashed: Option<&str>) -> bool {
        passwords.is(password, hashed, Queue::SignIn, "here").await.unwrap()
    }

    #[tokio::test]
    async fn passwords_are_kept_as_argon2id_only() {
        let passwords = Passwords::default();
        let hashed = passwords.hash("correct horse", "here").await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(right(&passwords, "correct horse", Some(&hashed)).await);
        assert!(!right(&passwords, "correct house", Some(&hashed)).await);
        assert!(
            !right(&passwords, "nobody's password", None).await,
            "who is not there has no password"
        );
        assert!(!right(&passwords, "correct horse", Some("not a hash")).await);
        assert_ne!(
            passwords.hash("correct horse", "here").await.unwrap(),
            hashed,
            "each hash has a salt of its own"
        );
    }

    #[tokio::test]
    async fn hashes_of_before_are_still_compared() {
        use argon2::PasswordHasher as _;
        let hashed = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
        let passwords = Passwords::default();
        assert!(right(&passwords, "correct horse", Some(&hashed)).await, "{hashed}");
        assert!(!right(&passwords, "correct house", Some(&hashed)).await);
    }

    #[tokio::test]
    async fn passwords_have_a_length() {
        let passwords = Passwords::default();
        for (password, good) in [("1234567", false), ("12345678", true), ("ääääääää", true)]
        {
            assert_eq!(passwords.hash(password, "here").await.is_ok(), good, "{password}");
        }
        assert!(passwords.hash(&"a".repeat(201), "here").await.is_err());
        let long = "a".repeat(200);
        let hashed = passwords.hash(&long, "here").await.unwrap();
        assert!(
            !right(&passwords, &format!("{long}b"), Some(&hashed)).await,
            "a longer password is another one"
        );
    }
}
