//! What the token may read: roles, users and network zones, each asked once.

use super::capabilities::{LEAST_ROLE_INGESTION, LEAST_ROLE_RESPONSE, covers};
use super::finding::Finding;
use model::check::{FactKey, Outcome, Skip};
use model::code::Code;
use model::connection::Profile;
use model::link::LinkTarget;
use okta::{Failure, Okta, Role, User};

/// Which administrator roles does the owner have? Okta answers this to super administrators alone (REAL 403 below), so a
/// refusal is "could not be told", never "no role".
///
/// Where roles were read `before` with this token and response is wanted, that they no longer can be is a loss: whether Radiant
/// may act would first be seen when it has to.
pub(super) async fn roles(
    okta: &Okta,
    user: &User,
    profile: Profile,
    before: Option<&[String]>,
) -> (Finding, Option<Vec<Role>>) {
    match okta.roles(&user.id).await {
        Ok(answer) => {
            let finding = judge(&answer.value, profile)
                .evidence(&answer.evidence)
                .link(LinkTarget::OktaUserRoles(user.id.clone()));
            let finding = answer.value.iter().fold(finding, |f, role| f.fact(FactKey::Role, role.label.clone()));
            (finding, Some(answer.value))
        }
        Err(failure) if failure.code() == Code::PermissionRefused => {
            let finding = match (profile, before) {
                (Profile::Ingestion, _) => Finding::skipped(Skip::Profile).code(Code::RolesNotTold),
                (Profile::Response, None) => untold(Finding::unknown(Code::RolesNotTold)),
                (Profile::Response, Some(before)) => {
                    untold(Finding::attention(Code::RolesNoLongerTold).arg("roles", before.join(", ")))
                }
            };
            (finding.evidence(&failure.evidence).link(LinkTarget::OktaUserRoles(user.id.clone())), None)
        }
        Err(failure) => (Finding::of(&failure), None),
    }
}

fn untold(finding: Finding) -> Finding {
    finding.arg("needed", LEAST_ROLE_RESPONSE).fact(FactKey::LeastRole, LEAST_ROLE_RESPONSE)
}

fn judge(roles: &[Role], profile: Profile) -> Finding {
    let names = roles.iter().map(|role| role.label.as_str()).collect::<Vec<_>>().join(", ");
    let needed = match profile {
        Profile::Ingestion => LEAST_ROLE_INGESTION,
        Profile::Response => LEAST_ROLE_RESPONSE,
    };
    let strong = roles.iter().any(|role| matches!(role.kind.as_str(), "SUPER_ADMIN" | "ORG_ADMIN"));
    let finding = match (covers(roles, profile), profile) {
        (Some(true), Profile::Ingestion) if strong => Finding::attention(Code::RoleMoreThanNeeded),
        (Some(true), _) => Finding::passed(),
        (None, _) => Finding::unknown(Code::CapabilityNotTold),
        (Some(false), _) => Finding::failed(Code::RoleTooSmall),
    };
    finding.arg("roles", names).arg("needed", needed).arg("capability", needed).fact(FactKey::LeastRole, needed)
}

/// Are users readable? The second value tells whether Okta said yes or no; a lost answer is neither.
pub(super) async fn users(okta: &Okta, profile: Profile) -> (Finding, Option<bool>) {
    match okta.users(1).await {
        Ok(answer) => {
            let count = answer.value.len().to_string();
            (Finding::passed().fact(FactKey::UserCount, count).evidence(&answer.evidence), Some(true))
        }
        Err(failure) => refused(&failure, profile, Code::UsersRefused, LinkTarget::OktaAdministrators),
    }
}

/// Are network zones readable? Whether a read-only administrator may list them is UNVERIFIED, so either answer is told.
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
    let finding = Finding::of(failure);
    if failure.code() != Code::PermissionRefused {
        return (finding, None);
    }
    let finding = match profile {
        Profile::Ingestion => Finding::skipped(Skip::Profile).evidence(&failure.evidence),
        Profile::Response => finding.outcome(Outcome::Failed),
    };
    (finding.code(code).link(link), Some(false))
}
