//! The changes of a practice organization that a control can make.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::options::Variants;
use crate::random_faults::RandomFaults;
use crate::user_lifecycle::UserOperation;
use crate::volume_log::VolumeLog;
use crate::webhook_rules::WebhookRules;

/// A change of the organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Revokes a principal's token.
    Revoke {
        /// Key of the principal, for example `super_admin`.
        principal: String,
    },
    /// Makes a revoked token valid again, which only practice can do.
    Revive {
        /// Key of the principal.
        principal: String,
    },
    /// Sets the status of a principal's account, for example `DEPROVISIONED`.
    OwnerStatus {
        /// Key of the principal.
        principal: String,
        /// SPEC UserStatus.
        status: String,
    },
    /// Replaces a principal's roles.
    Roles {
        /// Key of the principal.
        principal: String,
        /// SPEC RoleType values, for example `READ_ONLY_ADMIN`.
        roles: Vec<String>,
    },
    /// Restricts a principal's token to another network, or removes the restriction.
    Restrict {
        /// Key of the principal.
        principal: String,
        /// Whether the token is restricted.
        on: bool,
    },
    /// Another administrator (`person_super_admin`) does this to a user in the Admin Console, with its event. What Okta would
    /// refuse does nothing.
    OtherAdministratorActs {
        /// Id, login or short name.
        user: String,
        /// The operation.
        operation: UserOperation,
    },
    /// Sets a user's status without an event.
    UserStatus {
        /// Id, login or short name.
        user: String,
        /// SPEC UserStatus.
        status: String,
    },
    /// A user signs in, with its event: one more session, token of an app and remembered device.
    UserSignsIn {
        /// Id, login or short name.
        user: String,
    },
    /// Another administrator (`person_super_admin`) edits the entries of a zone in the Admin Console, with the event.
    OtherAdministratorEditsZone {
        /// Id of the zone.
        zone: String,
        /// Values to add.
        #[serde(default)]
        add: Vec<String>,
        /// Values to remove, as they are written in the zone.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// Another administrator activates or deactivates a zone in the Admin Console, with the event.
    OtherAdministratorSetsZone {
        /// Id of the zone.
        zone: String,
        /// Whether it is active then.
        active: bool,
    },
    /// Another administrator (`person_super_admin`) opens the Admin Console, with the event.
    AdministratorOpensConsole {
        /// Address of the administrator.
        address: IpAddr,
        /// Address of Okta's own console, which asks on behalf of the administrator; absent where the browser asks itself.
        #[serde(default)]
        console_address: Option<IpAddr>,
    },
    /// Makes Okta refuse every zone beside its own, or accept it.
    OnlyBlockedIpZone {
        /// Whether it is refused.
        on: bool,
    },
    /// Sets the address of every client, as Okta sees it.
    ClientAddress {
        /// The address.
        address: IpAddr,
    },
    /// Makes Okta refuse clients whose address is in an active blocklist, or accept them.
    BlocksClients {
        /// Whether they are refused.
        on: bool,
    },
    /// Creates a principal's token, with its event. `super_admin_next` is the second token of `super_admin`.
    TokenMade {
        /// Key of the principal.
        principal: String,
    },
    /// Starts or stops Radiant's polling.
    RadiantPolls {
        /// Whether Radiant polls.
        on: bool,
    },
    /// Sets the delivery delay of events to Radiant.
    RadiantLag {
        /// Seconds.
        seconds: u64,
    },
    /// Makes Radiant exclude these event types.
    #[serde(rename = "radiant_leaves_out")]
    RadiantExcludes {
        /// Okta's event types.
        types: Vec<String>,
    },
    /// Adds an event now that was published some time ago.
    #[serde(rename = "happens")]
    AddEvent {
        /// Seconds between publishing and now; hours for a late event.
        seconds_ago: u32,
    },
    /// Advances the time of both servers at once; Radiant reads what is due.
    #[serde(rename = "passes")]
    AdvanceTime {
        /// Milliseconds.
        ms: u64,
    },
    /// Deletes older events that Radiant has read.
    #[serde(rename = "forgets")]
    DeleteEvents {
        /// Days that are kept; the System Log itself keeps 90 (DOCS).
        days: u32,
    },
    /// Sets the rate of new events.
    EventsPerSecond {
        /// Events per second.
        rate: f64,
    },
    /// Sets the System Log's rate limit.
    RateLimit {
        /// Requests per minute for the whole org.
        limit: u32,
    },
    /// Lets other clients use up the System Log's rate limit.
    OtherConsumers {
        /// Their requests per minute.
        requests: u32,
    },
    /// Sets the delay of every response.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// Sets the difference between Okta's clock and this computer's.
    ClockSkew {
        /// Seconds; positive when Okta is ahead.
        seconds: i64,
    },
    /// Ends the difference between the clocks, and gives the events that were logged meanwhile the time of this computer, so
    /// that nothing lies ahead of now. Only practice can do that.
    ResetClock,
    /// Starts or ends Okta's read-only mode (503 E0000010).
    ReadOnlyMode {
        /// Whether the mode is on.
        on: bool,
    },
    /// Makes Radiant require the header of tenants with their own bucket.
    Byob {
        /// Whether the header is required.
        on: bool,
    },
    /// Sets the addresses in the org's metadata; the loopback origin where absent.
    Organization {
        /// Uncustomized address.
        href: Option<String>,
        /// Custom domain.
        alternate: Option<String>,
    },
    /// Adds an event with this content now, for example one that no client can read.
    AddEventWith {
        /// Its JSON.
        event: Value,
    },
    /// Adds an event of this size now.
    AddLargeEvent {
        /// Bytes of one text in it.
        bytes: usize,
    },
    /// Replaces the System Log's events by numbered ones, or ends that.
    VolumeLog {
        /// The numbered events; `None` for the organization's own.
        log: Option<VolumeLog>,
    },
    /// Refuses every cursor of the System Log that was issued so far. How long a cursor lives is UNVERIFIED.
    ExpireCursors,
    /// Sets the rules of the custom events webhook.
    Webhook {
        /// All of them.
        rules: WebhookRules,
    },
    /// Forgets what the custom events webhook accepted.
    ClearWebhookRecord,
    /// Starts or ends faults at random requests.
    RandomFaults {
        /// The faults; `None` for none.
        faults: Option<RandomFaults>,
    },
    /// Sets the UNVERIFIED behaviors.
    Variants {
        /// All of them.
        variants: Variants,
    },
}
