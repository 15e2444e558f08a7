//! The control of a practice organization: typed in the same process, JSON over loopback for other processes.
//!
//! Both use the same `apply`.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::change::Change;
use crate::fault::Fault;
use crate::random_events::TokenEvent;
use crate::random_faults::RunningRandomFaults;
use crate::request::RecordedRequest;
use crate::state::{SharedState, State};
use crate::user_access_state::UserAccessState;
use crate::volume_log::RunningVolumeLog;
use crate::webhook_record::{WebhookRecord, WebhookRecorder};
use crate::{admin_console_visit, user_changes, user_lookup, users, zones};

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
    pub fn user_access(&self, user: &str) -> Option<UserAccessState> {
        let state = self.0.lock();
        user_id(&state, user)
            .map(|id| UserAccessState { roles: user_lookup::roles_of(&state, &id), ..state.access_of(&id) })
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
        user_changes::set_status(state, &id, status);
    }
}

fn set_owner_status(state: &mut State, principal: &str, status: &str) {
    let id = state.principals.iter().find(|one| one.key == principal).map(|one| one.id.clone());
    user_changes::set_status(state, &id.unwrap_or_default(), status);
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
        Change::UserSignsIn { user } => user_changes::sign_in(state, &user_id(state, &user).unwrap_or_default()),
        Change::OtherAdministratorEditsZone { zone, add, remove } => {
            zones::edit_in_console(state, &zone, &add, &remove)
        }
        Change::OtherAdministratorSetsZone { zone, active } => zones::set_active_in_console(state, &zone, active),
        Change::AdministratorOpensConsole { address, console_address } => {
            admin_console_visit::open_console(state, address, console_address)
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
