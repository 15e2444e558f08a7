//! Lists with odd entries, pages and links, and answers that are not as bad as they look.
//!
//! A mock stands for Okta; every other response of it is valid, so that one row shows the effect of one response.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/message_placeholders.rs"]
mod message_placeholders;
#[path = "support/mocked_org.rs"]
mod mocked_org;

use mockito::{Matcher, Mock};
use model::capability::CapabilityState;
use model::check::{CheckId, CheckRow, FactKey, Outcome};
use model::code::Code;

use mocked_org::{HEALTHY, JSON, LOGS, ROLES, Strange, TOKENS, WELL_KNOWN, refusal, says};

fn left_out(row: &CheckRow) -> Option<&str> {
    let fact = row.facts.iter().find(|fact| fact.key == FactKey::UnreadableEntries);
    fact.map(|fact| fact.value.as_str())
}

/// Returns a list of readable entries and others.
fn list(readable: &str, count: usize, others: usize) -> String {
    let readable = std::iter::repeat_n(readable, count);
    format!("[{}]", readable.chain(std::iter::repeat_n(r#"{"odd":true}"#, others)).collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn unreadable_entries_are_counted_and_too_many_of_them_leave_a_list_unknown() {
    let lists = [
        (CheckId::SystemLog, LOGS, HEALTHY[4].1.trim_matches(['[', ']'])),
        (CheckId::Users, "/api/v1/users", r#"{"id":"00u1"}"#),
        (CheckId::Zones, "/api/v1/zones", r#"{"id":"nzo1","name":null}"#),
    ];
    for (check, path, readable) in lists {
        for (count, others) in [(1, 99), (1, 1), (3, 5)] {
            let strange = Strange::at(path, |mock| mock.with_body(list(readable, count, others))).await;
            let row = strange.row(check).await;
            assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::EntriesUnreadable)), "{path} {others}");
            let (unreadable, total) = (others.to_string(), (count + others).to_string());
            assert_eq!((&row.args["unreadable"], &row.args["total"]), (&unreadable, &total));
            assert_eq!(left_out(&row), Some(unreadable.as_str()));
        }
        let row = Strange::at(path, |mock| mock.with_body(list(readable, 2, 1))).await.row(check).await;
        assert_eq!((row.outcome, left_out(&row)), (Outcome::Passed, Some("1")), "{path}");
        let strange = Strange::at(path, |mock| mock.with_body("[null]")).await;
        let report = strange.check().await;
        let row = report.row(check).unwrap();
        assert_eq!((row.outcome, row.code), (Outcome::Unknown, Some(Code::AnswerUnreadable)), "{path}");
        let proven = report.capabilities.iter().filter(|row| row.state == CapabilityState::Proven).count();
        assert_eq!(proven, 2, "{path}: an unreadable list proves no right");
    }
}

#[tokio::test]
async fn odd_roles_and_tokens_leave_the_others_and_an_inactive_role_gives_no_right() {
    let roles = r#"[{"type":"SUPER_ADMIN","label":"Super Administrator","status":"ACTIVE"},
        {"type":"CUSTOM","label":null,"role":"cr9","resource-set":"iam1","status":"ACTIVE"}, null]"#;
    let row = Strange::at(ROLES, |mock| mock.with_body(roles)).await.row(CheckId::Roles).await;
    assert_eq!((row.outcome, left_out(&row)), (Outcome::Passed, Some("1")));
    assert!(row.facts.iter().any(|fact| fact.value == "cr9"), "a custom role is shown by its ID");
    let inactive = r#"[{"type":"SUPER_ADMIN","label":"Super Administrator","status":"INACTIVE"}]"#;
    let row = Strange::at(ROLES, |mock| mock.with_body(inactive)).await.row(CheckId::Roles).await;
    assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::RoleTooSmall)));
    says(CheckId::Roles, ROLES, (200, JSON, "[null]"), (Outcome::Unknown, Code::AnswerUnreadable)).await;
    let odd = r#"[{"id":"00T2","name":"radiant","userId":"00uSTRANGE","expiresAt":"2099-12-20T10:00:00Z","network":{"connection":"ANYWHERE"}},
        {"id":"00T3","name":null,"userId":null,"created":"","expiresAt":"","network":null}]"#;
    let row = Strange::at(TOKENS, |mock| mock.with_body(odd)).await.row(CheckId::TokenEntry).await;
    assert_eq!((row.outcome, left_out(&row)), (Outcome::Passed, Some("1")));
    let others = r#"[{"id":"00T1","name":"another tool","userId":"00u99","expiresAt":null}]"#;
    says(CheckId::TokenEntry, TOKENS, (200, JSON, others), (Outcome::Unknown, Code::EntryUncertain)).await;
}

#[tokio::test]
async fn the_own_token_is_found_on_the_second_page_and_an_endless_list_is_read_to_a_limit() {
    let other = r#"[{"id":"00T1","userId":"00u99"}]"#;
    let own = r#"[{"id":"00T2","userId":"00uSTRANGE","expiresAt":"2099-12-20T10:00:00Z"}]"#;
    // Two pages of the same path, distinguished by the cursor; the link is relative.
    let first = |mock: Mock| mock.match_query(Matcher::Missing).with_header("link", "<?after=1>; rel=\"next\"");
    let mut strange = Strange::at(TOKENS, |mock| first(mock).with_body(other)).await;
    let second = strange.server.mock("GET", TOKENS).match_query("after=1").with_body(own).create_async().await;
    let row = strange.row(CheckId::TokenEntry).await;
    assert_eq!((row.outcome, row.code), (Outcome::Passed, Some(Code::EntryProbable)));
    assert_eq!(row.evidence.len(), 2, "both requests are shown");
    second.assert_async().await;
    let mut endless = Strange::at(TOKENS, |mock| first(mock).with_body(other)).await;
    let more =
        endless.server.mock("GET", TOKENS).match_query("after=1").with_header("link", "<?after=1>; rel=\"next\"");
    let more = more.with_body(other).expect(4).create_async().await;
    assert_eq!(endless.row(CheckId::TokenEntry).await.code, Some(Code::EntryUncertain));
    more.assert_async().await;
}

#[tokio::test]
async fn a_busy_or_limited_org_is_not_called_worse_than_it_is() {
    let busy = refusal("E0000047");
    says(CheckId::Domain, WELL_KNOWN, (429, JSON, &busy), (Outcome::Unknown, Code::OktaRateLimited)).await;
    let off = refusal("E0000015");
    says(CheckId::SystemLog, LOGS, (401, JSON, &off), (Outcome::Failed, Code::LogsFeatureOff)).await;
    says(CheckId::Zones, "/api/v1/zones", (401, JSON, &off), (Outcome::Failed, Code::FeatureRefused)).await;
    let filter = refusal("E0000031");
    says(CheckId::SystemLog, LOGS, (400, JSON, &filter), (Outcome::Unknown, Code::LogsQueryRefused)).await;
    let read_only = refusal("E0000010");
    says(CheckId::SystemLog, LOGS, (503, JSON, &read_only), (Outcome::Unknown, Code::OktaReadRefused)).await;
}

#[tokio::test]
async fn times_far_outside_are_unreadable_and_nothing_panics() {
    for year in ["-262143", "+262142", "+10000", "-0001", "9999", "0000"] {
        let event = HEALTHY[4].1.replace("2026-", &format!("{year}-"));
        let strange = Strange::at(LOGS, |mock| mock.with_body(&event)).await;
        let outcome = strange.row(CheckId::SystemLog).await.outcome;
        let is_time = year.len() == 4;
        assert_eq!(outcome, if is_time { Outcome::Passed } else { Outcome::Unknown }, "{year}");
        let token = format!(
            r#"[{{"id":"00T2","userId":"00uSTRANGE","created":"{year}-01-01T00:00:00Z","expiresAt":"{year}-01-01T00:00:00Z"}}]"#
        );
        let row = Strange::at(TOKENS, |mock| mock.with_body(&token)).await.row(CheckId::TokenEntry).await;
        assert_eq!(row.outcome == Outcome::Unknown, !is_time, "{year}: {row:?}");
        let date = format!("Sat, 01 Jan {} 00:00:00 GMT", year.trim_start_matches(['+', '-']));
        let strange = Strange::at(WELL_KNOWN, |mock| mock.with_body(HEALTHY[0].1).with_header("date", &date)).await;
        assert_eq!(strange.row(CheckId::Domain).await.outcome, Outcome::Passed, "{date}");
    }
}

#[tokio::test]
async fn a_next_link_that_nobody_follows_is_no_problem_whatever_it_is() {
    let foreign = "<https://acme.okta.com.example.com/api/v1/logs?after=1>; title=\"a, b\"; rel=\"prev next\"";
    let links = ["<::not an address>; rel=\"next\"", "</api/v1/logs?after=1>; rel=\"next\"", foreign];
    let others = ["", ",,,;;;", "<>", "rel=\"next\"", "<http://127.0.0.1/x", "<https://a.example/>; rel=\"self\""];
    for link in links.into_iter().chain(others) {
        for (check, path, body) in [
            (CheckId::SystemLog, LOGS, HEALTHY[4].1),
            (CheckId::Users, "/api/v1/users", "[]"),
            (CheckId::Zones, "/api/v1/zones", "[]"),
        ] {
            let strange = Strange::at(path, |mock| mock.with_header("link", link).with_body(body)).await;
            assert_eq!(strange.row(check).await.outcome, Outcome::Passed, "{path}: {link}");
        }
    }
}

#[tokio::test]
async fn a_foreign_next_link_is_refused_where_the_list_is_read_to_its_end() {
    let other = "<https://a.example/>; rel=\"self\"";
    let foreign = "<https://acme.okta.com.example.com/api/v1/api-tokens?after=1>; title=\"a, b\"; rel=\"prev next\"";
    for (check, path) in [(CheckId::TokenEntry, TOKENS), (CheckId::Roles, ROLES)] {
        let twice = |mock: Mock| mock.with_header("link", other).with_header("link", foreign).with_body("[{}]");
        let row = Strange::at(path, twice).await.row(check).await;
        assert_eq!((row.outcome, row.code), (Outcome::Failed, Some(Code::NextLinkForeign)), "{path}");
        assert_eq!(row.args["host"], "acme.okta.com.example.com");
    }
}
