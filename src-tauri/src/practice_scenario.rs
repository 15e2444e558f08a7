//! Scenarios of the practice organization that the window can start, to see how the guide responds to a failure.

use practice::{Change, Control, EdgeBody, Fault, FaultKind, Side, Variants};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A failure that the practice organization simulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PracticeScenario {
    /// Okta responds with 503.
    OktaDown,
    /// Okta's rate limit is exhausted for a while.
    RateLimited,
    /// Okta responds after four seconds.
    Slow,
    /// Okta's responses are truncated.
    Truncated,
    /// A network's sign-in page responds in place of Okta.
    CaptivePortal,
    /// Okta refuses this computer's outgoing address.
    AddressBlocked,
    /// Okta no longer knows the org.
    OrgUnknown,
    /// The System Log's next link points to another address.
    ForeignNext,
    /// Okta redirects to another address.
    Redirect,
    /// Okta is in read-only mode.
    ReadOnlyMode,
    /// Radiant does not read the System Log.
    RadiantNotPolling,
    /// Radiant reads the System Log ten minutes late.
    RadiantLag,
    /// Radiant's search responds with 503.
    RadiantDown,
    /// Okta's clock is ten minutes ahead of this computer's clock.
    ClockOff,
    /// Radiant's search does not know the index.
    WrongIndex,
    /// Radiant's search requires the header for tenants with their own bucket.
    ByobNeeded,
    /// The token is revoked.
    TokenRevoked,
    /// The token's owner is deactivated.
    OwnerDeactivated,
    /// The token's owner loses the right to read the System Log.
    RightLost,
    /// The token is restricted to another network.
    TokenRestricted,
}

/// The principals whose tokens work when no scenario is active, with the role of their account. The second tokens of
/// two accounts are among them: after a rotation, the connection works with one.
const PRINCIPALS: [(&str, &str); 7] = [
    ("super_admin", "SUPER_ADMIN"),
    ("other_super_admin", "SUPER_ADMIN"),
    ("other_super_admin_next", "SUPER_ADMIN"),
    ("super_admin_next", "SUPER_ADMIN"),
    ("org_admin", "ORG_ADMIN"),
    ("read_only", "READ_ONLY_ADMIN"),
    ("person_super_admin", "SUPER_ADMIN"),
];

/// Delivery delay when no scenario is active, in seconds.
const NORMAL_DELAY_S: u64 = 3;

/// The active scenario, and what has to be undone when it ends.
#[derive(Debug, Default)]
pub(crate) struct ActiveScenario {
    scenario: Option<PracticeScenario>,
    /// The principal whose account and token the scenario leaves as they are.
    spared: Option<&'static str>,
    /// The principals whose token the scenario revoked. A token that a rotation revoked is not among them and stays revoked.
    revoked: Vec<&'static str>,
}

impl ActiveScenario {
    /// Returns the scenario.
    pub(crate) fn scenario(&self) -> Option<PracticeScenario> {
        self.scenario
    }

    /// Returns the principal whose token works while a scenario that concerns tokens is active.
    pub(crate) fn spared(&self) -> Option<&'static str> {
        self.spared
    }

    /// Starts a scenario and ends the one before, or only ends it. What both have in common is left as it is, so that the System
    /// Log shows no change that nobody made. The token of the principal `unused` is spared, as it takes the place of the others.
    pub(crate) fn switch(&mut self, control: &Control, next: Option<PracticeScenario>, unused: Option<&'static str>) {
        let before = self.scenario;
        let spared_before = self.spared;
        self.scenario = next;
        self.spared = unused.filter(|_| next.is_some_and(concerns_tokens));
        control.fault(next.and_then(fault));
        let now = org_state(before);
        for change in org_state(next).into_iter().filter(|change| !now.contains(change)) {
            control.set(change);
        }
        if before == Some(PracticeScenario::ClockOff) && next != before {
            control.set(Change::ResetClock);
        }
        for principal in PRINCIPALS {
            let now = owner_state(principal, before.filter(|_| !is_spared(spared_before, principal.0)));
            let then = owner_state(principal, next.filter(|_| !is_spared(self.spared, principal.0)));
            for change in then.into_iter().filter(|change| !now.contains(change)) {
                control.set(change);
            }
        }
        if next != before || self.spared != spared_before {
            self.switch_tokens(control);
        }
    }

    /// Makes the tokens valid again that the scenario before revoked, and revokes those that work where this one does that.
    fn switch_tokens(&mut self, control: &Control) {
        for principal in self.revoked.drain(..) {
            control.set(Change::Revive { principal: principal.to_owned() });
        }
        if self.scenario == Some(PracticeScenario::TokenRevoked) {
            let keys = PRINCIPALS.iter().map(|(key, _)| *key).filter(|key| !is_spared(self.spared, key));
            self.revoked = keys.filter(|key| control.has_valid_token(key)).collect();
            for principal in &self.revoked {
                control.set(Change::Revoke { principal: (*principal).to_owned() });
            }
        }
    }
}

/// Tells whether a scenario changes tokens or their owners.
fn concerns_tokens(scenario: PracticeScenario) -> bool {
    matches!(
        scenario,
        PracticeScenario::TokenRevoked
            | PracticeScenario::OwnerDeactivated
            | PracticeScenario::RightLost
            | PracticeScenario::TokenRestricted
    )
}

/// Tells whether a principal is the spared one, or the second token of its account.
fn is_spared(spared: Option<&str>, principal: &str) -> bool {
    spared.is_some_and(|spared| principal == spared || principal.strip_suffix("_next") == Some(spared))
}

/// Returns the fault that the servers simulate for a scenario.
fn fault(scenario: PracticeScenario) -> Option<Fault> {
    let down = FaultKind::Status { status: 503, code: "E0000009".to_owned() };
    let edge = |status| FaultKind::Edge { status, body: EdgeBody::Page, okta_headers: true };
    let other_host = "https://elsewhere.example".to_owned();
    let (side, kind) = match scenario {
        PracticeScenario::OktaDown => (Side::Okta, down),
        PracticeScenario::RadiantDown => (Side::Radiant, down),
        PracticeScenario::RateLimited => (Side::Okta, FaultKind::RateLimited { reset_s: 15 }),
        PracticeScenario::Slow => (Side::Okta, FaultKind::Slow { ms: 4_000 }),
        PracticeScenario::Truncated => (Side::Okta, FaultKind::Truncate),
        PracticeScenario::CaptivePortal => (Side::Okta, FaultKind::CaptivePage),
        PracticeScenario::AddressBlocked => (Side::Okta, edge(403)),
        PracticeScenario::OrgUnknown => (Side::Okta, edge(404)),
        PracticeScenario::ForeignNext => (Side::Okta, FaultKind::ForeignNext { to: other_host }),
        PracticeScenario::Redirect => (Side::Okta, FaultKind::OktaRedirect { to: other_host }),
        PracticeScenario::ReadOnlyMode
        | PracticeScenario::RadiantNotPolling
        | PracticeScenario::RadiantLag
        | PracticeScenario::ClockOff
        | PracticeScenario::WrongIndex
        | PracticeScenario::ByobNeeded
        | PracticeScenario::TokenRevoked
        | PracticeScenario::OwnerDeactivated
        | PracticeScenario::RightLost
        | PracticeScenario::TokenRestricted => return None,
    };
    Some(Fault::on(side, kind))
}

/// Returns the state of the organization for a scenario; everything else is normal.
fn org_state(scenario: Option<PracticeScenario>) -> [Change; 6] {
    let is = |one| scenario == Some(one);
    let index = if is(PracticeScenario::WrongIndex) { "another-index".to_owned() } else { Variants::default().index };
    [
        Change::ReadOnlyMode { on: is(PracticeScenario::ReadOnlyMode) },
        Change::RadiantPolls { on: !is(PracticeScenario::RadiantNotPolling) },
        Change::RadiantLag { seconds: if is(PracticeScenario::RadiantLag) { 600 } else { NORMAL_DELAY_S } },
        Change::ClockSkew { seconds: if is(PracticeScenario::ClockOff) { 600 } else { 0 } },
        Change::Byob { on: is(PracticeScenario::ByobNeeded) },
        Change::Variants { variants: Variants { index, ..Variants::default() } },
    ]
}

/// Returns the state of one account and its token for a scenario.
fn owner_state((principal, role): (&str, &str), scenario: Option<PracticeScenario>) -> [Change; 3] {
    let is = |one| scenario == Some(one);
    let principal = principal.to_owned();
    let status = if is(PracticeScenario::OwnerDeactivated) { "DEPROVISIONED" } else { "ACTIVE" };
    let role = if is(PracticeScenario::RightLost) { "HELP_DESK_ADMIN" } else { role };
    [
        Change::OwnerStatus { principal: principal.clone(), status: status.to_owned() },
        Change::Roles { principal: principal.clone(), roles: vec![role.to_owned()] },
        Change::Restrict { principal, on: is(PracticeScenario::TokenRestricted) },
    ]
}

#[cfg(test)]
mod tests {
    use practice::{Change, Options, Practice};

    use super::{ActiveScenario, PracticeScenario};

    #[tokio::test]
    async fn a_token_that_a_rotation_revoked_stays_revoked_and_the_new_one_is_simulated_in_its_place() {
        let practice = Practice::start(Options::default()).await.unwrap();
        let control = practice.control();
        let valid = |key: &str| control.has_valid_token(key);
        control.set(Change::TokenMade { principal: "super_admin_next".to_owned() });
        control.set(Change::Revoke { principal: "super_admin".to_owned() });
        let mut active = ActiveScenario::default();
        active.switch(&control, Some(PracticeScenario::TokenRevoked), None);
        assert!(!valid("super_admin_next") && !valid("org_admin"));
        active.switch(&control, None, None);
        assert_eq!(active.scenario(), None);
        assert!(valid("super_admin_next") && valid("org_admin"));
        assert!(!valid("super_admin"), "the rotation revoked it");
    }

    #[tokio::test]
    async fn the_end_of_a_scenario_adds_no_event_about_what_it_did_not_change() {
        let practice = Practice::start(Options::default()).await.unwrap();
        let control = practice.control();
        let mut active = ActiveScenario::default();
        let before = control.events().len();
        active.switch(&control, Some(PracticeScenario::OktaDown), None);
        active.switch(&control, None, None);
        assert_eq!(control.events().len(), before);
    }

    #[tokio::test]
    async fn no_event_lies_ahead_after_the_clock_was_off() {
        let practice = Practice::start(Options::default()).await.unwrap();
        let control = practice.control();
        let mut active = ActiveScenario::default();
        active.switch(&control, Some(PracticeScenario::ClockOff), None);
        control.emit(20);
        let newest = |events: Vec<serde_json::Value>| {
            events.iter().map(|one| one["published"].as_str().unwrap().to_owned()).max()
        };
        let ahead = newest(control.events());
        active.switch(&control, None, None);
        control.emit(1);
        let count = control.events().len();
        let last = control.events()[count - 1]["published"].as_str().unwrap().to_owned();
        let newest = newest(control.events());
        assert!(newest < ahead, "{newest:?} {ahead:?}");
        // The newest of the events meanwhile is at most 90 s older than its arrival, as every event may be late.
        assert!(last <= newest.unwrap());
    }
}
