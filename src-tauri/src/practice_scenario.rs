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

/// Owners whose tokens work when no scenario is active, with their role.
const OWNERS: [(&str, &str); 4] = [
    ("super_admin", "SUPER_ADMIN"),
    ("org_admin", "ORG_ADMIN"),
    ("read_only", "READ_ONLY_ADMIN"),
    ("person_super_admin", "SUPER_ADMIN"),
];

/// Delivery delay when no scenario is active, in seconds.
const NORMAL_DELAY_S: u64 = 3;

/// Starts a scenario and ends every other.
pub(crate) fn apply(control: &Control, scenario: Option<PracticeScenario>) {
    control.fault(scenario.and_then(fault));
    for change in org_state(scenario).into_iter().chain(OWNERS.iter().flat_map(|owner| owner_state(owner, scenario))) {
        control.set(change);
    }
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

/// Returns the state of one owner and their token for a scenario.
fn owner_state(&(owner, role): &(&str, &str), scenario: Option<PracticeScenario>) -> [Change; 4] {
    let is = |one| scenario == Some(one);
    let principal = owner.to_owned();
    let status = if is(PracticeScenario::OwnerDeactivated) { "DEPROVISIONED" } else { "ACTIVE" };
    let role = if is(PracticeScenario::RightLost) { "HELP_DESK_ADMIN" } else { role };
    [
        match is(PracticeScenario::TokenRevoked) {
            true => Change::Revoke { principal: principal.clone() },
            false => Change::Revive { principal: principal.clone() },
        },
        Change::OwnerStatus { principal: principal.clone(), status: status.to_owned() },
        Change::Roles { principal: principal.clone(), roles: vec![role.to_owned()] },
        Change::Restrict { principal, on: is(PracticeScenario::TokenRestricted) },
    ]
}
