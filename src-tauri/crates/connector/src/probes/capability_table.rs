//! The capability table: whether an action is proven by a real request, allowed by a role that was read, refused, or unknown.
//!
//! Writes are never tried. What a standard role allows is Okta's published comparison of administrator roles (HELP
//! "Administrator roles and permissions"); the permissions of a custom role are not read, so it decides nothing here.

use strum::VariantArray as _;

use super::finding::Finding;
use model::capability::{Capability, CapabilityRow, CapabilityState};
use model::code::Code;
use model::connection::Profile;
use model::link_target::LinkTarget;
use okta::{List, Role};

/// The least standard role that covers ingestion.
pub(super) const LEAST_ROLE_INGESTION: &str = "Read-only Administrator";
/// The least standard role that covers ingestion and response. Radiant's page asks for Super Admin.
pub(super) const LEAST_ROLE_RESPONSE: &str = "Organization Administrator";

/// The status of a role that gives rights.
pub(super) const ACTIVE: &str = "ACTIVE";

/// Whether Okta allowed each read. `None` if the response was lost or nothing was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ReadAccess {
    pub(super) logs: Option<bool>,
    pub(super) users: Option<bool>,
    pub(super) zones: Option<bool>,
}

/// Builds the capability table. What a rehearsal proved stays proven unless Okta refuses it now.
pub(super) fn table_with_proof(
    profile: Profile,
    roles: Option<&List<Role>>,
    access: ReadAccess,
    proven: &[Capability],
) -> Vec<CapabilityRow> {
    let mut rows = table(profile, roles, access);
    let is_proven =
        |row: &&mut CapabilityRow| proven.contains(&row.capability) && row.state != CapabilityState::Refused;
    for row in rows.iter_mut().filter(is_proven) {
        row.state = CapabilityState::Proven;
    }
    rows
}

/// Builds the capability table from what was read.
pub(super) fn table(profile: Profile, roles: Option<&List<Role>>, access: ReadAccess) -> Vec<CapabilityRow> {
    Capability::VARIANTS
        .iter()
        .map(|&capability| {
            let (standing, by) = state(capability, roles, access);
            let needed = profile == Profile::Response || capability == Capability::ReadSystemLog;
            CapabilityRow { capability, state: standing, granted_by: by, needed }
        })
        .collect()
}

/// Returns whether the roles cover the profile; `None` if only a custom or scoped role might, or one that was not read.
pub(super) fn covers(roles: &List<Role>, profile: Profile) -> Option<bool> {
    let needed = table(profile, Some(roles), ReadAccess::default()).into_iter().filter(|row| row.needed);
    let states: Vec<CapabilityState> = needed.map(|row| row.state).collect();
    if states.contains(&CapabilityState::Refused) {
        Some(false)
    } else if states.contains(&CapabilityState::Unknown) {
        None
    } else {
        Some(true)
    }
}

fn state(capability: Capability, roles: Option<&List<Role>>, access: ReadAccess) -> (CapabilityState, Option<String>) {
    let read = match capability {
        Capability::ReadSystemLog => access.logs,
        Capability::ReadUsers => access.users,
        Capability::ReadZones => access.zones,
        // An account that cannot read something cannot change it either.
        Capability::EditZones => access.zones.filter(|is_allowed| !is_allowed),
        Capability::SuspendUser | Capability::UnsuspendUser | Capability::ClearSessions => {
            access.users.filter(|is_allowed| !is_allowed)
        }
    };
    match read {
        Some(true) => (CapabilityState::Proven, None),
        Some(false) => (CapabilityState::Refused, None),
        None => by_role(capability, roles),
    }
}

fn by_role(capability: Capability, roles: Option<&List<Role>>) -> (CapabilityState, Option<String>) {
    let Some(roles) = roles else { return (CapabilityState::Unknown, None) };
    let grants = |wanted: Grant| {
        roles.entries.iter().find(|role| grant_of(role, capability) == wanted).map(|role| role.label.clone())
    };
    let is_all_read = roles.unreadable == 0 && roles.is_complete;
    if let Some(label) = grants(Grant::Yes) {
        (CapabilityState::Allowed, Some(label))
    } else if let Some(label) = grants(Grant::Perhaps) {
        (CapabilityState::Unknown, Some(label))
    } else if !is_all_read {
        (CapabilityState::Unknown, None)
    } else {
        (CapabilityState::Refused, None)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    Yes,
    /// Only for its own groups, or depending on a custom role.
    Perhaps,
    No,
}

/// Returns what a role grants: nothing while it is inactive. Whether one of another status grants anything is UNVERIFIED.
fn grant_of(role: &Role, capability: Capability) -> Grant {
    match (role.status.as_str(), grant(&role.kind, capability)) {
        (ACTIVE, granted) => granted,
        ("INACTIVE", _) | (_, Grant::No) => Grant::No,
        (_, Grant::Yes | Grant::Perhaps) => Grant::Perhaps,
    }
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

/// Summarizes the table as one finding.
pub(super) fn finding_of(rows: &[CapabilityRow]) -> Finding {
    let needed = |state: CapabilityState| {
        let rows = rows.iter().filter(|row| row.needed && row.state == state);
        rows.map(|row| row.capability.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (refused, unknown) = (needed(CapabilityState::Refused), needed(CapabilityState::Unknown));
    if !refused.is_empty() {
        Finding::failed(Code::CapabilityRefused).arg("capability", refused).link(LinkTarget::OktaAdministrators)
    } else if !unknown.is_empty() {
        Finding::unknown(Code::CapabilityNotTold).arg("capability", unknown).link(LinkTarget::OktaAdministrators)
    } else {
        Finding::passed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::Outcome;

    fn role(kind: &str) -> Role {
        Role { kind: kind.to_owned(), label: kind.to_owned(), status: "ACTIVE".to_owned() }
    }

    fn list(roles: impl IntoIterator<Item = Role>) -> List<Role> {
        List { entries: roles.into_iter().collect(), unreadable: 0, is_complete: true, more_requests: Vec::new() }
    }

    fn state_of(rows: &[CapabilityRow], capability: Capability) -> Option<CapabilityState> {
        rows.iter().find(|row| row.capability == capability).map(|row| row.state)
    }

    const READ: ReadAccess = ReadAccess { logs: Some(true), users: Some(true), zones: Some(true) };

    #[test]
    fn a_super_admin_is_allowed_everything_and_proven_only_what_was_read() {
        let rows = table(Profile::Response, Some(&list([role("SUPER_ADMIN")])), READ);
        assert_eq!(state_of(&rows, Capability::ReadSystemLog), Some(CapabilityState::Proven));
        assert_eq!(state_of(&rows, Capability::SuspendUser), Some(CapabilityState::Allowed));
        assert_eq!(finding_of(&rows).outcome, Outcome::Passed);
    }

    #[test]
    fn a_read_only_admin_cannot_respond() {
        let rows = table(Profile::Response, Some(&list([role("READ_ONLY_ADMIN")])), READ);
        assert_eq!(state_of(&rows, Capability::EditZones), Some(CapabilityState::Refused));
        assert_eq!(finding_of(&rows).code, Some(Code::CapabilityRefused));
        let rows = table(Profile::Ingestion, Some(&list([role("READ_ONLY_ADMIN")])), READ);
        assert_eq!(finding_of(&rows).outcome, Outcome::Passed);
    }

    #[test]
    fn unread_roles_leave_writes_unknown() {
        let rows = table(Profile::Response, None, READ);
        assert_eq!(state_of(&rows, Capability::SuspendUser), Some(CapabilityState::Unknown));
        assert_eq!(finding_of(&rows).outcome, Outcome::Unknown);
    }

    #[test]
    fn a_custom_role_decides_nothing_unless_another_role_does() {
        assert_eq!(covers(&list([role("CUSTOM")]), Profile::Response), None);
        assert_eq!(covers(&list([role("CUSTOM"), role("ORG_ADMIN")]), Profile::Response), Some(true));
        assert_eq!(covers(&list([role("HELP_DESK_ADMIN")]), Profile::Response), Some(false));
    }

    #[test]
    fn an_inactive_role_gives_no_right_and_one_of_another_status_decides_nothing() {
        let with = |status: &str| Role { status: status.to_owned(), ..role("ORG_ADMIN") };
        assert_eq!(covers(&list([with("INACTIVE")]), Profile::Response), Some(false));
        assert_eq!(covers(&list([with("INACTIVE"), role("SUPER_ADMIN")]), Profile::Response), Some(true));
        for other in ["", "PENDING", "active"] {
            assert_eq!(covers(&list([with(other)]), Profile::Response), None, "{other:?}");
        }
    }

    #[test]
    fn a_role_that_was_not_read_may_be_the_one_that_is_needed() {
        let help_desk = || list([role("HELP_DESK_ADMIN")]);
        assert_eq!(covers(&List { unreadable: 1, ..help_desk() }, Profile::Response), None);
        assert_eq!(covers(&List { is_complete: false, ..help_desk() }, Profile::Response), None);
        assert_eq!(covers(&List { unreadable: 1, ..list([role("ORG_ADMIN")]) }, Profile::Response), Some(true));
    }

    #[test]
    fn a_token_that_cannot_read_zones_cannot_edit_them() {
        let rows = table(Profile::Response, None, ReadAccess { zones: Some(false), ..READ });
        assert_eq!(state_of(&rows, Capability::EditZones), Some(CapabilityState::Refused));
    }
}
