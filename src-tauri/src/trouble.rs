//! Troubles the practice organisation can be put into from the window, to see what the guide says.
//!
//! A trouble is a name; what it does at the wire is the practice organisation's own affair.

use practice::{Control, Fault, FaultKind, Side};
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
}

/// Puts the practice organisation into `trouble`, and out of every other.
pub(crate) fn apply(control: &Control, trouble: Option<Trouble>) {
    control.fault(trouble.and_then(fault));
}

fn fault(trouble: Trouble) -> Option<Fault> {
    let down = |side| Fault::on(side, FaultKind::Status { status: 503, code: "E0000009".to_owned() });
    Some(match trouble {
        Trouble::OktaDown => down(Side::Okta),
        Trouble::RadiantDown => down(Side::Radiant),
        Trouble::RateLimited => Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: 30 }),
        Trouble::Slow => Fault::on(Side::Okta, FaultKind::Slow { ms: 4_000 }),
        Trouble::Truncated => Fault::on(Side::Okta, FaultKind::Truncate),
        Trouble::CaptivePortal => Fault::on(Side::Okta, FaultKind::CaptivePage),
        Trouble::ForeignNext => {
            Fault::on(Side::Okta, FaultKind::ForeignNext { to: "https://elsewhere.example".to_owned() })
        }
        Trouble::Redirect => Fault::on(Side::Okta, FaultKind::Redirect { to: "https://elsewhere.example/".to_owned() }),
        Trouble::ReadOnlyMode => Fault::on(Side::Okta, FaultKind::Status { status: 503, code: "E0000010".to_owned() }),
        Trouble::RadiantNotPolling
        | Trouble::RadiantLag
        | Trouble::ClockOff
        | Trouble::WrongIndex
        | Trouble::ByobNeeded
        | Trouble::TokenRevoked => return None,
    })
}
