//! The accounts of the practice organisation that own an API token: service accounts and one person.
//!
//! Each owner's rights are the rights of its token (DOCS create-an-api-token). Nobody here exists.

use chrono::{DateTime, TimeDelta, Utc};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::world::word;

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
    /// It is the second token of an account that is listed already.
    pub(crate) second: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) renewed: DateTime<Utc>,
    pub(crate) last_login: DateTime<Utc>,
}

impl Principal {
    /// Who the account is in an event.
    pub(crate) fn actor(&self) -> Value {
        json!({"id": self.id, "type": "User", "alternateId": self.login,
            "displayName": format!("{} {}", self.first, self.last), "detailEntry": null})
    }

    /// Whether Okta accepts its token (DOCS create-an-api-token: only while it lives and its owner is active).
    pub(crate) fn accepted(&self) -> bool {
        self.alive && self.status == "ACTIVE"
    }

    /// Its token is made now; one that was made before only says so in the System Log.
    pub(crate) fn make(&mut self, now: DateTime<Utc>) {
        if self.second && !self.alive {
            (self.alive, self.created, self.renewed) = (true, now, now);
        }
    }

    /// A call renews the token for 30 days (DOCS). REAL: throttled, two calls a second apart show the same values.
    pub(crate) fn renew(&mut self, now: DateTime<Utc>) {
        if now - self.renewed > TimeDelta::minutes(1) {
            self.renewed = now;
        }
    }

    pub(crate) fn has(&self, kinds: &[&str]) -> bool {
        self.roles.iter().any(|(kind, _)| kinds.contains(&kind.as_str()))
    }

    /// Who may read the System Log (HELP comparison of administrator roles).
    pub(crate) fn reads_logs(&self) -> bool {
        self.has(&["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", "APP_ADMIN"])
    }
}

/// Roles by their type and Okta's label (SPEC RoleType).
const SUPER: (&str, &str) = ("SUPER_ADMIN", "Super Administrator");
const ORG: (&str, &str) = ("ORG_ADMIN", "Organization Administrator");
const READ_ONLY: (&str, &str) = ("READ_ONLY_ADMIN", "Read-only Administrator");

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

/// Makes the accounts, each with its token.
pub(crate) fn principals(rng: &mut StdRng, now: DateTime<Utc>) -> Vec<Principal> {
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
            second: false,
            created: now - TimeDelta::days(20),
            renewed: now - TimeDelta::days(if kind.key == "expired" { 31 } else { 2 }),
            // A person signs in; a service account did so once, to make its token.
            last_login: if kind.mobile.is_some() { now - TimeDelta::hours(25) } else { now - TimeDelta::days(20) },
        })
        .collect()
}

/// Another token of the first account, not made yet. Its randomness is its own: it moves nobody else's.
pub(crate) fn second(of: &Principal, seed: u64, now: DateTime<Utc>) -> Principal {
    let mut rng = StdRng::seed_from_u64(!seed);
    Principal {
        key: "super_admin_next",
        id: of.id.clone(),
        login: of.login.clone(),
        status: of.status.clone(),
        roles: of.roles.clone(),
        token: format!("00{}", word(&mut rng, 40)),
        token_id: format!("00T{}", word(&mut rng, 17)),
        token_name: "Radiant Security API Token (second)",
        alive: false,
        second: true,
        created: now,
        renewed: now,
        ..*of
    }
}
