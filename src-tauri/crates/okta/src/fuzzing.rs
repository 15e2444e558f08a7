//! Opens the parsers of Okta's responses to `tests/fuzz`. It is built only with the feature.

use url::Url;

use super::error::{self, OktaError};
use super::link_header;
use super::next_page::NextPage;

/// Returns the target of `rel="next"`.
#[must_use]
pub fn next_link(values: &[&str]) -> Option<String> {
    link_header::next(values.iter().copied())
}

/// Returns the next page of this origin.
///
/// # Errors
/// [`OktaError::ForeignNext`] for another origin, [`OktaError::Unreadable`] for a target that is no address.
pub fn next_page(values: &[&str], origin: &Url) -> Result<Option<NextPage>, OktaError> {
    NextPage::from_links(values.iter().copied(), origin)
}

/// Returns the `errorCode` of an error body.
#[must_use]
pub fn error_code(body: &[u8]) -> Option<String> {
    error::error_code(body)
}
