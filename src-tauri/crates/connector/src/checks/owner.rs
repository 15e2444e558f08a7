//! Who owns the token, and does that account look like a service account or like a person?
//!
//! Okta does not say which accounts are service accounts. The signs are told as facts and the decision is the
//! administrator's; what they confirmed is never turned into something the app claims to have seen.

use super::finding::Finding;
use model::check::{FactKey, Outcome};
use model::code::Code;
use model::link::LinkTarget;
use okta::{Answer, Okta, User};

/// What the administrator said of the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerConfirmation {
    /// Nothing yet.
    None,
    /// It is the service account.
    Service,
    /// It is a person, and that is accepted.
    Person,
}

/// Does Okta accept the token? `users/me` is the account that made it (SPEC getUser).
pub(super) async fn token(okta: &Okta) -> (Finding, Option<Answer<User>>) {
    match okta.me().await {
        Ok(answer) => (Finding::passed().evidence(&answer.evidence), Some(answer)),
        Err(failure) => {
            let finding = Finding::of(&failure).link(LinkTarget::OktaTokens);
            let finding = match finding.code {
                // Reading oneself needs no role: what refuses it is most likely the token's network condition (UNVERIFIED).
                Some(Code::PermissionRefused) => finding.code(Code::TokenRestricted),
                Some(Code::FeatureRefused) => finding.outcome(Outcome::Unknown),
                _ => finding,
            };
            (finding, None)
        }
    }
}

/// Is the owner active, and what does it look like?
pub(super) fn owner(user: &User, word: OwnerConfirmation) -> Finding {
    let signs = signs(user);
    let finding = match (user.status.as_str(), word) {
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

/// The words are keys of `sign.*` in the catalogue.
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
