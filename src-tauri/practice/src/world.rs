//! The state of one practice organisation: people, tokens, the System Log, what Radiant has read.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::events;
use crate::fault::Fault;
use crate::limits::Limits;
use crate::start::Options;
use crate::variants::Variants;

/// An account and the token it made.
pub(crate) struct Principal {
    pub(crate) key: &'static str,
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) mobile: Option<&'static str>,
    pub(crate) status: String,
    /// Role types and Okta's labels.
    pub(crate) roles: Vec<(String, String)>,
    pub(crate) token: String,
    pub(crate) token_id: String,
    pub(crate) token_name: &'static str,
    pub(crate) alive: bool,
    pub(crate) restricted: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) renewed: DateTime<Utc>,
}

impl Principal {
    pub(crate) fn has(&self, kinds: &[&str]) -> bool {
        self.roles.iter().any(|(kind, _)| kinds.contains(&kind.as_str()))
    }

    /// Who may read the System Log (HELP comparison of administrator roles).
    pub(crate) fn reads_logs(&self) -> bool {
        self.has(&["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", "APP_ADMIN"])
    }
}

/// One event in persistence order.
pub(crate) struct Stored {
    pub(crate) persisted: DateTime<Utc>,
    pub(crate) published: DateTime<Utc>,
    pub(crate) value: Value,
}

pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) variants: Variants,
    pub(crate) rng: StdRng,
    pub(crate) org_id: String,
    pub(crate) principals: Vec<Principal>,
    pub(crate) users: Vec<Value>,
    pub(crate) log: Vec<Stored>,
    pub(crate) limits: Limits,
    pub(crate) fault: Option<Fault>,
    pub(crate) skew: TimeDelta,
    pub(crate) read_only_mode: bool,
    pub(crate) other_consumers: u32,
    pub(crate) byob: bool,
    /// The token Radiant was given.
    pub(crate) credential: Option<String>,
    /// How many events Radiant holds.
    pub(crate) radiant_has: usize,
    pub(crate) search_token: String,
    pub(crate) events_token: String,
    pub(crate) control_secret: String,
    /// Requests by side and path.
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) number: u64,
    pub(crate) emitted: f64,
}

/// Roles by their type and Okta's label (SPEC RoleType).
const SUPER: (&str, &str) = ("SUPER_ADMIN", "Super Administrator");
const ORG: (&str, &str) = ("ORG_ADMIN", "Organization Administrator");
const READ_ONLY: (&str, &str) = ("READ_ONLY_ADMIN", "Read-only Administrator");

impl World {
    pub(crate) fn new(options: Options, now: DateTime<Utc>) -> Self {
        let mut rng = StdRng::seed_from_u64(options.seed);
        let principals = principals(&mut rng, now);
        let users = (0..options.users).map(|n| events::person(&mut rng, n, now)).collect();
        let mut world = Self {
            variants: options.variants.clone(),
            org_id: format!("00o{}", word(&mut rng, 17)),
            principals,
            users,
            log: Vec::new(),
            limits: Limits::default(),
            fault: None,
            skew: TimeDelta::zero(),
            read_only_mode: false,
            other_consumers: 0,
            byob: false,
            credential: None,
            radiant_has: 0,
            search_token: word(&mut rng, 48),
            events_token: word(&mut rng, 48),
            control_secret: word(&mut rng, 32),
            requests: BTreeMap::new(),
            number: 0,
            emitted: 0.0,
            rng,
            options,
        };
        world.backfill(now);
        world
    }

    /// The past day's events, oldest first; every seventh was published up to 90 s before it was persisted.
    fn backfill(&mut self, now: DateTime<Utc>) {
        let count = i64::from(self.options.backfill.max(1));
        for n in 0..i64::from(self.options.backfill) {
            let persisted = now - TimeDelta::seconds((count - n) * 86_000 / count);
            self.append(persisted);
        }
        let created: Vec<Value> = self
            .principals
            .iter()
            .map(|principal| events::token_created(principal, now - TimeDelta::days(20)))
            .collect();
        for value in created {
            let at = now - TimeDelta::days(20);
            self.log.insert(0, Stored { persisted: at, published: at, value });
        }
    }

    /// Appends one made-up event.
    pub(crate) fn append(&mut self, persisted: DateTime<Utc>) {
        let late = if self.rng.random_ratio(1, 7) { self.rng.random_range(1..90) } else { 0 };
        let published = persisted - TimeDelta::seconds(late);
        let value = events::event(&mut self.rng, &self.users, published);
        self.log.push(Stored { persisted, published, value });
    }

    /// Notes that a principal's token was made now, as the System Log would.
    pub(crate) fn token_made(&mut self, key: &str, now: DateTime<Utc>) {
        let made = self.principals.iter().find(|one| one.key == key).map(|one| events::token_created(one, now));
        if let Some(value) = made {
            self.log.push(Stored { persisted: now, published: now, value });
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.skew
    }

    /// Lets time pass: new events, and what Radiant reads.
    pub(crate) fn tick(&mut self, seconds: f64) {
        let now = self.now();
        self.emitted += seconds * self.options.events_per_second;
        while self.emitted >= 1.0 {
            self.emitted -= 1.0;
            self.append(now);
        }
        let lag = TimeDelta::from_std(self.options.radiant_lag).unwrap_or_default();
        if self.radiant_reads() {
            while self.log.get(self.radiant_has).is_some_and(|event| event.persisted <= now - lag) {
                self.radiant_has += 1;
            }
        }
    }

    /// Whether Radiant polls, with a token that Okta accepts and that may read the System Log.
    fn radiant_reads(&self) -> bool {
        let given = self.credential.as_deref();
        let alive = |one: &Principal| one.alive && one.status == "ACTIVE" && !one.restricted && one.reads_logs();
        self.options.radiant_polls && self.principals.iter().any(|one| Some(one.token.as_str()) == given && alive(one))
    }
}

/// Random letters and digits.
pub(crate) fn word(rng: &mut StdRng, length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

struct Kind {
    key: &'static str,
    login: &'static str,
    first: &'static str,
    last: &'static str,
    mobile: Option<&'static str>,
    roles: &'static [(&'static str, &'static str)],
    token_name: &'static str,
}

const KINDS: [Kind; 7] = [
    Kind {
        key: "super_admin",
        login: "svc-radiant@practice.example",
        first: "Radiant",
        last: "Service",
        mobile: None,
        roles: &[SUPER],
        token_name: "Radiant Security API Token",
    },
    Kind {
        key: "org_admin",
        login: "svc-radiant-org@practice.example",
        first: "Radiant",
        last: "Service",
        mobile: None,
        roles: &[ORG],
        token_name: "Radiant Security API Token",
    },
    Kind {
        key: "read_only",
        login: "svc-radiant-read@practice.example",
        first: "Radiant",
        last: "Service",
        mobile: None,
        roles: &[READ_ONLY],
        token_name: "Radiant Security API Token",
    },
    Kind {
        key: "person_super_admin",
        login: "jo.marsh@practice.example",
        first: "Jo",
        last: "Marsh",
        mobile: Some("+1 555 0100"),
        roles: &[SUPER],
        token_name: "jo test",
    },
    Kind {
        key: "expired",
        login: "svc-old@practice.example",
        first: "Old",
        last: "Service",
        mobile: None,
        roles: &[SUPER],
        token_name: "Old SIEM",
    },
    Kind {
        key: "owner_deactivated",
        login: "svc-left@practice.example",
        first: "Left",
        last: "Service",
        mobile: None,
        roles: &[SUPER],
        token_name: "Left behind",
    },
    Kind {
        key: "network_restricted",
        login: "svc-office@practice.example",
        first: "Office",
        last: "Service",
        mobile: None,
        roles: &[SUPER],
        token_name: "Office only",
    },
];

fn principals(rng: &mut StdRng, now: DateTime<Utc>) -> Vec<Principal> {
    KINDS
        .iter()
        .map(|kind| Principal {
            key: kind.key,
            id: format!("00u{}", word(rng, 17)),
            login: kind.login.to_owned(),
            first: kind.first,
            last: kind.last,
            mobile: kind.mobile,
            status: if kind.key == "owner_deactivated" { "DEPROVISIONED" } else { "ACTIVE" }.to_owned(),
            roles: kind.roles.iter().map(|(kind, label)| ((*kind).to_owned(), (*label).to_owned())).collect(),
            token: format!("00{}", word(rng, 40)),
            token_id: format!("00T{}", word(rng, 17)),
            token_name: kind.token_name,
            alive: kind.key != "expired",
            restricted: kind.key == "network_restricted",
            created: now - TimeDelta::days(20),
            renewed: now - TimeDelta::days(if kind.key == "expired" { 31 } else { 2 }),
        })
        .collect()
}

/// Okta's time format: milliseconds and `Z`.
pub(crate) fn time(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
}

impl World {
    /// Changes a principal by its key.
    pub(crate) fn each(&mut self, key: &str, change: impl Fn(&mut Principal)) {
        self.principals.iter_mut().filter(|one| one.key == key).for_each(change);
    }
}
