//! Checks the token and its owner, and whether the owner looks like a service account or like a person.
//!
//! Okta does not say which accounts are service accounts. The signs are shown as facts and the administrator decides; a
//! confirmation is never presented as something the app verified.

use super::finding::Finding;
use super::input::OwnerConfirmation;
use model::check::{FactKey, Outcome};
use model::code::Code;
use model::link_target::LinkTarget;
use okta::{Answer, Okta, User};

/// Checks that Okta accepts the token. `users/me` is the account that created it (SPEC getUser).
pub(super) async fn token(okta: &Okta) -> (Finding, Option<Answer<User>>) {
    match okta.me().await {
        Ok(answer) => (Finding::passed().evidence(&answer.evidence), Some(answer)),
        Err(failure) => {
            let finding = Finding::of_okta_path(&failure).link(LinkTarget::OktaTokens);
            let finding = match finding.code {
                // Reading the own account needs no role: a refusal most likely comes from the token's network restriction
                // (UNVERIFIED).
                Some(Code::PermissionRefused) => finding.code(Code::TokenRestricted),
                Some(Code::FeatureRefused) => finding.outcome(Outcome::Unknown),
                _ => finding,
            };
            (finding, None)
        }
    }
}

/// Checks that the owner is active and is meant to be a service account.
pub(super) fn owner(user: &User, confirmation: OwnerConfirmation) -> Finding {
    let signs = signs(user);
    let finding = match (user.status.as_str(), confirmation) {
        (status, _) if status != "ACTIVE" => Finding::failed(Code::OwnerNotActive).arg("status", status),
        (_, OwnerConfirmation::Service) => Finding::passed(),
        (_, OwnerConfirmation::Person) => Finding::attention(Code::OwnerIsPerson),
        (_, OwnerConfirmation::None) if signs.service.is_some() && signs.person.is_empty() => Finding::passed(),
        (_, OwnerConfirmation::None) if !signs.person.is_empty() && signs.service.is_none() => {
            Finding::attention(Code::OwnerIsPerson)
        }
        (_, OwnerConfirmation::None) => Finding::attention(Code::OwnerUnclear),
    };
    let finding = finding
        .arg("owner", user.login.clone())
        .fact(FactKey::Owner, user.login.clone())
        .fact_if(FactKey::OwnerName, name(user))
        .fact(FactKey::OwnerStatus, user.status.clone())
        .link(LinkTarget::OktaUser(user.id.clone()));
    let all = signs.person.into_iter().chain(signs.service);
    all.fold(finding, |finding, sign| finding.fact(FactKey::OwnerSign, sign))
}

fn name(user: &User) -> Option<String> {
    let parts = [user.first_name.as_deref(), user.last_name.as_deref()];
    let full = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    user.display_name.clone().or_else(|| (!full.is_empty()).then_some(full))
}

struct Signs {
    service: Option<String>,
    person: Vec<String>,
}

/// Returns the signs as keys of `sign.*` in the message catalog.
fn signs(user: &User) -> Signs {
    let words = ["svc", "service", "srv", "bot", "api", "automation", "radiant", "integration", "system", "robot"];
    let local = user.login.split('@').next().unwrap_or_default().to_lowercase();
    let names = format!("{local} {}", name(user).unwrap_or_default().to_lowercase());
    let service = names
        .split(|c: char| !c.is_alphanumeric())
        .any(|part| words.contains(&part))
        .then(|| "service_name".to_owned());
    let mut person = Vec::new();
    if user.mobile_phone.as_deref().is_some_and(|phone| !phone.is_empty()) {
        person.push("mobile_phone".to_owned());
    }
    if service.is_none() && first_dot_last(&local, user) {
        person.push("personal_name".to_owned());
    }
    Signs { service, person }
}

fn first_dot_last(local: &str, user: &User) -> bool {
    let part = |name: &Option<String>| name.as_deref().unwrap_or_default().to_lowercase();
    let (first, last) = (part(&user.first_name), part(&user.last_name));
    !first.is_empty() && !last.is_empty() && local.contains(&first) && local.contains(&last)
}
