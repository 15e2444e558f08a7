//! Which entry of Okta's token list is ours?
//!
//! No API says so. It is probable by owner and by the freshest renewal (a call renews the token it was made with), and
//! certain only when the token's creation was seen in the System Log while the guide was open.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use model::check::{FactKey, Skip};
use model::code::Code;
use model::link::LinkTarget;
use okta::{ApiToken, LogQuery, Okta, User};

/// A token that expires sooner than this, unless it is used, wants attention.
const SOON: TimeDelta = TimeDelta::days(7);

/// Looks the token up. `guide_since` is set while the guide is open: only then is the System Log asked for its creation.
pub(super) async fn entry(
    okta: &Okta,
    user: &User,
    token_name: &str,
    guide_since: Option<DateTime<Utc>>,
    okta_now: DateTime<Utc>,
    needed: bool,
) -> (Finding, Option<()>) {
    let (list, created) = tokio::join!(okta.api_tokens(), created_since(okta, user, guide_since));
    match list {
        Ok(answer) => {
            let finding = found(&answer.value, user, token_name, &created, okta_now);
            (finding.evidence(&answer.evidence).link(LinkTarget::OktaTokens), None)
        }
        Err(failure) if failure.code() == Code::PermissionRefused => {
            let finding = if needed { Finding::unknown(Code::EntryNotTold) } else { Finding::skipped(Skip::Profile) };
            (finding.code(Code::EntryNotTold).evidence(&failure.evidence).link(LinkTarget::OktaTokens), None)
        }
        Err(failure) => (Finding::of(&failure), None),
    }
}

fn found(list: &[ApiToken], user: &User, name: &str, created: &[String], now: DateTime<Utc>) -> Finding {
    match ours(list, user, name, created) {
        Some((token, certain)) => judge(token, certain, now),
        None => Finding::unknown(Code::EntryUncertain),
    }
}

/// Ids of tokens this owner created since the guide was opened; empty when that could not be told.
async fn created_since(okta: &Okta, user: &User, since: Option<DateTime<Utc>>) -> Vec<String> {
    let Some(since) = since else { return Vec::new() };
    let query = LogQuery {
        since: Some(since),
        limit: 20,
        filter: Some("eventType eq \"system.api_token.create\"".to_owned()),
        ..LogQuery::default()
    };
    let page = okta.logs(&query).await.map(|answer| answer.value.events).unwrap_or_default();
    page.iter()
        .filter(|event| event.text("/actor/id").as_deref() == Some(user.id.as_str()))
        .filter_map(|event| event.text("/target/0/id"))
        .collect()
}

/// Finds the entry: the owner's own, then the one created in the guide, then the name given in the guide among the
/// freshest. The flag tells whether it is certain.
fn ours<'a>(list: &'a [ApiToken], user: &User, name: &str, created: &[String]) -> Option<(&'a ApiToken, bool)> {
    let own: Vec<&ApiToken> = list.iter().filter(|token| token.user_id.as_deref() == Some(user.id.as_str())).collect();
    let mut made = own.iter().filter(|token| created.contains(&token.id));
    if let (Some(token), None) = (made.next(), made.next()) {
        return Some((token, true));
    }
    let freshest = own.iter().filter_map(|token| token.expires_at).max()?;
    let fresh = || own.iter().filter(|token| token.expires_at.is_some_and(|at| freshest - at < TimeDelta::minutes(2)));
    match fresh().count() {
        1 => fresh().next().map(|token| (*token, false)),
        _ => {
            let mut named = fresh().filter(|token| token.name == name);
            match (named.next(), named.next()) {
                (Some(token), None) => Some((token, false)),
                _ => None,
            }
        }
    }
}

fn judge(token: &ApiToken, certain: bool, now: DateTime<Utc>) -> Finding {
    let restricted = token.network.connection != "ANYWHERE";
    let soon = token.expires_at.is_some_and(|at| at - now < SOON);
    let finding = match (restricted, soon, certain) {
        (true, _, _) => Finding::attention(Code::EntryNetworkRestricted),
        (false, true, _) => Finding::attention(Code::EntryExpiresSoon),
        (false, false, true) => Finding::passed(),
        (false, false, false) => Finding::passed().code(Code::EntryProbable),
    };
    finding
        .arg("name", token.name.clone())
        .arg("time", token.expires_at.map(|at| at.to_rfc3339()).unwrap_or_default())
        .fact(FactKey::TokenName, token.name.clone())
        .fact(FactKey::TokenId, token.id.clone())
        .fact(FactKey::TokenSureness, if certain { "certain" } else { "probable" })
        .fact_if(FactKey::CreatedAt, token.created.map(|at| at.to_rfc3339()))
        .fact_if(FactKey::ExpiresAt, token.expires_at.map(|at| at.to_rfc3339()))
        .fact(FactKey::Network, token.network.connection.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::check::{CheckId, Outcome};

    fn token(id: &str, name: &str, minutes: i64) -> ApiToken {
        ApiToken {
            id: id.to_owned(),
            name: name.to_owned(),
            user_id: Some("u".to_owned()),
            created: None,
            expires_at: Some(DateTime::UNIX_EPOCH + TimeDelta::days(30) + TimeDelta::minutes(minutes)),
            network: okta::Network { connection: "ANYWHERE".to_owned() },
        }
    }

    /// The outcome and its sentence for a list of the owner's entries.
    fn said(list: &[ApiToken]) -> (Outcome, Option<Code>) {
        let user = User {
            id: "u".to_owned(),
            status: "ACTIVE".to_owned(),
            login: "svc@example.com".to_owned(),
            first_name: None,
            last_name: None,
            display_name: None,
            mobile_phone: None,
        };
        let row =
            found(list, &user, "Radiant", &[], DateTime::UNIX_EPOCH).row(CheckId::TokenEntry, DateTime::UNIX_EPOCH, 0);
        (row.outcome, row.code)
    }

    #[test]
    fn after_a_replacement_each_outcome_has_a_sentence_of_its_own() {
        let probable = (Outcome::Passed, Some(Code::EntryProbable));
        let uncertain = (Outcome::Unknown, Some(Code::EntryUncertain));
        assert_eq!(said(&[token("a", "Radiant", 0), token("b", "Radiant 2", 60)]), probable, "one was renewed last");
        assert_eq!(said(&[token("a", "Radiant", 0), token("b", "Radiant 2", 1)]), probable, "one bears the name");
        assert_eq!(said(&[token("a", "Radiant", 0), token("b", "Radiant", 1)]), uncertain, "two fit");
        assert_eq!(said(&[]), uncertain, "none fits");
    }
}
