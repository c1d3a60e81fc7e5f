//! Authorization codes: how a recorder gets a token through the browser (RFC 6749 §4.1, RFC 7636, RFC 8252 §7.3).
//!
//! The library is an authorization server for its own recorder alone: public client, loopback redirect, S256 challenge.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq as _;
use url::{Host, Url};
use vignette_model::api::{TokenAnswer, TokenRequest};
use vignette_model::{Secret, Sha256};

use super::token::label;
use crate::actor::Actor;
use crate::error::{AuthorizationError, LibraryError};
use crate::library::{Library, member};
use crate::rules::{Action, Resource, may};
use crate::store::CodeRow;

/// How long a code lives.
const CODE_LIFE: Duration = Duration::from_secs(60);

/// The longest address a code is sent to.
const REDIRECT_CHARS: usize = 500;

/// What a recorder asks a signed-in browser for (RFC 6749 §4.1.1, RFC 7636 §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// Must be `S256`.
    pub code_challenge_method: String,
    /// Base64url of the SHA-256 of the verifier.
    pub code_challenge: String,
    /// Where the code goes: `http://127.0.0.1:PORT/…` or `http://[::1]:PORT/…` (RFC 8252 §7.3).
    pub redirect_uri: String,
    /// What the token will be called in the list of tokens.
    pub label: String,
}

impl Authorization {
    /// Whether it can be granted at all: checked before the person is asked.
    ///
    /// # Errors
    /// `bad_request`. Never redirect to the address then.
    pub fn check(&self) -> Result<(), AuthorizationError> {
        self.challenge().map(drop)
    }

    fn challenge(&self) -> Result<Sha256, AuthorizationError> {
        if !is_loopback(&self.redirect_uri) {
            return Err(AuthorizationError::NotLoopback);
        }
        if self.code_challenge_method != "S256" {
            return Err(AuthorizationError::ChallengeMethod);
        }
        let bytes = BASE64URL_NOPAD.decode(self.code_challenge.as_bytes()).ok();
        let digest = bytes.and_then(|bytes| bytes.try_into().ok()).map(Sha256);
        digest.ok_or(AuthorizationError::Challenge)
    }
}

/// Whether an address leads to a program on the computer of whoever follows it, and nowhere else. A name is not trusted to be
/// this computer (RFC 8252 §8.3), so it has to be the number; nothing that browsers and we might read differently is let in.
fn is_loopback(address: &str) -> bool {
    let ours = |url: &Url| {
        let here = match url.host() {
            Some(Host::Ipv4(ip)) => ip.octets() == [127, 0, 0, 1],
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(_)) | None => false,
        };
        let plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        url.scheme() == "http" && here && plain && url.port().is_some()
    };
    let spelled =
        ["http://127.0.0.1:", "http://[::1]:"].iter().any(|start| address.starts_with(start));
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    spelled
        && printable
        && address.len() <= REDIRECT_CHARS
        && Url::parse(address).is_ok_and(|url| ours(&url))
}

/// Whether it can be a verifier (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

impl Library {
    /// Gives a single-use code for a token; it lives for 60 seconds.
    ///
    /// # Errors
    /// `sign_in_needed`, `password_needed`, `not_allowed`; `bad_request` as [`Authorization::check`].
    pub async fn authorize(
        &self,
        actor: &Actor,
        asked: &Authorization,
    ) -> Result<Secret, LibraryError> {
        may(actor, Action::KeepTokens, Resource::Library)?;
        let challenge = asked.challenge()?;
        let code = Secret::random("code");
        let row = CodeRow {
            hash: code.hash(),
            person: member(actor)?.clone(),
            challenge,
            redirect_uri: asked.redirect_uri.clone(),
            label: label(&asked.label),
            expires_at: self.now() + CODE_LIFE,
        };
        self.store().add_code(&row).await?;
        Ok(code)
    }

    /// Turns a code into a token. A code is used up by the first who presents it, right or wrong.
    ///
    /// # Errors
    /// `bad_request` if the code is unknown, used or expired, or the verifier or the address does not fit.
    pub async fn exchange(&self, asked: &TokenRequest) -> Result<TokenAnswer, LibraryError> {
        if asked.grant_type != "authorization_code" {
            return Err(AuthorizationError::GrantType.into());
        }
        let code =
            self.store().take_code(asked.code.hash()).await?.ok_or(AuthorizationError::Code)?;
        let verifier = asked.code_verifier.expose();
        let fits: bool = Sha256::of(verifier.as_bytes()).0.ct_eq(&code.challenge.0).into();
        if code.expires_at <= self.now()
            || code.redirect_uri != asked.redirect_uri
            || !is_verifier(verifier)
            || !fits
        {
            return Err(AuthorizationError::Code.into());
        }
        let access_token = self.new_token(&code.person, &code.label).await?;
        tracing::info!(person.id = %code.person.id, "A recorder signed in");
        Ok(TokenAnswer { access_token, token_type: "Bearer".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_to_this_computer_only() {
        for good in
            ["http://127.0.0.1:45123/", "http://127.0.0.1:1/done?x=1", "http://[::1]:45123/done"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for wrong in [
            "",
            "http://127.0.0.1/",
            "http://127.0.0.1:/",
            "https://127.0.0.1:45123/",
            "http://localhost:45123/",
            "http://127.0.0.2:45123/",
            "http://127.1:45123/",
            "http://2130706433:45123/",
            "http://0x7f.0.0.1:45123/",
            "http://[::ffff:127.0.0.1]:45123/",
            "http://127.0.0.1:45123@example.org/",
            "http://127.0.0.1:x@example.org:80/",
            "http://127.0.0.1.example.org:45123/",
            "http://127.0.0.1:45123\\@example.org/",
            "http://127.0.0.1:45123/#fragment",
            "http://127.0.0.1:45123/a b",
            "http://127.0.0.1:45123/\r\nSet-Cookie: a=b",
            "http://127.0.0.1:99999/",
            "//127.0.0.1:45123/",
            "javascript:alert(1)//http://127.0.0.1:1/",
        ] {
            assert!(!is_loopback(wrong), "{wrong}");
        }
        assert!(!is_loopback(&format!("http://127.0.0.1:1/{}", "a".repeat(REDIRECT_CHARS))));
    }

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let asked = Authorization {
            code_challenge_method: "S256".to_owned(),
            code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            redirect_uri: "http://127.0.0.1:45123/".to_owned(),
            label: String::new(),
        };
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(asked.challenge(), Ok(Sha256::of(verifier.as_bytes())));
        assert!(is_verifier(verifier));
        assert!(
            !is_verifier("short")
                && !is_verifier(&"a".repeat(129))
                && !is_verifier(&"ä".repeat(40))
        );
        let plain = Authorization { code_challenge_method: "plain".to_owned(), ..asked.clone() };
        assert!(plain.check().is_err(), "a challenge that shows the verifier protects nothing");
        let short = Authorization { code_challenge: "E9Mel".to_owned(), ..asked };
        assert!(short.check().is_err());
    }
}
