//! The control of a practice organisation: typed in the same process, JSON over loopback for another.
//!
//! Both go through one `apply`. The HTTP side wants a per-run secret, its own Host, and no browser's Origin.

use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::events::TokenEvent;
use crate::fault::{Fault, text};
use crate::serve::{Asked, Shared};
use crate::variants::Variants;

/// Something about the world that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A principal's token is revoked.
    Revoke {
        /// Which, for example `super_admin`.
        principal: String,
    },
    /// A revoked token works again: practice alone can take a trouble back.
    Revive {
        /// Which.
        principal: String,
    },
    /// A principal's account gets a status, for example `DEPROVISIONED`.
    OwnerStatus {
        /// Which.
        principal: String,
        /// SPEC UserStatus.
        status: String,
    },
    /// A principal's roles are replaced.
    Roles {
        /// Which.
        principal: String,
        /// SPEC RoleType values, for example `READ_ONLY_ADMIN`.
        roles: Vec<String>,
    },
    /// A principal's token is restricted to another network, or freed.
    Restrict {
        /// Which.
        principal: String,
        /// Whether.
        on: bool,
    },
    /// A principal's token is made now, and the System Log says so. `super_admin_next` is the second token of `super_admin`.
    TokenMade {
        /// Which.
        principal: String,
    },
    /// Radiant polls, or not.
    RadiantPolls {
        /// Whether.
        on: bool,
    },
    /// How long after it happened Radiant reads an event.
    RadiantLag {
        /// Seconds.
        seconds: u64,
    },
    /// Radiant's feed leaves these event types out.
    RadiantLeavesOut {
        /// Okta's names of them.
        types: Vec<String>,
    },
    /// An event is kept that says it was published so long ago.
    Happens {
        /// Seconds; hours for one that comes late.
        seconds_ago: u32,
    },
    /// Time passes at once: for both servers and for what Radiant reads.
    Passes {
        /// Milliseconds.
        ms: u64,
    },
    /// Events that Radiant has read and that were kept longer ago are gone.
    Forgets {
        /// Days; the System Log itself keeps 90 (DOCS).
        days: u32,
    },
    /// How many events happen.
    EventsPerSecond {
        /// Events each second.
        rate: f64,
    },
    /// The System Log's rate limit.
    RateLimit {
        /// Requests per minute for the whole org.
        limit: u32,
    },
    /// Other clients use the System Log's rate limit up.
    OtherConsumers {
        /// Requests per minute they make.
        requests: u32,
    },
    /// Every answer takes this long.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// Okta's clock differs from this computer's.
    ClockSkew {
        /// Seconds; positive means Okta is ahead.
        seconds: i64,
    },
    /// Okta is in read-only mode (503 E0000010).
    ReadOnlyMode {
        /// Whether.
        on: bool,
    },
    /// Radiant wants the header of tenants with a bucket of their own.
    Byob {
        /// Whether.
        on: bool,
    },
    /// The addresses the org gives itself; its own loopback origin where absent.
    Organization {
        /// Un-customised address.
        href: Option<String>,
        /// Custom domain.
        alternate: Option<String>,
    },
    /// UNVERIFIED behaviours.
    Variants {
        /// All of them.
        variants: Variants,
    },
}

/// What was asked of the servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Requests by server and path, for example `okta /api/v1/logs`.
    pub requests: BTreeMap<String, u64>,
    /// Requests that bore an `Authorization` header, by server.
    #[serde(default)]
    pub authorized: BTreeMap<String, u64>,
    /// Events in the System Log.
    pub events: usize,
    /// Events Radiant has read.
    pub radiant_has: usize,
    /// Events the webhook accepted.
    #[serde(default)]
    pub webhook: usize,
}

/// One request as it was heard; headers and body are not kept, so it holds no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `okta`, `radiant` or `control`.
    pub side: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query as it was sent.
    pub query: String,
}

/// Controls one practice organisation.
#[derive(Clone)]
pub struct Control(pub(crate) Shared);

impl Control {
    /// Switches a fault on, or all faults off.
    pub fn fault(&self, fault: Option<Fault>) {
        self.0.world().fault = fault;
    }

    /// Changes the world.
    pub fn set(&self, change: Change) {
        apply(&self.0, change);
    }

    /// Gives Radiant the token it polls with, or takes it away.
    pub fn credential(&self, token: Option<String>) {
        self.0.world().credential = token;
    }

    /// Lets events happen now.
    pub fn emit(&self, count: u32) {
        let mut world = self.0.world();
        let now = world.now();
        for _ in 0..count {
            world.append(now);
        }
    }

    /// Returns what was asked so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let world = self.0.world();
        Counters {
            requests: world.requests.clone(),
            authorized: world.authorized.clone(),
            events: world.log.len(),
            radiant_has: world.radiant_has,
            webhook: world.webhook.len(),
        }
    }

    /// Returns the latest requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.0.world().heard.iter().cloned().collect()
    }
}

fn label(kind: &str) -> &'static str {
    match kind {
        "SUPER_ADMIN" => "Super Administrator",
        "ORG_ADMIN" => "Organization Administrator",
        "READ_ONLY_ADMIN" => "Read-only Administrator",
        "USER_ADMIN" => "Group Administrator",
        "HELP_DESK_ADMIN" => "Help Desk Administrator",
        "APP_ADMIN" => "Application Administrator",
        "REPORT_ADMIN" => "Report Administrator",
        _ => "Custom role",
    }
}

fn apply(shared: &Shared, change: Change) {
    let mut world = shared.world();
    let now = world.now();
    match change {
        Change::Revoke { principal } => {
            world.each(&principal, |one| one.alive = false);
            world.token_event_of(TokenEvent::Revoke, &principal, now);
        }
        Change::Revive { principal } => world.each(&principal, |one| one.alive = true),
        Change::OwnerStatus { principal, status } => world.account(&principal, |one| one.status.clone_from(&status)),
        Change::Roles { principal, roles } => {
            world.account(&principal, |one| {
                one.roles = roles.iter().map(|kind| (kind.clone(), label(kind).to_owned())).collect();
            });
            world.privilege_event_of(&principal, now);
        }
        Change::Restrict { principal, on } => world.each(&principal, |one| one.restricted = on),
        Change::TokenMade { principal } => {
            world.each(&principal, |one| one.make(now));
            world.token_event_of(TokenEvent::Create, &principal, now);
        }
        Change::RadiantPolls { on } => world.options.radiant_polls = on,
        Change::RadiantLag { seconds } => world.options.radiant_lag = Duration::from_secs(seconds),
        Change::RadiantLeavesOut { types } => world.left_out = types.into_iter().collect(),
        Change::Happens { seconds_ago } => world.happens(now, TimeDelta::seconds(i64::from(seconds_ago))),
        Change::Passes { ms } => world.passes(TimeDelta::milliseconds(i64::try_from(ms).unwrap_or_default())),
        Change::Forgets { days } => world.forgets(now - TimeDelta::days(i64::from(days))),
        Change::EventsPerSecond { rate } => world.options.events_per_second = rate.clamp(0.0, 10_000.0),
        Change::RateLimit { limit } => world.options.rate_limit = limit,
        Change::OtherConsumers { requests } => world.other_consumers = requests,
        Change::Latency { ms } => world.options.latency = Duration::from_millis(ms),
        Change::ClockSkew { seconds } => world.skew = TimeDelta::seconds(seconds),
        Change::ReadOnlyMode { on } => world.read_only_mode = on,
        Change::Byob { on } => world.byob = on,
        Change::Organization { href, alternate } => {
            world.options.organization_href = href;
            world.options.alternate_href = alternate;
        }
        Change::Variants { variants } => world.variants = variants,
    }
}

#[derive(Deserialize)]
struct Credential {
    token: Option<String>,
}

#[derive(Deserialize)]
struct Emit {
    count: u32,
}

/// Answers one request to the control endpoint.
pub(crate) fn answer(shared: &Shared, asked: &Asked) -> Response<Body> {
    let own_host = asked.origin.split("://").nth(1);
    let secret = format!("Bearer {}", shared.world().control_secret);
    if asked.browser_origin.is_some() || asked.host.as_deref() != own_host {
        return text(StatusCode::FORBIDDEN, "application/json", "{\"error\":\"host\"}");
    }
    if asked.authorization.as_deref() != Some(secret.as_str()) {
        return text(StatusCode::UNAUTHORIZED, "application/json", "{\"error\":\"secret\"}");
    }
    let control = Control(shared.clone());
    let done = |read: bool| {
        let (status, body) =
            if read { (StatusCode::OK, "{}") } else { (StatusCode::BAD_REQUEST, "{\"error\":\"body\"}") };
        text(status, "application/json", body)
    };
    match (&asked.method, asked.path.as_str()) {
        (&Method::GET, "/counters") => text(StatusCode::OK, "application/json", &json!(control.counters()).to_string()),
        (&Method::GET, "/requests") => text(StatusCode::OK, "application/json", &json!(control.requests()).to_string()),
        (&Method::GET, "/card") => {
            text(StatusCode::OK, "application/json", &json!(control.0.world().card.clone()).to_string())
        }
        (&Method::POST, "/set") => done(serde_json::from_str(&asked.body).map(|change| control.set(change)).is_ok()),
        (&Method::POST, "/fault") => done(serde_json::from_str(&asked.body).map(|fault| control.fault(fault)).is_ok()),
        (&Method::POST, "/credential") => {
            done(serde_json::from_str::<Credential>(&asked.body).map(|given| control.credential(given.token)).is_ok())
        }
        (&Method::POST, "/emit") => {
            done(serde_json::from_str::<Emit>(&asked.body).map(|emit| control.emit(emit.count.min(10_000))).is_ok())
        }
        _ => text(StatusCode::NOT_FOUND, "application/json", "{\"error\":\"path\"}"),
    }
}
