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

/// Returns whether there is a next page, with the address that would be requested for it.
///
/// # Errors
/// [`OktaError::ForeignNext`] for another origin, [`OktaError::Unreadable`] for a target that is no address.
pub fn next_page(values: &[&str], origin: &Url) -> Result<Option<Url>, OktaError> {
    let next = NextPage::from_links(values.iter().copied(), origin);
    next.map(|next| next.request(origin).map(|request| request.url(origin))).transpose()
}

/// Returns the `errorCode` of an error body.
#[must_use]
pub fn error_code(body: &[u8]) -> Option<String> {
    error::error_code(body)
}
