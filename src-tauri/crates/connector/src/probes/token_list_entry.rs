//! Finds the token's entry in Okta's token list.
//!
//! No API names it. An entry is probable by its owner and the newest renewal (a request renews the token it was sent with), and
//! certain only if the System Log shows that the token was created while the guide was open.

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Finding;
use super::input::ProbeInput;
use model::check::{FactKey, Skip};
use model::code::Code;
use model::connection::Profile;
use model::link_target::LinkTarget;
use model::log_event::LogEvent;
use okta::{ApiToken, List, LogQuery, Okta, User};

/// A token that expires sooner than this, if it is not used before, needs attention.
const EXPIRES_SOON: TimeDelta = TimeDelta::days(7);

/// Most targets of an event that are looked at. An event of a new token has one or two.
const MAX_TARGETS: usize = 10;

/// Checks the token's entry. Only while the guide is open, the System Log is searched for its creation.
pub(super) async fn token_entry(
    okta: &Okta,
    user: &User,
    input: &ProbeInput,
    okta_now: DateTime<Utc>,
) -> (Finding, Option<()>) {
    let (list, created) = tokio::join!(okta.api_tokens(), created_since(okta, user, input.history.guide_since));
    match list {
        Ok(answer) => {
            let list = answer.value;
            let finding = finding_in(&list, user, &input.target.token_name, &created, okta_now);
            let finding = finding.left_out(list.unreadable).evidence(&answer.evidence).link(LinkTarget::OktaTokens);
            (list.more_requests.iter().fold(finding, Finding::evidence), None)
        }
        Err(failure) if failure.code() == Code::PermissionRefused => {
            let finding = match input.target.profile {
                Profile::Response => Finding::unknown(Code::EntryNotTold),
                Profile::Ingestion => Finding::skipped(Skip::Profile),
            };
            (finding.code(Code::EntryNotTold).evidence(&failure.evidence).link(LinkTarget::OktaTokens), None)
        }
        Err(failure) => (Finding::of_okta(&failure), None),
    }
}

fn finding_in(list: &List<ApiToken>, user: &User, name: &str, created: &[String], now: DateTime<Utc>) -> Finding {
    match own_entry(&list.entries, user, name, created) {
        // The rest of an incomplete list may have one that was renewed later.
        Some((token, is_certain)) if is_certain || list.is_complete => finding_of(token, is_certain, now),
        None if list.entries.is_empty() && list.unreadable > 0 => Finding::unknown(Code::AnswerUnreadable),
        Some(_) | None => Finding::unknown(Code::EntryUncertain),
    }
}

/// Returns the IDs of the tokens that this owner created since the guide was opened; none if that is unknown.
async fn created_since(okta: &Okta, user: &User, since: Option<DateTime<Utc>>) -> Vec<String> {
    let Some(since) = since else { return Vec::new() };
    let query = LogQuery {
        since: Some(since),
        limit: 20,
        filter: Some("eventType eq \"system.api_token.create\"".to_owned()),
        ..LogQuery::default()
    };
    let page = okta.logs(&query).await.map(|answer| answer.value.entries).unwrap_or_default();
    page.iter()
        .filter(|event| event.text("/actor/id").as_deref() == Some(user.id.as_str()))
        .flat_map(target_ids)
        .collect()
}

/// Returns the ids of an event's targets. Which of them is the token is not said by their order.
fn target_ids(event: &LogEvent) -> impl Iterator<Item = String> {
    (0..MAX_TARGETS).filter_map(|n| event.text(&format!("/target/{n}/id")))
}

/// Finds the entry among those of the owner: the one created during the guide, else the one renewed last, by its name if there
/// are several. The flag is whether the entry is certain.
fn own_entry<'a>(list: &'a [ApiToken], user: &User, name: &str, created: &[String]) -> Option<(&'a ApiToken, bool)> {
    let own: Vec<&ApiToken> = list.iter().filter(|token| token.user_id.as_deref() == Some(user.id.as_str())).collect();
    let mut during_guide = own.iter().filter(|token| created.contains(&token.id));
    if let (Some(token), None) = (during_guide.next(), during_guide.next()) {
        return Some((token, true));
    }
    let newest = own.iter().filter_map(|token| token.expires_at).max()?;
    let renewed_last =
        || own.iter().filter(|token| token.expires_at.is_some_and(|at| newest - at < TimeDelta::minutes(2)));
    match renewed_last().count() {
        1 => renewed_last().next().map(|token| (*token, false)),
        _ => {
            let mut named = renewed_last().filter(|token| token.name == name);
            match (named.next(), named.next()) {
                (Some(token), None) => Some((token, false)),
                _ => None,
            }
        }
    }
}

fn finding_of(token: &ApiToken, is_certain: bool, now: DateTime<Utc>) -> Finding {
    let is_restricted = token.network.as_ref().is_some_and(|network| network != "ANYWHERE");
    let expires_soon = token.expires_at.is_some_and(|at| at - now < EXPIRES_SOON);
    let finding = match (is_restricted, expires_soon, is_certain) {
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
        .fact(FactKey::TokenSureness, if is_certain { "certain" } else { "probable" })
        .fact_if(FactKey::CreatedAt, token.created.map(|at| at.to_rfc3339()))
        .fact_if(FactKey::ExpiresAt, token.expires_at.map(|at| at.to_rfc3339()))
        .fact_if(FactKey::Network, token.network.clone())
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
            network: Some("ANYWHERE".to_owned()),
            network_zones: Some(Vec::new()),
        }
    }

    /// Returns the outcome and its code for a list of the owner's entries.
    fn result(list: &[ApiToken]) -> (Outcome, Option<Code>) {
        result_of(list, 0)
    }

    /// Returns the same for a list with further entries that could not be read.
    fn result_of(list: &[ApiToken], unreadable: u32) -> (Outcome, Option<Code>) {
        result_in(&List { entries: list.to_vec(), unreadable, is_complete: true, more_requests: Vec::new() }, &[])
    }

    /// Returns the same for a list of one or several pages, and the IDs of the tokens that were created during the guide.
    fn result_in(list: &List<ApiToken>, created: &[String]) -> (Outcome, Option<Code>) {
        let user = User {
            id: "u".to_owned(),
            status: "ACTIVE".to_owned(),
            login: "svc@example.com".to_owned(),
            first_name: None,
            last_name: None,
            display_name: None,
            mobile_phone: None,
        };
        let row = finding_in(list, &user, "Radiant", created, DateTime::UNIX_EPOCH).row(
            CheckId::TokenEntry,
            DateTime::UNIX_EPOCH,
            0,
        );
        (row.outcome, row.code)
    }

    #[test]
    fn after_a_replacement_each_outcome_has_its_own_code() {
        let probable = (Outcome::Passed, Some(Code::EntryProbable));
        let uncertain = (Outcome::Unknown, Some(Code::EntryUncertain));
        assert_eq!(result(&[token("a", "Radiant", 0), token("b", "Radiant 2", 60)]), probable, "one was renewed last");
        assert_eq!(result(&[token("a", "Radiant", 0), token("b", "Radiant 2", 1)]), probable, "one has the name");
        assert_eq!(result(&[token("a", "Radiant", 0), token("b", "Radiant", 1)]), uncertain, "two match");
        assert_eq!(result(&[]), uncertain, "none matches");
    }

    #[test]
    fn an_incomplete_list_names_only_a_token_that_is_certain() {
        let entries = vec![token("a", "Radiant", 0), token("b", "another tool", 60)];
        let list = List { entries, unreadable: 0, is_complete: false, more_requests: Vec::new() };
        assert_eq!(result_in(&list, &[]), (Outcome::Unknown, Some(Code::EntryUncertain)));
        assert_eq!(result_in(&list, &["a".to_owned()]), (Outcome::Passed, None));
    }

    #[test]
    fn entries_that_cannot_be_read_are_no_revoked_token() {
        let other = ApiToken { user_id: Some("v".to_owned()), ..token("c", "another tool", 0) };
        assert_eq!(result(std::slice::from_ref(&other)), (Outcome::Unknown, Some(Code::EntryUncertain)));
        assert_eq!(result_of(&[other], 1), (Outcome::Unknown, Some(Code::EntryUncertain)));
        assert_eq!(result_of(&[], 2), (Outcome::Unknown, Some(Code::AnswerUnreadable)));
        assert_eq!(result_of(&[token("a", "Radiant", 0)], 1), (Outcome::Passed, Some(Code::EntryProbable)));
    }

    #[test]
    fn the_token_is_found_among_all_targets_of_an_event() {
        let json = r#"{"uuid":"u","published":"2026-11-20T08:15:30Z","eventType":"system.api_token.create",
            "target":[{"id":"00u1","type":"User"},{"id":null},{"id":"00T1","type":"Token"}]}"#;
        let raw = serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
        let event = LogEvent::parse(raw).unwrap();
        assert_eq!(target_ids(&event).collect::<Vec<_>>(), ["00u1", "00T1"]);
    }
}
