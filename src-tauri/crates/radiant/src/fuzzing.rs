//! Opens the parser of Radiant's responses to `tests/fuzz`. It is built only with the feature.

use std::collections::BTreeSet;

use super::error::RadiantError;
use super::search;
use super::search_result::SearchResult;

/// Returns the searched `uuid`s that a multi-search response contains.
///
/// # Errors
/// Why the response is unusable.
pub fn found(body: &[u8], searched: &[String]) -> Result<BTreeSet<String>, RadiantError> {
    Ok(search::uuids(&SearchResult::parse(body, false)?, searched))
}
