//! Secrets that a request carries: a token, session cookies, a guest's right to their reply.

use axum::http::HeaderMap;
use cookie::Cookie;
use vignette_model::Secret;
use vignette_model::api::header;

use crate::http::headers::one;

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1). Two such headers give none.
#[must_use]
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = one(headers, "authorization").ok()??.split_once(' ')?;
    secret(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())?)
}

/// The values of all cookies with a name (RFC 6265 §4.2). There may be several: over plain http, all
/// ports of a host share cookies, so another program may have set one of the same name (§8.5, §8.6).
/// A cookie jar would keep the last one alone.
pub(crate) fn cookies<'h>(
    headers: &'h HeaderMap,
    name: &'h str,
) -> impl Iterator<Item = Secret> + 'h {
    let lines = headers.get_all("cookie").iter().filter_map(|line| line.to_str().ok());
    let all = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    all.filter(move |cookie| cookie.name() == name).filter_map(|cookie| secret(cookie.value()))
}

/// The secret by which a guest may change their reply.
#[must_use]
pub(crate) fn reply_secret(headers: &HeaderMap) -> Option<Secret> {
    secret(one(headers, header::REPLY_SECRET).ok()??)
}

/// A text as a secret, if its length and characters are those of one.
#[must_use]
pub(crate) fn secret(text: &str) -> Option<Secret> {
    let plain = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain.then(|| Secret::presented(text))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::http::headers::name;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        lines.iter().map(|(n, v)| (name(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn secrets_in_headers() {
        let all = headers(&[
            ("authorization", "bearer lib_abc"),
            ("cookie", "a=b; session=ses_x; session=ses_y"),
        ]);
        assert_eq!(bearer(&all), Some(Secret::presented("lib_abc")));
        let sessions: Vec<_> = cookies(&all, "session").collect();
        assert_eq!(sessions, ["ses_x", "ses_y"].map(Secret::presented), "the caller tries each");
        assert_eq!(cookies(&all, "ession").next(), None, "a name is matched whole");
        assert_eq!(bearer(&headers(&[("authorization", "Basic bGliOg==")])), None);
        assert_eq!(secret("lib_../x"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = secret(&text);
        }
    }
}
