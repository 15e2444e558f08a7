//! What a user has beside its object: sessions, tokens, devices, factors, groups and roles.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fixture_users;

/// Access and memberships of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAccessState {
    /// Sessions at Okta.
    pub sessions: u32,
    /// OAuth access and refresh tokens of apps.
    pub oauth_tokens: u32,
    /// Devices on which Okta remembers factors.
    pub remembered_devices: u32,
    /// SPEC UserFactorType values.
    pub factors: Vec<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// SPEC RoleType values; those of a token's owner are kept with its account.
    pub roles: Vec<String>,
    /// Status before the user was suspended.
    pub status_before_suspension: Option<String>,
}

impl Default for UserAccessState {
    fn default() -> Self {
        Self {
            sessions: 1,
            oauth_tokens: 1,
            remembered_devices: 1,
            factors: vec!["push".to_owned(), "sms".to_owned()],
            groups: vec!["Everyone".to_owned()],
            roles: Vec::new(),
            status_before_suspension: None,
        }
    }
}

impl UserAccessState {
    /// Adds what a sign-in leaves.
    pub(crate) fn sign_in(&mut self) {
        self.sessions += 1;
        self.oauth_tokens += 1;
        self.remembered_devices += 1;
    }
}

/// Returns the access of the fixture users by id. Who has never signed in has no session, and no factor without a password.
pub(crate) fn of_fixture_users() -> BTreeMap<String, UserAccessState> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<String>>();
    let access = |user: &fixture_users::FixtureUser| {
        let is_in = user.has_signed_in && matches!(user.status, "ACTIVE" | "PASSWORD_EXPIRED" | "LOCKED_OUT");
        let count = |number: u32| if is_in { number } else { 0 };
        UserAccessState {
            sessions: count(2),
            oauth_tokens: count(3),
            remembered_devices: count(1),
            factors: if user.has_signed_in { texts(&["push", "sms"]) } else { Vec::new() },
            groups: texts(user.groups),
            roles: texts(user.roles),
            status_before_suspension: (user.status == "SUSPENDED").then(|| "ACTIVE".to_owned()),
        }
    };
    fixture_users::ALL.iter().map(|user| (user.id.to_owned(), access(user))).collect()
}
