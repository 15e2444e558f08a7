//! The control of a practice organization: typed in the same process, JSON over loopback for other processes.
//!
//! Both use the same `apply`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::events::TokenEvent;
use crate::fault::Fault;
use crate::options::Variants;
use crate::random_faults::{RandomFaults, RunningRandomFaults};
use crate::request::RecordedRequest;
use crate::state::{SharedState, State};
use crate::user_access::UserAccess;
use crate::user_lifecycle::UserOperation;
use crate::volume_log::{RunningVolumeLog, VolumeLog};
use crate::webhook_record::{WebhookRecord, WebhookRecorder};
use crate::webhook_rules::WebhookRules;
use crate::{client_events, user_lookup, user_state, users, zones};

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

/// Counts of requests and events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests by server and path, for example `okta /api/v1/logs`.
    pub requests: BTreeMap<String, u64>,
    /// Requests with an `Authorization` header, by server.
    #[serde(default)]
    pub authorized: BTreeMap<String, u64>,
    /// Events in the System Log.
    pub events: usize,
    /// Events that Radiant has read.
    pub radiant_has: usize,
    /// Events that the webhook accepted.
    #[serde(default)]
    pub webhook: usize,
}

/// Controls one practice organization.
#[derive(Clone)]
pub struct Control(pub(crate) SharedState);

impl Control {
    /// Switches a fault on, or all faults off.
    pub fn fault(&self, fault: Option<Fault>) {
        self.0.lock().fault = fault;
    }

    /// Changes the organization.
    pub fn set(&self, change: Change) {
        apply(&mut self.0.lock(), change);
    }

    /// Gives Radiant the token with which it polls, or removes it.
    pub fn credential(&self, token: Option<String>) {
        self.0.lock().credential = token;
    }

    /// Adds random events now.
    pub fn emit(&self, count: u32) {
        self.0.lock().emit(count);
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let state = self.0.lock();
        Counters {
            requests: state.request_counts.clone(),
            authorized: state.authorized_counts.clone(),
            events: state.log.len(),
            radiant_has: state.radiant_has,
            webhook: state.webhook_events.len(),
        }
    }

    /// Returns the figures about what the custom events webhook accepted.
    #[must_use]
    pub fn webhook(&self) -> WebhookRecord {
        self.0.lock().webhook_record.figures()
    }

    /// Returns the uuids of the events that the custom events webhook accepted, in this order, without those of a volume log.
    #[must_use]
    pub fn webhook_uuids(&self) -> Vec<String> {
        self.0.lock().webhook_record.uuids()
    }

    /// Returns the latest events that the custom events webhook accepted, oldest first.
    #[must_use]
    pub fn webhook_events(&self) -> Vec<Value> {
        self.0.lock().webhook_events.iter().cloned().collect()
    }

    /// Returns the number of events in the volume log; 0 without one.
    #[must_use]
    pub fn volume_events(&self) -> u64 {
        let state = self.0.lock();
        state.volume_log.as_ref().map_or(0, |log| log.len(state.okta_now()))
    }

    /// Returns a page of the volume log as it is served; empty without one.
    #[must_use]
    pub fn volume_page(&self, first: u64, count: usize) -> Vec<u8> {
        self.0.lock().volume_log.as_ref().map(|log| log.page(first, count)).unwrap_or_default()
    }

    /// Tells whether a principal's token exists and has neither expired nor been revoked.
    #[must_use]
    pub fn has_valid_token(&self, principal: &str) -> bool {
        self.0.lock().principals.iter().any(|one| one.key == principal && one.has_valid_token)
    }

    /// Returns the events of the System Log in persistence order.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.0.lock().log.iter().map(|entry| entry.event.clone()).collect()
    }

    /// Returns the accounts, without links.
    #[must_use]
    pub fn users(&self) -> Vec<Value> {
        user_lookup::all(&self.0.lock()).collect()
    }

    /// Returns the account with this id, login or short name, without links.
    #[must_use]
    pub fn user(&self, user: &str) -> Option<Value> {
        user_lookup::find(&self.0.lock(), user).ok()
    }

    /// Returns the sessions and other access of a user; `None` when there is no such user.
    #[must_use]
    pub fn user_access(&self, user: &str) -> Option<UserAccess> {
        let state = self.0.lock();
        user_id(&state, user).map(|id| UserAccess { roles: user_lookup::roles_of(&state, &id), ..state.access_of(&id) })
    }

    /// Returns the network zones, without links.
    #[must_use]
    pub fn zones(&self) -> Vec<Value> {
        self.0.lock().zones.all().to_vec()
    }

    /// Returns the latest requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.0.lock().recent_requests.iter().cloned().collect()
    }
}

fn user_id(state: &State, user: &str) -> Option<String> {
    user_lookup::find(state, user).ok().and_then(|user| user["id"].as_str().map(str::to_owned))
}

/// Sets the status of the user with this id, login or short name; an unknown one has none.
fn set_user_status(state: &mut State, user: &str, status: &str) {
    if let Some(id) = user_id(state, user) {
        user_state::set_status(state, &id, status);
    }
}

fn set_owner_status(state: &mut State, principal: &str, status: &str) {
    let id = state.principals.iter().find(|one| one.key == principal).map(|one| one.id.clone());
    user_state::set_status(state, &id.unwrap_or_default(), status);
}

fn revoke_token(state: &mut State, principal: &str) {
    let now = state.okta_now();
    state.change_principal(principal, |one| one.has_valid_token = false);
    state.add_token_event_of(TokenEvent::Revoked, principal, now);
}

fn make_token(state: &mut State, principal: &str) {
    let now = state.okta_now();
    state.change_principal(principal, |one| one.create_token(now));
    state.add_token_event_of(TokenEvent::Created, principal, now);
}

fn milliseconds(ms: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(ms).unwrap_or_default())
}

fn apply(state: &mut State, change: Change) {
    let now = state.okta_now();
    match change {
        Change::Revoke { principal } => revoke_token(state, &principal),
        Change::Revive { principal } => state.change_principal(&principal, |one| one.has_valid_token = true),
        Change::OwnerStatus { principal, status } => set_owner_status(state, &principal, &status),
        Change::Roles { principal, roles } => {
            state.change_account(&principal, |one| one.roles.clone_from(&roles));
            state.add_privilege_event_of(&principal, now);
        }
        Change::Restrict { principal, on } => state.change_principal(&principal, |one| one.is_restricted = on),
        Change::OtherAdministratorActs { user, operation } => {
            users::act_as_other_administrator(state, &user, operation);
        }
        Change::UserStatus { user, status } => set_user_status(state, &user, &status),
        Change::UserSignsIn { user } => user_state::sign_in(state, &user_id(state, &user).unwrap_or_default()),
        Change::OtherAdministratorEditsZone { zone, add, remove } => {
            zones::edit_in_console(state, &zone, &add, &remove)
        }
        Change::OtherAdministratorSetsZone { zone, active } => zones::set_active_in_console(state, &zone, active),
        Change::AdministratorOpensConsole { address, console_address } => {
            client_events::open_console(state, address, console_address)
        }
        Change::OnlyBlockedIpZone { on } => state.options.only_blocked_ip_zone = on,
        Change::ClientAddress { address } => state.options.client_address = address,
        Change::BlocksClients { on } => state.options.blocks_clients = on,
        Change::TokenMade { principal } => make_token(state, &principal),
        Change::RadiantPolls { on } => state.options.radiant_polls = on,
        Change::RadiantLag { seconds } => state.options.radiant_lag = Duration::from_secs(seconds),
        Change::RadiantExcludes { types } => state.excluded_types = types.into_iter().collect(),
        Change::AddEvent { seconds_ago } => state.add_late_event(now, TimeDelta::seconds(i64::from(seconds_ago))),
        Change::AdvanceTime { ms } => state.advance_time(milliseconds(ms)),
        Change::DeleteEvents { days } => state.delete_events_before(now - TimeDelta::days(i64::from(days))),
        Change::EventsPerSecond { rate } => state.options.events_per_second = rate.clamp(0.0, 10_000.0),
        Change::RateLimit { limit } => state.options.rate_limit = limit,
        Change::OtherConsumers { requests } => state.other_consumers = requests,
        Change::Latency { ms } => state.options.latency = Duration::from_millis(ms),
        Change::ClockSkew { seconds } => state.clock_skew = TimeDelta::seconds(seconds),
        Change::ResetClock => state.reset_clock(),
        Change::ReadOnlyMode { on } => state.read_only_mode = on,
        Change::Byob { on } => state.byob = on,
        Change::Organization { href, alternate } => {
            (state.options.organization_href, state.options.alternate_href) = (href, alternate);
        }
        Change::AddEventWith { event } => state.add_event(event),
        Change::AddLargeEvent { bytes } => state.add_large_event(bytes),
        Change::VolumeLog { log } => state.volume_log = log.map(|log| RunningVolumeLog::new(log, now)),
        // A cursor that is issued in the same millisecond is valid.
        Change::ExpireCursors => state.oldest_cursor = now + TimeDelta::milliseconds(1),
        Change::Webhook { rules } => state.webhook_rules = rules,
        Change::ClearWebhookRecord => state.webhook_record = WebhookRecorder::default(),
        Change::RandomFaults { faults } => state.random_faults = faults.map(RunningRandomFaults::new),
        Change::Variants { variants } => state.variants = variants,
    }
}
