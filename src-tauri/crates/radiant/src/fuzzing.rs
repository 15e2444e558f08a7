//! A door for `tests/fuzz` alone: the reader of what Radiant answers, as it is. It is not built without the feature.

use super::error::RadiantError;
use super::search;

/// The `uuid`s among those asked for that a multi-search answer holds.
///
/// # Errors
/// Why it is no answer.
pub fn found(body: &[u8], asked: &[String]) -> Result<Vec<String>, RadiantError> {
    let entry = search::entry(body, false)?;
    Ok(search::hits(&entry, asked).into_iter().map(|hit| hit.uuid).collect())
}
