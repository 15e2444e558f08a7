//! Opens the parser of Radiant's responses to `tests/fuzz`. It is built only with the feature.

use super::error::RadiantError;
use super::search;

/// Returns the searched `uuid`s that a multi-search response contains.
///
/// # Errors
/// Why the response is unusable.
pub fn found(body: &[u8], searched: &[String]) -> Result<Vec<String>, RadiantError> {
    let entry = search::entry(body, false)?;
    Ok(search::hits(&entry, searched).into_iter().map(|hit| hit.uuid).collect())
}
