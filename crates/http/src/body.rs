//! Bodies of bounded size.

use reqwest::Response;
use thiserror::Error;

use crate::cause;

/// Why a body could not be read.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The connection broke off.
    #[error("{}", cause(.0))]
    Broken(#[from] reqwest::Error),
    /// It is longer than the caller takes.
    #[error("it has more than {max_bytes} bytes")]
    TooLarge {
        /// The bound that was given.
        max_bytes: usize,
    },
}

/// Reads the body of an answer, as long as it has at most `max_bytes`. Not more than that is held.
///
/// # Errors
/// [`BodyError`].
pub async fn read_body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > max_bytes {
            return Err(BodyError::TooLarge { max_bytes });
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &'static [u8]) -> Response {
        Response::from(axum::http::Response::new(body))
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_bound() {
        assert_eq!(read_body(response(b"four"), 4).await.unwrap(), b"four");
        assert_eq!(read_body(response(b""), 0).await.unwrap(), b"");
        let error = read_body(response(b"five5"), 4).await.unwrap_err();
        assert!(matches!(error, BodyError::TooLarge { max_bytes: 4 }), "{error}");
    }
}
