//! How much of its data Radiant searched, by the numbers of Elasticsearch's and Quickwit's answers.

use serde_json::value::RawValue;

use model::json_part_reader::{self, at};

/// The part of its data that Radiant did not search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialResults {
    /// Some shards failed or were not available.
    Shards {
        /// The shards that were searched.
        searched: u64,
        /// All shards.
        total: u64,
    },
    /// Some clusters failed or were skipped.
    Clusters {
        /// The clusters that were searched.
        searched: u64,
        /// All clusters.
        total: u64,
    },
    /// The search ended early, or parts of unknown number are missing.
    CutShort,
}

impl PartialResults {
    /// Returns the number of searched parts and of all parts, if Radiant named them.
    #[must_use]
    pub fn parts(self) -> Option<(u64, u64)> {
        match self {
            Self::Shards { searched, total } | Self::Clusters { searched, total } => Some((searched, total)),
            Self::CutShort => None,
        }
    }
}

/// Returns what was not searched, by the numbers of Elasticsearch's and Quickwit's answers.
pub(super) fn partial_results(answer: &[u8]) -> Option<PartialResults> {
    let numbers = ["_shards", "_clusters", "failed_splits", "num_successful_splits"];
    let signs = ["timed_out", "terminated_early", "is_partial", "errors"];
    let [shards, clusters, failed, successful] = json_part_reader::members(answer, numbers)?;
    if let Some((searched, total)) = shards.and_then(searched_shards).or_else(|| searched_splits(failed?, successful?))
    {
        return Some(PartialResults::Shards { searched, total });
    }
    if let Some((searched, total)) = clusters.and_then(searched_clusters) {
        return Some(PartialResults::Clusters { searched, total });
    }
    let [timed_out, terminated_early, is_partial, errors] = json_part_reader::members(answer, signs)?;
    let is_true = [timed_out, terminated_early, is_partial].into_iter().flatten().any(|value| value.get() == "true");
    let failures = shards.and_then(|shards| at(bytes(shards), "/failures"));
    let has_entries = [errors, failed, failures].into_iter().flatten().any(|list| length(list) > 0);
    let has_failed = [shards, clusters].into_iter().flatten().any(|group| missing_parts(bytes(group)) > 0);
    (is_true || has_entries || has_failed).then_some(PartialResults::CutShort)
}

/// Returns the searched and all shards, if not all were searched. A shard that failed and one that was not available may each be
/// missing from another number. One that was skipped because nothing in it can match counts as searched.
fn searched_shards(shards: &RawValue) -> Option<(u64, u64)> {
    let shards = bytes(shards);
    let skipped = count(shards, "/skipped").unwrap_or(0);
    searched_parts(shards, count(shards, "/successful").map(|successful| successful.saturating_add(skipped)))
}

/// Returns the searched and all clusters, if not all were searched. One that was skipped was not.
fn searched_clusters(clusters: &RawValue) -> Option<(u64, u64)> {
    searched_parts(bytes(clusters), count(bytes(clusters), "/successful"))
}

fn searched_parts(group: &[u8], searched: Option<u64>) -> Option<(u64, u64)> {
    let total = count(group, "/total")?;
    let searched = searched.unwrap_or(total).min(total.saturating_sub(missing_parts(group)));
    (searched < total).then_some((searched, total))
}

fn missing_parts(group: &[u8]) -> u64 {
    let number = |pointer| count(group, pointer).unwrap_or(0);
    number("/failed").saturating_add(number("/partial"))
}

/// Returns the searched and all splits of an answer in Quickwit's own form, if not all were searched.
fn searched_splits(failed: &RawValue, successful: &RawValue) -> Option<(u64, u64)> {
    let (failed, searched) = (u64::try_from(length(failed)).unwrap_or(u64::MAX), number(successful)?);
    (failed > 0).then(|| (searched, searched.saturating_add(failed)))
}

fn length(list: &RawValue) -> usize {
    json_part_reader::entries(bytes(list), |_| Some(())).map_or(0, |list| list.read.len())
}

pub(super) fn count(text: &[u8], pointer: &str) -> Option<u64> {
    at(text, pointer).and_then(number)
}

pub(super) fn number(value: &RawValue) -> Option<u64> {
    serde_json::from_str(value.get()).ok()
}

pub(super) fn bytes(value: &RawValue) -> &[u8] {
    value.get().as_bytes()
}
