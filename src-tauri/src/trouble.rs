//! Troubles the practice organisation can be put into from the window, to see what the guide says.
//!
//! A trouble is a name; what it does at the wire is the practice organisation's own affair.

use practice::{Change, Control, Fault, FaultKind, Side, Variants};
use serde::{Deserialize, Serialize};
use specta::Type;

/// One trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// Okta answers 503.
    OktaDown,
    /// Okta's rate limit is used up for a while.
    RateLimited,
    /// Okta answers after four seconds.
    Slow,
    /// Okta's answers break off.
    Truncated,
    /// A network's sign-in page answers instead of Okta.
    CaptivePortal,
    /// The System Log's next link points to another address.
    ForeignNext,
    /// Okta redirects to another address.
    Redirect,
    /// Okta is in read-only mode.
    ReadOnlyMode,
    /// Radiant does not read the System Log.
    RadiantNotPolling,
    /// Radiant reads it ten minutes late.
    RadiantLag,
    /// Radiant's search answers 503.
    RadiantDown,
    /// Okta's clock is ten minutes ahead of this computer's.
    ClockOff,
    /// Radiant's search does not know the index.
    WrongIndex,
    /// Radiant's search wants the header of tenants with their own bucket.
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

/// Principals whose tokens work when nothing is wrong, with their role.
const OWNERS: [(&str, &str); 4] = [
    ("super_admin", "SUPER_ADMIN"),
    ("org_admin", "ORG_ADMIN"),
    ("read_only", "READ_ONLY_ADMIN"),
    ("person_super_admin", "SUPER_ADMIN"),
];

/// How long Radiant takes to read an event when nothing is wrong, in seconds.
const USUAL_LAG_S: u64 = 3;

/// Puts the practice organisation into `trouble`, and out of every other.
pub(crate) fn apply(control: &Control, trouble: Option<Trouble>) {
    control.fault(trouble.and_then(fault));
    for change in world(trouble).into_iter().chain(OWNERS.iter().flat_map(|owner| of_owner(owner, trouble))) {
        control.set(change);
    }
}

/// What goes wrong at the wire.
fn fault(trouble: Trouble) -> Option<Fault> {
    let down = FaultKind::Status { status: 503, code: "E0000009".to_owned() };
    let elsewhere = "https://elsewhere.example".to_owned();
    let (side, kind) = match trouble {
        Trouble::OktaDown => (Side::Okta, down),
        Trouble::RadiantDown => (Side::Radiant, down),
        Trouble::RateLimited => (Side::Okta, FaultKind::RateLimited { reset_s: 15 }),
        Trouble::Slow => (Side::Okta, FaultKind::Slow { ms: 4_000 }),
        Trouble::Truncated => (Side::Okta, FaultKind::Truncate),
        Trouble::CaptivePortal => (Side::Okta, FaultKind::CaptivePage),
        Trouble::ForeignNext => (Side::Okta, FaultKind::ForeignNext { to: elsewhere }),
        Trouble::Redirect => (Side::Okta, FaultKind::Redirect { to: elsewhere }),
        Trouble::ReadOnlyMode
        | Trouble::RadiantNotPolling
        | Trouble::RadiantLag
        | Trouble::ClockOff
        | Trouble::WrongIndex
        | Trouble::ByobNeeded
        | Trouble::TokenRevoked
        | Trouble::OwnerDeactivated
        | Trouble::RightLost
        | Trouble::TokenRestricted => return None,
    };
    Some(Fault::on(side, kind))
}

/// What is otherwise in the world: everything as usual but for the trouble.
fn world(trouble: Option<Trouble>) -> [Change; 6] {
    let is = |one| trouble == Some(one);
    let index = if is(Trouble::WrongIndex) { "another-index".to_owned() } else { Variants::default().index };
    [
        Change::ReadOnlyMode { on: is(Trouble::ReadOnlyMode) },
        Change::RadiantPolls { on: !is(Trouble::RadiantNotPolling) },
        Change::RadiantLag { seconds: if is(Trouble::RadiantLag) { 600 } else { USUAL_LAG_S } },
        Change::ClockSkew { seconds: if is(Trouble::ClockOff) { 600 } else { 0 } },
        Change::Byob { on: is(Trouble::ByobNeeded) },
        Change::Variants { variants: Variants { index, ..Variants::default() } },
    ]
}

/// What is with one owner and their token.
fn of_owner(&(owner, role): &(&str, &str), trouble: Option<Trouble>) -> [Change; 4] {
    let is = |one| trouble == Some(one);
    let principal = owner.to_owned();
    let status = if is(Trouble::OwnerDeactivated) { "DEPROVISIONED" } else { "ACTIVE" };
    let role = if is(Trouble::RightLost) { "HELP_DESK_ADMIN" } else { role };
    [
        match is(Trouble::TokenRevoked) {
            true => Change::Revoke { principal: principal.clone() },
            false => Change::Revive { principal: principal.clone() },
        },
        Change::OwnerStatus { principal: principal.clone(), status: status.to_owned() },
        Change::Roles { principal: principal.clone(), roles: vec![role.to_owned()] },
        Change::Restrict { principal, on: is(Trouble::TokenRestricted) },
    ]
}
