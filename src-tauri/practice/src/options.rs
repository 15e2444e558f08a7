//! Options of a practice organization, among them the behaviors that neither Okta nor Radiant publishes.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Options of a practice organization.
#[derive(Debug, Clone)]
pub struct Options {
    /// Seed of all users, tokens and events.
    pub seed: u64,
    /// Start of simulated time, which only [`Change::AdvanceTime`](crate::Change::AdvanceTime) advances; this computer's time when absent.
    pub starts_at: Option<DateTime<Utc>>,
    /// Makes Okta respond over TLS with a certificate of its own authority.
    pub tls: Option<Tls>,
    /// Number of users.
    pub users: u32,
    /// Number of events of the past day.
    pub backfill: u32,
    /// New events per second.
    pub events_per_second: f64,
    /// Rate limit of the System Log for the org, in requests per minute; a token gets half.
    pub rate_limit: u32,
    /// Rate limit of every other bucket for the org, in requests per minute; a token gets half.
    pub api_rate_limit: u32,
    /// Whether Okta refuses a zone beside its own, as for an org without Adaptive MFA.
    pub only_blocked_ip_zone: bool,
    /// Address of every client, as Okta sees it; on loopback there is no other.
    pub client_address: IpAddr,
    /// Whether Okta refuses every request of a client whose address is in an active blocklist.
    pub blocks_clients: bool,
    /// Delay of every response.
    pub latency: Duration,
    /// Delivery delay of events to Radiant.
    pub radiant_lag: Duration,
    /// Whether Radiant polls.
    pub radiant_polls: bool,
    /// Okta's port; any free one when 0.
    pub port_okta: u16,
    /// Uncustomized address in the org's metadata; its loopback origin when absent.
    pub organization_href: Option<String>,
    /// Custom domain in the org's metadata.
    pub alternate_href: Option<String>,
    /// UNVERIFIED behaviors.
    pub variants: Variants,
}

/// Settings of the TLS certificate, which is also valid for localhost.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Host names.
    pub names: Vec<String>,
    /// Whether the certificate has expired.
    pub expired: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            starts_at: None,
            tls: None,
            users: 40,
            backfill: 400,
            events_per_second: 0.5,
            rate_limit: 120,
            api_rate_limit: 1200,
            only_blocked_ip_zone: false,
            client_address: Ipv4Addr::new(198, 51, 100, 7).into(),
            blocks_clients: false,
            latency: Duration::ZERO,
            radiant_lag: Duration::from_secs(3),
            radiant_polls: true,
            port_okta: 0,
            organization_href: None,
            alternate_href: None,
            variants: Variants::default(),
        }
    }
}

/// Response to a wrong index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrongIndex {
    /// The entry has status 404, as in Quickwit.
    NotFound,
    /// Status 200 and no hits, as a proxy that sets `ignore_unavailable` would.
    NoHits,
}

/// Behaviors without a public source. Each is UNVERIFIED; the product must state the truth under each value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variants {
    /// Okta rejects a token used outside its allowed network with 403 E0000006 (true) or 401 E0000011 (false).
    pub restricted_is_403: bool,
    /// A read-only administrator may list network zones.
    pub read_only_sees_zones: bool,
    /// A read-only administrator may list API tokens.
    pub read_only_sees_tokens: bool,
    /// Okta rejects a request without the SSWS scheme with 401 E0000004 (true) or 403 E0000005 (false; DOCS error codes name
    /// both).
    pub no_scheme_is_401: bool,
    /// Only super and org administrators may revoke the token of their own call, everyone else gets 403 E0000006 (true), or
    /// everyone may (false; SPEC names 403 without saying for whom).
    pub only_admins_revoke_themselves: bool,
    /// In read-only mode Okta refuses reads too (true) or only changes (false).
    pub read_only_mode_refuses_reads: bool,
    /// Okta rejects an invalid cursor with E0000029 (true) or E0000031 (false).
    pub bad_cursor_is_paging: bool,
    /// Okta rejects an invalid date with E0000001 as documented (true) or E0000030 as recorded (false).
    pub bad_date_as_documented: bool,
    /// Okta refuses `SSWS00...` without a blank like a missing scheme (true) or accepts it (false).
    pub scheme_needs_blank: bool,
    /// Okta refuses a time without a zone like an invalid date (true) or takes it for UTC (false).
    pub time_needs_zone: bool,
    /// An empty first page of a polling query links to a cursor (true) or, like every later empty page, to itself (false).
    pub empty_first_page_has_cursor: bool,
    /// A bounded query offers `next` on its last page and on the empty pages after it (true; okta-sdk-python#392 and others
    /// report it) or ends as documented (false).
    pub bounded_never_ends: bool,
    /// Okta suspends users who are provisioned, in recovery or locked out, or whose password has expired (true), or only active
    /// users as documented (false).
    pub suspend_needs_no_active_status: bool,
    /// Lifting a suspension restores the status before it (true) or makes the user active (false; SPEC, which does not say it of
    /// a user who was not active before).
    pub unsuspend_restores_status: bool,
    /// Suspending a user ends the sessions (true; HELP says so of the permission of a custom role) or leaves them (false).
    pub suspending_ends_sessions: bool,
    /// Clearing the sessions of a user who has none leaves an event.
    pub clearing_nothing_is_logged: bool,
    /// An administrator who is no super administrator may act on super administrators.
    pub lesser_admins_reach_super_admins: bool,
    /// Seconds until the search of users shows a change (SPEC: eventually consistent).
    pub user_search_lag_s: u32,
    /// Okta refuses a zone that the org may not have with 403 E0000006 (true) or 400 E0000001 (false).
    pub second_zone_is_403: bool,
    /// Okta refuses an invalid address of a zone with E0000003 (true) or E0000001 (false).
    pub bad_gateway_is_malformed: bool,
    /// The response to a replaced zone shows the time of the change before (true) or its own (false; recordings have both).
    pub replaced_zone_shows_old_time: bool,
    /// Reads of a zone that still show what was removed from it or that it was active (field case F70, seen in another product).
    pub stale_zone_reads: u32,
    /// Radiant's value of `rs_connectorType` for Okta.
    pub connector_type: String,
    /// Radiant's timestamp field.
    pub timestamp_field: String,
    /// Radiant's index of raw events.
    pub index: String,
    /// Radiant can search by Okta's `uuid`.
    pub uuid_searchable: bool,
    /// Radiant can aggregate `rs_connectorType`.
    pub aggregation: bool,
    /// Status of the response to a wrong search token.
    pub wrong_token_status: u16,
    /// Response to a wrong index, and to a request without `x-rs-is-byob` when the tenant has its own bucket.
    pub wrong_index: WrongIndex,
    /// The documentation responds with JSON (true) or Markdown (false).
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
            scheme_needs_blank: false,
            time_needs_zone: false,
            empty_first_page_has_cursor: false,
            bounded_never_ends: false,
            suspend_needs_no_active_status: false,
            unsuspend_restores_status: false,
            suspending_ends_sessions: true,
            clearing_nothing_is_logged: true,
            lesser_admins_reach_super_admins: false,
            user_search_lag_s: 0,
            second_zone_is_403: false,
            bad_gateway_is_malformed: false,
            replaced_zone_shows_old_time: false,
            stale_zone_reads: 0,
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
