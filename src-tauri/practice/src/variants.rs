//! What neither Okta nor Radiant publishes. Each member is UNVERIFIED; the product must say something true under each value.

use serde::{Deserialize, Serialize};

/// How a wrong index is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongIndex {
    /// The entry has status 404, as Quickwit answers.
    NotFound,
    /// Status 200 and no hits, as a proxy that sets `ignore_unavailable` would.
    NoHits,
}

/// Behaviours without a public source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variants {
    /// A token used outside its allowed network is answered 403 E0000006 (true) or 401 E0000011 (false).
    pub restricted_is_403: bool,
    /// A read-only administrator may list network zones.
    pub read_only_sees_zones: bool,
    /// A read-only administrator may list API tokens.
    pub read_only_sees_tokens: bool,
    /// A request without the SSWS scheme is answered 401 E0000004 (true) or 403 E0000005 (false; DOCS error codes name both).
    pub no_scheme_is_401: bool,
    /// Revoking the token one calls with is answered 403 E0000006 to all but super and org administrators (true), or done for
    /// everybody (false; SPEC names 403 without saying for whom).
    pub only_admins_revoke_themselves: bool,
    /// In read-only mode Okta refuses reads too (true) or changes alone (false).
    pub read_only_mode_refuses_reads: bool,
    /// A cursor that is none is answered E0000029 (true) or E0000031 (false).
    pub bad_cursor_is_paging: bool,
    /// A date that is none is answered E0000001 as documented (true) or E0000030 as recorded (false).
    pub bad_date_as_documented: bool,
    /// Radiant's value of `rs_connectorType` for Okta.
    pub connector_type: String,
    /// Radiant's timestamp field.
    pub timestamp_field: String,
    /// Radiant's index of raw events.
    pub index: String,
    /// Okta's `uuid` can be asked for.
    pub uuid_searchable: bool,
    /// `rs_connectorType` can be aggregated.
    pub aggregation: bool,
    /// The status of a wrong search token.
    pub wrong_token_status: u16,
    /// How a wrong index is answered, and a tenant with its own bucket asked without `x-rs-is-byob`.
    pub wrong_index: WrongIndex,
    /// The documentation answers in JSON (true) or Markdown (false).
    pub docs_in_json: bool,
}

impl Default for Variants {
    fn default() -> Self {
        Self {
            restricted_is_403: true,
            read_only_sees_zones: true,
            read_only_sees_tokens: true,
            no_scheme_is_401: false,
            only_admins_revoke_themselves: false,
            read_only_mode_refuses_reads: true,
            bad_cursor_is_paging: false,
            bad_date_as_documented: false,
            connector_type: "okta_system_log".to_owned(),
            timestamp_field: "timestamp".to_owned(),
            index: "raw-events".to_owned(),
            uuid_searchable: true,
            aggregation: true,
            wrong_token_status: 401,
            wrong_index: WrongIndex::NotFound,
            docs_in_json: false,
        }
    }
}
