//! One entry of a multi-search response: its hits, its aggregation, and how much of the data was searched.
//!
//! An entry with status 200 may cover a part of the data only: Quickwit and Elasticsearch answer although shards failed, were
//! not available, or ran out of time. A hit in such an entry is a hit; a missing one means nothing.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::error::RadiantError;
use super::partial_results::{PartialResults, bytes, count, number, partial_results};
use super::refusal_cause;
use model::external_time;
use model::json_part_reader::{self, at, text_at};
use model::radiant_search_settings::ObservedConnectorType;

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SearchResult {
    /// The documents, in Radiant's order.
    pub(super) hits: Vec<Hit>,
    /// The number of all documents that match, also of those that were not asked for; `None` where the answer has none.
    pub(super) total: Option<u64>,
    /// The buckets of the aggregation `types`, if there is one.
    pub(super) buckets: Option<Vec<ObservedConnectorType>>,
    /// The part of the data that was not searched.
    pub(super) partial: Option<PartialResults>,
    /// Whether there was nothing to search, so that a pattern may match no index.
    pub(super) searched_nothing: bool,
}

/// A document, reduced to what is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) uuid: Option<String>,
    pub(super) published: Option<DateTime<Utc>>,
    pub(super) connector_type: Option<String>,
}

impl SearchResult {
    /// Parses the one entry of a multi-search response.
    pub(super) fn parse(body: &[u8], aggregated: bool) -> Result<Self, RadiantError> {
        let [responses] = json_part_reader::members(body, ["responses"]).ok_or(RadiantError::Unreadable)?;
        let entry = responses.and_then(|list| at(bytes(list), "/0")).ok_or(RadiantError::Unreadable)?;
        let names = ["status", "error", "hits", "aggregations", "_shards"];
        let [status, error, hits, aggregations, shards] =
            json_part_reader::members(bytes(entry), names).ok_or(RadiantError::Unreadable)?;
        let status = match status.and_then(number) {
            Some(status) => u16::try_from(status).map_err(|_| RadiantError::Unreadable)?,
            None => 200,
        };
        let error = error.filter(|error| !json_part_reader::is_null(error));
        if status != 200 || error.is_some() {
            let reasons = error.map(refusal_cause::reasons).unwrap_or_default();
            return Err(RadiantError::Entry { status, cause: refusal_cause::cause(&reasons), aggregated });
        }
        // Every search result has a list of hits, if only an empty one.
        let total = hits.and_then(total);
        let hits = hits.and_then(|hits| at(bytes(hits), "/hits")).ok_or(RadiantError::Unreadable)?;
        let hits = json_part_reader::entries(bytes(hits), Hit::read).ok_or(RadiantError::Unreadable)?;
        let missing = [bytes(entry), body].into_iter().find_map(partial_results);
        Ok(Self {
            // An unreadable document is a document, so a search that found one did not find nothing.
            partial: missing.or((hits.unreadable > 0).then_some(PartialResults::CutShort)),
            hits: hits.read,
            buckets: aggregations.and_then(|groups| at(bytes(groups), "/types/buckets")).and_then(buckets),
            // Quickwit counts no shards in some answers, whatever it found.
            searched_nothing: shards.and_then(|shards| count(bytes(shards), "/total")) == Some(0)
                && total.unwrap_or(0) == 0,
            total,
        })
    }
}

impl Hit {
    /// Reads a document of any form: its members are those of another product.
    fn read(hit: &RawValue) -> Option<Self> {
        let hit = bytes(hit);
        json_part_reader::members(hit, [])?;
        Some(Self {
            uuid: text_at(hit, "/_source/uuid"),
            published: text_at(hit, "/_source/published").and_then(|at| external_time::parse(&at)),
            connector_type: text_at(hit, "/_source/rs_connectorType"),
        })
    }
}

/// Returns the number of matching documents, as an object or, in earlier versions of Elasticsearch, as a number.
fn total(hits: &RawValue) -> Option<u64> {
    count(bytes(hits), "/total/value").or_else(|| count(bytes(hits), "/total"))
}

fn buckets(list: &RawValue) -> Option<Vec<ObservedConnectorType>> {
    let read = |bucket: &RawValue| {
        let events = count(bytes(bucket), "/doc_count")?;
        let name = text_at(bytes(bucket), "/key")?;
        Some(ObservedConnectorType { name, events: u32::try_from(events).unwrap_or(u32::MAX) })
    };
    Some(json_part_reader::entries(bytes(list), read)?.read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::refusal_cause::RefusalCause;

    fn parse(entry: &str) -> Result<SearchResult, RadiantError> {
        SearchResult::parse(format!(r#"{{"took":4,"responses":[{entry}]}}"#).as_bytes(), false)
    }

    fn partial_results_of(more: &str) -> Option<PartialResults> {
        parse(&format!(r#"{{"status":200,{more},"hits":{{"hits":[]}}}}"#)).unwrap().partial
    }

    #[test]
    fn an_entry_has_its_own_status() {
        let missing = parse(r#"{"status":404,"error":{"reason":"index not found"}}"#);
        assert_eq!(missing, Err(RadiantError::Entry { status: 404, cause: RefusalCause::Other, aggregated: false }));
        assert!(parse(r#"{"status":200,"hits":{"hits":[]}}"#).is_ok());
        assert!(parse(r#"{"status":200,"error":null,"hits":{"hits":[]}}"#).is_ok());
        assert_eq!(SearchResult::parse(b"{}", false), Err(RadiantError::Unreadable));
    }

    #[test]
    fn an_entry_without_hits_is_unreadable() {
        for entry in [
            r#"{"status":65736,"hits":{"hits":[]}}"#,
            "null",
            "{}",
            r#"{"status":200,"hits":{}}"#,
            r#"{"status":200,"hits":{"hits":{}}}"#,
            r#"{"status":200,"hits":[]}"#,
        ] {
            assert_eq!(parse(entry), Err(RadiantError::Unreadable), "{entry}");
        }
    }

    #[test]
    fn shards_that_failed_or_were_not_available_are_missing() {
        let shards = |searched, total| Some(PartialResults::Shards { searched, total });
        let cases = [
            (r#""_shards":{"total":5,"successful":3,"skipped":0,"failed":2,"failures":[{"shard":0}]}"#, shards(3, 5)),
            (r#""_shards":{"total":5,"successful":3,"skipped":0,"failed":0}"#, shards(3, 5)),
            (r#""_shards":{"total":5,"successful":5,"failed":2}"#, shards(3, 5)),
            (r#""_shards":{"total":5,"failed":1}"#, shards(4, 5)),
            (r#""timed_out":true,"_shards":{"total":2,"successful":0,"failed":2}"#, shards(0, 2)),
            (r#""failed_splits":[{"split_id":"a"}],"num_successful_splits":7"#, shards(7, 8)),
            (r#""_shards":{"total":5,"successful":3,"skipped":2,"failed":0}"#, None),
            (r#""_shards":{"total":5,"successful":5,"skipped":5,"failed":0,"failures":[]}"#, None),
            (r#""timed_out":false,"terminated_early":false,"_shards":{"total":0,"successful":0}"#, None),
            (r#""_shards":null"#, None),
            (r#""_shards":{"total":"5","successful":-3}"#, None),
        ];
        for (more, expected) in cases {
            assert_eq!(partial_results_of(more), expected, "{more}");
        }
    }

    #[test]
    fn clusters_and_an_early_end_are_told_apart() {
        let clusters = |searched, total| Some(PartialResults::Clusters { searched, total });
        let all = r#""_shards":{"total":5,"successful":5,"failed":0}"#;
        let cases = [
            (r#""_clusters":{"total":3,"successful":2,"skipped":1}"#, clusters(2, 3)),
            (r#""_clusters":{"total":3,"successful":3,"skipped":0,"partial":1}"#, clusters(2, 3)),
            (r#""_clusters":{"total":3,"successful":3,"skipped":0}"#, None),
            (r#""timed_out":true"#, Some(PartialResults::CutShort)),
            (r#""terminated_early":true"#, Some(PartialResults::CutShort)),
            (r#""is_partial":true"#, Some(PartialResults::CutShort)),
            (r#""errors":["split a: storage not reachable"]"#, Some(PartialResults::CutShort)),
        ];
        for (more, expected) in cases {
            assert_eq!(partial_results_of(&format!("{more},{all}")), expected, "{more}");
        }
        let outside = br#"{"timed_out":true,"responses":[{"status":200,"hits":{"hits":[]}}]}"#;
        assert_eq!(SearchResult::parse(outside, false).unwrap().partial, Some(PartialResults::CutShort));
    }

    #[test]
    fn odd_documents_leave_the_others_and_prevent_that_nothing_was_found() {
        let hits = r#"[null,{"_source":{"uuid":"a","published":"-262143-01-01T00:00:00Z"}},{"_source":null},7]"#;
        let found = parse(&format!(r#"{{"hits":{{"hits":{hits}}}}}"#)).unwrap();
        let uuids: Vec<_> = found.hits.iter().map(|hit| hit.uuid.as_deref()).collect();
        assert_eq!((uuids, found.hits[0].published), (vec![Some("a"), None], None));
        assert_eq!(found.partial, Some(PartialResults::CutShort));
    }

    #[test]
    fn an_answer_without_a_count_of_shards_searched_something_if_it_found_something() {
        let searched_nothing = |hits: &str| {
            let entry = format!(r#"{{"_shards":{{"total":0,"successful":0}},"hits":{{{hits}"hits":[]}}}}"#);
            parse(&entry).unwrap().searched_nothing
        };
        for none in ["", r#""total":{"value":0},"#, r#""total":0,"#, r#""total":null,"#] {
            assert!(searched_nothing(none), "{none}");
        }
        for some in [r#""total":{"value":30,"relation":"eq"},"#, r#""total":30,"#] {
            assert!(!searched_nothing(some), "{some}");
        }
    }

    proptest! {
        #[test]
        fn any_response_is_parsed_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let parsed = SearchResult::parse(&body, false);
            prop_assert!(parsed.is_ok() || parsed.is_err());
        }

        #[test]
        fn any_numbers_of_shards_are_judged(total in 0..9_u64, successful in 0..9_u64, skipped in 0..9_u64, failed in any::<u64>()) {
            let shards = format!(r#""_shards":{{"total":{total},"successful":{successful},"skipped":{skipped},"failed":{failed}}}"#);
            let is_complete = failed == 0 && successful + skipped >= total;
            prop_assert_eq!(partial_results_of(&shards).is_none(), is_complete);
        }
    }
}
