//! The faults, each with its change to the practice organization, the expected status, and how it ends.

use std::time::Duration;

use model::code::Code;
use model::status::State;
use practice::{Change, Control, Fault, FaultKind, Side};

/// One fault.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) put: fn(&Control),
    /// The state and its possible roots; `None` for what is no fault.
    pub(crate) told: Option<(State, &'static [Code])>,
    pub(crate) repair: Repair,
    /// Ends by itself after so long; until it is repaired when absent.
    pub(crate) lasts: Option<Duration>,
}

/// How it is repaired.
pub(crate) enum Repair {
    /// As it began.
    Change(fn(&Control)),
    /// By another token of the same owner, as a revoked one is.
    AnotherToken,
}

impl Case {
    pub(crate) fn alarms(&self) -> bool {
        self.told.is_some()
    }
}

const OWNER: &str = "super_admin";

fn down(side: Side) -> Fault {
    Fault::on(side, FaultKind::Status { status: 503, code: "E0000009".to_owned() })
}

fn roles(control: &Control, role: &str) {
    control.set(Change::Roles { principal: OWNER.to_owned(), roles: vec![role.to_owned()] });
}

fn owner_is(control: &Control, status: &str) {
    control.set(Change::OwnerStatus { principal: OWNER.to_owned(), status: status.to_owned() });
}

const fn fault(name: &'static str, put: fn(&Control), told: (State, &'static [Code]), repair: fn(&Control)) -> Case {
    Case { name, put, told: Some(told), repair: Repair::Change(repair), lasts: None }
}

const NO_FAULT: fn(&Control) = |control| control.fault(None);

/// Twelve faults, then what is none.
pub(crate) const CASES: [Case; 14] = [
    Case {
        name: "token revoked",
        put: |control| control.set(Change::Revoke { principal: OWNER.to_owned() }),
        told: Some((State::Stopped, &[Code::TokenRefused])),
        repair: Repair::AnotherToken,
        lasts: None,
    },
    fault(
        "owner deactivated",
        |control| owner_is(control, "DEPROVISIONED"),
        (State::Stopped, &[Code::TokenRefused, Code::OwnerNotActive]),
        |control| owner_is(control, "ACTIVE"),
    ),
    fault(
        "right to the System Log lost",
        |control| roles(control, "HELP_DESK_ADMIN"),
        (State::Stopped, &[Code::LogsRefused]),
        |control| roles(control, "SUPER_ADMIN"),
    ),
    fault(
        "role dropped: no users and zones",
        |control| roles(control, "REPORT_ADMIN"),
        (State::Attention, &[Code::RoleTooSmall, Code::UsersRefused, Code::ZonesRefused]),
        |control| roles(control, "SUPER_ADMIN"),
    ),
    fault(
        "token restricted to another network",
        |control| control.set(Change::Restrict { principal: OWNER.to_owned(), on: true }),
        (State::Attention, &[Code::TokenRestricted]),
        |control| control.set(Change::Restrict { principal: OWNER.to_owned(), on: false }),
    ),
    fault(
        "Okta down",
        |control| control.fault(Some(down(Side::Okta))),
        (State::Attention, &[Code::OktaUnavailable]),
        NO_FAULT,
    ),
    fault(
        "rate limit used up",
        |control| control.fault(Some(Fault::on(Side::Okta, FaultKind::RateLimited { reset_s: 30 }))),
        (State::Attention, &[Code::OktaRateLimited]),
        NO_FAULT,
    ),
    fault(
        "other clients eat the rate limit",
        |control| control.set(Change::OtherConsumers { requests: 40 }),
        (State::Attention, &[Code::RateOtherConsumers]),
        |control| control.set(Change::OtherConsumers { requests: 0 }),
    ),
    fault(
        "Radiant no longer polls",
        |control| control.set(Change::RadiantPolls { on: false }),
        (State::Attention, &[Code::RadiantLagging]),
        |control| control.set(Change::RadiantPolls { on: true }),
    ),
    fault(
        "Radiant down",
        |control| control.fault(Some(down(Side::Radiant))),
        (State::Attention, &[Code::RadiantUnavailable]),
        NO_FAULT,
    ),
    fault(
        "Radiant's search token revoked",
        // Radiant documents no status for it; a bearer that is none is answered 401 by practice (UNVERIFIED there).
        |control| {
            let refused = FaultKind::Status { status: 401, code: String::new() };
            control.fault(Some(Fault::on(Side::Radiant, refused)));
        },
        (State::Attention, &[Code::RadiantTokenRefused]),
        NO_FAULT,
    ),
    fault(
        "this computer's clock ten minutes off",
        |control| control.set(Change::ClockSkew { seconds: 600 }),
        (State::Attention, &[Code::ClockOff]),
        |control| control.set(Change::ClockSkew { seconds: 0 }),
    ),
    Case {
        name: "no fault: a captive portal",
        put: |control| control.fault(Some(Fault::on(Side::Okta, FaultKind::CaptivePage))),
        told: None,
        repair: Repair::Change(NO_FAULT),
        lasts: None,
    },
    Case {
        name: "no fault: Okta away for 50 s",
        put: |control| control.fault(Some(down(Side::Okta))),
        told: None,
        repair: Repair::Change(NO_FAULT),
        lasts: Some(Duration::from_secs(50)),
    },
];
