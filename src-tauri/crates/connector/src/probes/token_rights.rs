//! Checks what the token may read: roles, users and network zones, one request each.

use super::capability_table::{ACTIVE, LEAST_ROLE_INGESTION, LEAST_ROLE_RESPONSE, covers};
use super::finding::Finding;
use model::check::{FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::Profile;
use model::link_target::LinkTarget;
use okta::{Answer, Failure, List, Okta, Page, Role, User};

/// Checks the owner's administrator roles. Okta returns them only to super administrators (REAL 403 below), so a refusal means
/// "unknown", never "no role".
///
/// If roles were read `before` with this token and response actions are wanted, a refusal is a loss: otherwise nobody would
/// know whether Radiant may act until it has to.
pub(super) async fn roles(
    okta: &Okta,
    user: &User,
    profile: Profile,
    before: Option<&[String]>,
) -> (Finding, Option<List<Role>>) {
    match okta.roles(&user.id).await {
        Ok(answer) => {
            let list = answer.value;
            let finding = finding_of(&list, profile)
                .evidence(&answer.evidence)
                .left_out(list.unreadable)
                .link(LinkTarget::OktaUserRoles(user.id.clone()));
            let finding = list.more_requests.iter().fold(finding, Finding::evidence);
            let finding = list.entries.iter().fold(finding, |f, role| f.fact(FactKey::Role, name(role)));
            let is_read = !list.entries.is_empty() || list.unreadable == 0;
            (finding, is_read.then_some(list))
        }
        Err(failure) if failure.code() == Code::PermissionRefused => {
            let finding = match (profile, before) {
                (Profile::Ingestion, _) => Finding::skipped(Skip::Profile).code(Code::RolesNotTold),
                (Profile::Response, None) => unreadable(Finding::unknown(Code::RolesNotTold)),
                (Profile::Response, Some(before)) => {
                    unreadable(Finding::attention(Code::RolesNoLongerTold).arg("roles", before.join(", ")))
                }
            };
            (finding.evidence(&failure.evidence).link(LinkTarget::OktaUserRoles(user.id.clone())), None)
        }
        Err(failure) => (Finding::of_okta(&failure), None),
    }
}

fn unreadable(finding: Finding) -> Finding {
    finding.arg("needed", LEAST_ROLE_RESPONSE).fact(FactKey::LeastRole, LEAST_ROLE_RESPONSE)
}

fn finding_of(roles: &List<Role>, profile: Profile) -> Finding {
    let names = roles.entries.iter().map(name).collect::<Vec<_>>().join(", ");
    let needed = match profile {
        Profile::Ingestion => LEAST_ROLE_INGESTION,
        Profile::Response => LEAST_ROLE_RESPONSE,
    };
    let mut active = roles.entries.iter().filter(|role| role.status == ACTIVE);
    let is_powerful = active.any(|role| matches!(role.kind.as_str(), "SUPER_ADMIN" | "ORG_ADMIN"));
    let finding = match (covers(roles, profile), profile) {
        (Some(true), Profile::Ingestion) if is_powerful => Finding::attention(Code::RoleMoreThanNeeded),
        (Some(true), _) => Finding::passed(),
        (None, _) if roles.entries.is_empty() && roles.unreadable > 0 => Finding::unknown(Code::AnswerUnreadable),
        (None, _) => Finding::unknown(Code::CapabilityNotTold),
        (Some(false), _) => Finding::failed(Code::RoleTooSmall),
    };
    finding.arg("roles", names).arg("needed", needed).arg("capability", needed).fact(FactKey::LeastRole, needed)
}

/// Returns the label of a role, with its status unless it is active.
fn name(role: &Role) -> String {
    match role.status.as_str() {
        "" | ACTIVE => role.label.clone(),
        status => format!("{} ({status})", role.label),
    }
}

/// Checks that users are readable. The second value is whether Okta allowed it; `None` for a lost response.
pub(super) async fn users(okta: &Okta, profile: Profile) -> (Finding, Option<bool>) {
    match okta.users(1).await {
        Ok(answer) => listed(&answer, FactKey::UserCount),
        Err(failure) => refused(&failure, profile, Code::UsersRefused, LinkTarget::OktaAdministrators),
    }
}

/// Checks that network zones are readable. Whether a read-only administrator may list them is UNVERIFIED.
pub(super) async fn zones(okta: &Okta, profile: Profile) -> (Finding, Option<bool>) {
    match okta.zones(20).await {
        Ok(answer) => {
            let (finding, is_allowed) = listed(&answer, FactKey::ZoneCount);
            (finding.link(LinkTarget::OktaNetworks), is_allowed)
        }
        Err(failure) => refused(&failure, profile, Code::ZonesRefused, LinkTarget::OktaAdministrators),
    }
}

/// Judges a list that Okta returned. One with no readable entry, but others, proves nothing.
fn listed<T>(answer: &Answer<Page<T>>, key: FactKey) -> (Finding, Option<bool>) {
    let (count, unreadable) = (answer.value.entries.len(), answer.value.unreadable);
    let problem = Finding::of_unreadable_list(count, unreadable);
    let is_allowed = problem.is_none().then_some(true);
    let finding = problem.unwrap_or_else(Finding::passed).fact(key, count.to_string()).left_out(unreadable);
    (finding.evidence(&answer.evidence), is_allowed)
}

fn refused(failure: &Failure, profile: Profile, code: Code, link: LinkTarget) -> (Finding, Option<bool>) {
    let finding = Finding::of_okta(failure);
    if failure.code() != Code::PermissionRefused {
        return (finding, None);
    }
    let finding = match profile {
        Profile::Ingestion => Finding::skipped(Skip::Profile).evidence(&failure.evidence),
        Profile::Response => finding.outcome(Outcome::Failed),
    };
    (finding.code(code).link(link), Some(false))
}
