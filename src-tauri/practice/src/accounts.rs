//! The accounts of the practice organization that own an API token: service accounts and one person, all fictitious.
//!
//! A token has the rights of its owner (DOCS create-an-api-token).

use chrono::{DateTime, TimeDelta, Utc};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::random_ids_and_times::random_text;

/// An account and its token.
pub(crate) struct Principal {
    pub(crate) key: &'static str,
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) first_name: &'static str,
    pub(crate) last_name: &'static str,
    pub(crate) mobile: Option<&'static str>,
    /// SPEC UserStatus.
    pub(crate) status: String,
    pub(crate) status_changed: DateTime<Utc>,
    /// SPEC RoleType values.
    pub(crate) roles: Vec<String>,
    pub(crate) token: String,
    pub(crate) token_id: String,
    pub(crate) token_name: &'static str,
    /// Whether the token exists and has neither expired nor been revoked.
    pub(crate) has_valid_token: bool,
    /// Whether the token is restricted to another network.
    pub(crate) is_restricted: bool,
    /// Whether this is the second token of an account that is listed already.
    pub(crate) is_second_token: bool,
    /// Whether the account does not exist before its token is created.
    pub(crate) is_planned: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) renewed: DateTime<Utc>,
    pub(crate) last_login: DateTime<Utc>,
}

impl Principal {
    /// Returns the account as the actor of an event.
    pub(crate) fn actor(&self) -> Value {
        json!({"id": self.id, "type": "User", "alternateId": self.login,
            "displayName": format!("{} {}", self.first_name, self.last_name), "detailEntry": null})
    }

    /// Tells whether the account is a person's.
    pub(crate) fn is_person(&self) -> bool {
        self.mobile.is_some()
    }

    /// Tells whether Okta accepts the token (DOCS create-an-api-token: only while it is valid and its owner is active).
    pub(crate) fn is_accepted(&self) -> bool {
        self.has_valid_token && self.status == "ACTIVE"
    }

    /// Creates a token that does not exist yet, with its account where that is planned; the others exist already.
    pub(crate) fn create_token(&mut self, now: DateTime<Utc>) {
        if (self.is_second_token || self.is_planned) && !self.has_valid_token {
            (self.has_valid_token, self.created, self.renewed) = (true, now, now);
        }
        if std::mem::take(&mut self.is_planned) {
            (self.status_changed, self.last_login) = (now, now);
        }
    }

    /// Renews the token after a call (DOCS: for 30 days; REAL: throttled, two calls a second apart show the same values).
    pub(crate) fn renew(&mut self, now: DateTime<Utc>) {
        if now - self.renewed > TimeDelta::minutes(1) {
            self.renewed = now;
        }
    }

    pub(crate) fn has_role(&self, roles: &[&str]) -> bool {
        self.roles.iter().any(|role| roles.contains(&role.as_str()))
    }

    /// Tells whether the account may read the System Log (HELP comparison of administrator roles).
    pub(crate) fn can_read_logs(&self) -> bool {
        self.has_role(&["SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", "APP_ADMIN"])
    }
}

/// Returns Okta's label of a role type (SPEC RoleType).
pub(crate) fn role_label(role: &str) -> &'static str {
    match role {
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

/// Key, login, first name, last name, role and token name of each account.
type Template = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const PERSON: &str = "person_super_admin";
const RADIANT_TOKEN: &str = "Radiant Security API Token";
const TEMPLATES: [Template; 7] = [
    ("super_admin", "svc-radiant@practice.example", "Radiant", "Service", "SUPER_ADMIN", RADIANT_TOKEN),
    ("org_admin", "svc-radiant-org@practice.example", "Radiant", "Service", "ORG_ADMIN", RADIANT_TOKEN),
    ("read_only", "svc-radiant-read@practice.example", "Radiant", "Service", "READ_ONLY_ADMIN", RADIANT_TOKEN),
    (PERSON, "jo.marsh@practice.example", "Jo", "Marsh", "SUPER_ADMIN", "jo test"),
    ("expired", "svc-old@practice.example", "Old", "Service", "SUPER_ADMIN", "Old SIEM"),
    ("owner_deactivated", "svc-left@practice.example", "Left", "Service", "SUPER_ADMIN", "Left behind"),
    ("network_restricted", "svc-office@practice.example", "Office", "Service", "SUPER_ADMIN", "Office only"),
];

/// Creates the accounts, each with its token.
pub(crate) fn principals(rng: &mut StdRng, now: DateTime<Utc>) -> Vec<Principal> {
    let principal = |(key, login, first_name, last_name, role, token_name): Template| Principal {
        key,
        id: format!("00u{}", random_text(rng, 17)),
        login: login.to_owned(),
        first_name,
        last_name,
        mobile: (key == PERSON).then_some("+1 555 0100"),
        status: if key == "owner_deactivated" { "DEPROVISIONED" } else { "ACTIVE" }.to_owned(),
        status_changed: now - TimeDelta::days(20),
        roles: vec![role.to_owned()],
        token: format!("00{}", random_text(rng, 40)),
        token_id: format!("00T{}", random_text(rng, 17)),
        token_name,
        has_valid_token: key != "expired",
        is_restricted: key == "network_restricted",
        is_second_token: false,
        is_planned: false,
        created: now - TimeDelta::days(20),
        renewed: now - TimeDelta::days(if key == "expired" { 31 } else { 2 }),
        // A person signs in often; a service account signed in once, to create its token.
        last_login: if key == PERSON { now - TimeDelta::hours(25) } else { now - TimeDelta::days(20) },
    };
    TEMPLATES.into_iter().map(principal).collect()
}

/// Returns the second token of an account, not created yet. Its own random numbers leave the others as they are.
pub(crate) fn second_token(owner: &Principal, key: &'static str, seed: u64, now: DateTime<Utc>) -> Principal {
    let mut rng = StdRng::seed_from_u64(!seed);
    Principal {
        key,
        id: owner.id.clone(),
        login: owner.login.clone(),
        status: owner.status.clone(),
        roles: owner.roles.clone(),
        token: format!("00{}", random_text(&mut rng, 40)),
        token_id: format!("00T{}", random_text(&mut rng, 17)),
        token_name: "Radiant Security API Token (second)",
        has_valid_token: false,
        is_second_token: true,
        is_planned: false,
        created: now,
        renewed: now,
        ..*owner
    }
}

/// Returns another service account with the role of the first, not created yet. Its own random numbers leave the others as they
/// are.
pub(crate) fn planned_account(first: &Principal, seed: u64, now: DateTime<Utc>) -> Principal {
    let mut rng = StdRng::seed_from_u64(!seed);
    Principal {
        key: "other_super_admin",
        id: format!("00u{}", random_text(&mut rng, 17)),
        login: "svc-radiant-2@practice.example".to_owned(),
        status: "ACTIVE".to_owned(),
        roles: first.roles.clone(),
        token: format!("00{}", random_text(&mut rng, 40)),
        token_id: format!("00T{}", random_text(&mut rng, 17)),
        token_name: RADIANT_TOKEN,
        has_valid_token: false,
        is_planned: true,
        created: now,
        renewed: now,
        ..*first
    }
}
