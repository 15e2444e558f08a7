//! What Radiant may do with this token: proven by a real call, allowed by a role that was read, refused, or not told.
//!
//! Writing is never tried out. Which standard role may do what is Okta's published comparison of administrator roles (HELP
//! "Administrator roles and permissions"); a custom role's permissions are not read, so it tells nothing here.

use super::finding::Finding;
use model::capability::{Capability, CapabilityRow, CapabilityState};
use model::code::Code;
use model::connection::Profile;
use model::link::LinkTarget;
use okta::Role;

/// The least standard role that covers ingestion.
pub(super) const LEAST_ROLE_INGESTION: &str = "Read-only Administrator";
/// The least standard role that covers ingestion and response. Radiant's page asks for Super Admin.
pub(super) const LEAST_ROLE_RESPONSE: &str = "Organization Administrator";

/// What was seen by asking. `None` where the answer was lost or nothing was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The System Log was read.
    pub(super) logs: Option<bool>,
    /// Users were read.
    pub(super) users: Option<bool>,
    /// Network zones were read.
    pub(super) zones: Option<bool>,
}

const ALL: [Capability; 7] = [
    Capability::ReadSystemLog,
    Capability::ReadUsers,
    Capability::ReadZones,
    Capability::SuspendUser,
    Capability::UnsuspendUser,
    Capability::ClearSessions,
    Capability::EditZones,
];

/// Builds the capability table.
pub(super) fn table(profile: Profile, roles: Option<&[Role]>, seen: Seen) -> Vec<CapabilityRow> {
    ALL.into_iter()
        .map(|capability| {
            let (standing, by) = standing(capability, roles, seen);
            let needed = profile == Profile::Response || capability == Capability::ReadSystemLog;
            CapabilityRow { capability, standing, by, needed }
        })
        .collect()
}

/// Tells whether roles that were read cover the profile; `None` when only a custom or scoped role might.
pub(super) fn covers(roles: &[Role], profile: Profile) -> Option<bool> {
    let needed = table(profile, Some(roles), Seen::default()).into_iter().filter(|row| row.needed);
    let standings: Vec<CapabilityState> = needed.map(|row| row.standing).collect();
    if standings.contains(&CapabilityState::Refused) {
        Some(false)
    } else if standings.contains(&CapabilityState::CouldNotBeTold) {
        None
    } else {
        Some(true)
    }
}

fn standing(capability: Capability, roles: Option<&[Role]>, seen: Seen) -> (CapabilityState, Option<String>) {
    let read = match capability {
        Capability::ReadSystemLog => seen.logs,
        Capability::ReadUsers => seen.users,
        Capability::ReadZones => seen.zones,
        // Who cannot even look cannot change.
        Capability::EditZones => seen.zones.filter(|seen| !seen),
        Capability::SuspendUser | Capability::UnsuspendUser | Capability::ClearSessions => {
            seen.users.filter(|seen| !seen)
        }
    };
    match read {
        Some(true) => (CapabilityState::Proven, None),
        Some(false) => (CapabilityState::Refused, None),
        None => by_role(capability, roles),
    }
}

fn by_role(capability: Capability, roles: Option<&[Role]>) -> (CapabilityState, Option<String>) {
    let Some(roles) = roles else { return (CapabilityState::CouldNotBeTold, None) };
    let grants = |wanted: Grant| {
        roles.iter().find(|role| grant(&role.kind, capability) == wanted).map(|role| role.label.clone())
    };
    if let Some(label) = grants(Grant::Yes) {
        (CapabilityState::Allowed, Some(label))
    } else if let Some(label) = grants(Grant::Perhaps) {
        (CapabilityState::CouldNotBeTold, Some(label))
    } else {
        (CapabilityState::Refused, None)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    Yes,
    /// For its own groups only, or as a custom role says.
    Perhaps,
    No,
}

fn grant(kind: &str, capability: Capability) -> Grant {
    let (reads_log, reads_users, reads_zones, suspends, clears, edits_zones) = match kind {
        "SUPER_ADMIN" | "ORG_ADMIN" => (Grant::Yes, Grant::Yes, Grant::Yes, Grant::Yes, Grant::Yes, Grant::Yes),
        "READ_ONLY_ADMIN" => (Grant::Yes, Grant::Yes, Grant::Perhaps, Grant::No, Grant::No, Grant::No),
        "USER_ADMIN" => (Grant::No, Grant::Perhaps, Grant::No, Grant::Perhaps, Grant::Perhaps, Grant::No),
        "HELP_DESK_ADMIN" => (Grant::No, Grant::Perhaps, Grant::No, Grant::No, Grant::Perhaps, Grant::No),
        "REPORT_ADMIN" => (Grant::Yes, Grant::No, Grant::No, Grant::No, Grant::No, Grant::No),
        "APP_ADMIN" | "API_ACCESS_MANAGEMENT_ADMIN" => {
            (Grant::Yes, Grant::Perhaps, Grant::No, Grant::No, Grant::No, Grant::No)
        }
        _ => (Grant::Perhaps, Grant::Perhaps, Grant::Perhaps, Grant::Perhaps, Grant::Perhaps, Grant::Perhaps),
    };
    match capability {
        Capability::ReadSystemLog => reads_log,
        Capability::ReadUsers => reads_users,
        Capability::ReadZones => reads_zones,
        Capability::SuspendUser | Capability::UnsuspendUser => suspends,
        Capability::ClearSessions => clears,
        Capability::EditZones => edits_zones,
    }
}

/// Folds the table into one answer.
pub(super) fn judge(rows: &[CapabilityRow]) -> Finding {
    let needed = |standing: CapabilityState| {
        let rows = rows.iter().filter(|row| row.needed && row.standing == standing);
        rows.map(|row| word(row.capability)).collect::<Vec<_>>().join(", ")
    };
    let (refused, untold) = (needed(CapabilityState::Refused), needed(CapabilityState::CouldNotBeTold));
    if !refused.is_empty() {
        Finding::failed(Code::CapabilityRefused).arg("capability", refused).link(LinkTarget::OktaAdministrators)
    } else if !untold.is_empty() {
        Finding::unknown(Code::CapabilityNotTold).arg("capability", untold).link(LinkTarget::OktaAdministrators)
    } else {
        Finding::passed()
    }
}

/// The capability's word on the wire.
fn word(capability: Capability) -> &'static str {
    match capability {
        Capability::ReadSystemLog => "read_system_log",
        Capability::ReadUsers => "read_users",
        Capability::ReadZones => "read_zones",
        Capability::SuspendUser => "suspend_user",
        Capability::UnsuspendUser => "unsuspend_user",
        Capability::ClearSessions => "clear_sessions",
        Capability::EditZones => "edit_zones",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::Outcome;

    fn role(kind: &str) -> Role {
        Role { kind: kind.to_owned(), label: kind.to_owned(), status: "ACTIVE".to_owned() }
    }

    fn standing_of(rows: &[CapabilityRow], capability: Capability) -> Option<CapabilityState> {
        rows.iter().find(|row| row.capability == capability).map(|row| row.standing)
    }

    const READ: Seen = Seen { logs: Some(true), users: Some(true), zones: Some(true) };

    #[test]
    fn a_super_admin_is_allowed_everything_and_proven_only_what_was_read() {
        let rows = table(Profile::Response, Some(&[role("SUPER_ADMIN")]), READ);
        assert_eq!(standing_of(&rows, Capability::ReadSystemLog), Some(CapabilityState::Proven));
        assert_eq!(standing_of(&rows, Capability::SuspendUser), Some(CapabilityState::Allowed));
        assert_eq!(judge(&rows).outcome, Outcome::Passed);
    }

    #[test]
    fn a_read_only_admin_cannot_respond() {
        let rows = table(Profile::Response, Some(&[role("READ_ONLY_ADMIN")]), READ);
        assert_eq!(standing_of(&rows, Capability::EditZones), Some(CapabilityState::Refused));
        assert_eq!(judge(&rows).code, Some(Code::CapabilityRefused));
        let rows = table(Profile::Ingestion, Some(&[role("READ_ONLY_ADMIN")]), READ);
        assert_eq!(judge(&rows).outcome, Outcome::Passed);
    }

    #[test]
    fn unread_roles_leave_writing_untold() {
        let rows = table(Profile::Response, None, READ);
        assert_eq!(standing_of(&rows, Capability::SuspendUser), Some(CapabilityState::CouldNotBeTold));
        assert_eq!(judge(&rows).outcome, Outcome::Unknown);
    }

    #[test]
    fn a_custom_role_tells_nothing_unless_another_role_does() {
        assert_eq!(covers(&[role("CUSTOM")], Profile::Response), None);
        assert_eq!(covers(&[role("CUSTOM"), role("ORG_ADMIN")], Profile::Response), Some(true));
        assert_eq!(covers(&[role("HELP_DESK_ADMIN")], Profile::Response), Some(false));
    }

    #[test]
    fn who_cannot_read_zones_cannot_edit_them() {
        let rows = table(Profile::Response, None, Seen { zones: Some(false), ..READ });
        assert_eq!(standing_of(&rows, Capability::EditZones), Some(CapabilityState::Refused));
    }
}
