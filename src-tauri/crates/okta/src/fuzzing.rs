//! A door for `tests/fuzz` alone: the readers of what Okta sends, as they are. It is not built without the feature.

use url::Url;

use super::error::{self, OktaError};
use super::link_header;

/// The target of `rel="next"`.
#[must_use]
pub fn next(values: &[&str]) -> Option<String> {
    link_header::next(values.iter().copied())
}

/// Whether there is a next page of this origin.
///
/// # Errors
/// As [`link_header::more`].
pub fn more(values: &[&str], origin: &Url) -> Result<bool, OktaError> {
    link_header::more(values.iter().copied(), origin)
}

/// The `errorCode` of an error body.
#[must_use]
pub fn error_code(body: &[u8]) -> Option<String> {
    error::error_code(body)
}
