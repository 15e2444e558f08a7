//! Checks what the token may read: roles, users and network zones, one request each.

use super::capability_table::{LEAST_ROLE_INGESTION, LEAST_ROLE_RESPONSE, covers};
use super::finding::Finding;
use model::check::{FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::Profile;
use model::link_target::LinkTarget;
use okta::{Failure, Okta, Role, User};

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
) -> (Finding, Option<Vec<Role>>) {
    match okta.roles(&user.id).await {
        Ok(answer) => {
            let finding = finding_of(&answer.value, profile)
                .evidence(&answer.evidence)
                .link(LinkTarget::OktaUserRoles(user.id.clone()));
            let finding = answer.value.iter().fold(finding, |f, role| f.fact(FactKey::Role, role.label.clone()));
            (finding, Some(answer.value))
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

fn finding_of(roles: &[Role], profile: Profile) -> Finding {
    let names = roles.iter().map(|role| role.label.as_str()).collect::<Vec<_>>().join(", ");
    let needed = match profile {
        Profile::Ingestion => LEAST_ROLE_INGESTION,
        Profile::Response => LEAST_ROLE_RESPONSE,
    };
    let is_powerful = roles.iter().any(|role| matches!(role.kind.as_str(), "SUPER_ADMIN" | "ORG_ADMIN"));
    let finding = match (covers(roles, profile), profile) {
        (Some(true), Profile::Ingestion) if is_powerful => Finding::attention(Code::RoleMoreThanNeeded),
        (Some(true), _) => Finding::passed(),
        (None, _) => Finding::unknown(Code::CapabilityNotTold),
        (Some(false), _) => Finding::failed(Code::RoleTooSmall),
    };
    finding.arg("roles", names).arg("needed", needed).arg("capability", needed).fact(FactKey::LeastRole, needed)
}

/// Checks that users are readable. The second value is whether Okta allowed it; `None` for a lost response.
pub(super) async fn users(okta: &Okta, profile: Profile) -> (Finding, Option<bool>) {
    match okta.users(1).await {
        Ok(answer) => {
            let count = answer.value.entries.len().to_string();
            (Finding::passed().fact(FactKey::UserCount, count).evidence(&answer.evidence), Some(true))
        }
        Err(failure) => refused(&failure, profile, Code::UsersRefused, LinkTarget::OktaAdministrators),
    }
}

/// Checks that network zones are readable. Whether a read-only administrator may list them is UNVERIFIED.
pub(super) async fn zones(okta: &Okta, profile: Profile) -> (Finding, Option<bool>) {
    match okta.zones(20).await {
        Ok(answer) => {
            let count = answer.value.len().to_string();
            let finding = Finding::passed().fact(FactKey::ZoneCount, count).link(LinkTarget::OktaNetworks);
            (finding.evidence(&answer.evidence), Some(true))
        }
        Err(failure) => refused(&failure, profile, Code::ZonesRefused, LinkTarget::OktaAdministrators),
    }
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
