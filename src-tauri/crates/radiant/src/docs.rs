//! Asking Radiant's documentation: one fixed page of one fixed host, a question in, plain text out.
//!
//! A question that looks as if it held a token, an e-mail address or an IP address is not sent. Links in the answer are kept
//! only when they stay on the documentation's host.

use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use http_client::{HttpClient, Trust, send};
use model::code::Code;
use model::problem::Problem;
use model::radiant::{DocsAnswer, DocsSource};
use runtime::Clock;

/// The page that answers (Radiant, "Okta", section on querying the documentation).
const PAGE: &str = "https://help.radiantsecurity.ai/radiant-connectors/data-connectors/okta.md";
/// Longest question.
const LONGEST: usize = 500;
/// Longest answer kept.
const LONGEST_ANSWER: usize = 20_000;

/// Asks a question. `practice` is the practice organisation's page.
///
/// # Errors
/// [`Code::QuestionEmpty`], [`Code::QuestionPrivate`] (nothing was sent), [`Code::DocsUnavailable`].
pub async fn ask(
    question: &str,
    practice: Option<&str>,
    web: &HttpClient,
    _clock: &Clock,
) -> Result<DocsAnswer, Problem> {
    let question: String = question.trim().chars().take(LONGEST).collect();
    if question.is_empty() {
        return Err(Problem::new(Code::QuestionEmpty));
    }
    if is_private(&question) {
        return Err(Problem::new(Code::QuestionPrivate));
    }
    let unavailable = || Problem::new(Code::DocsUnavailable);
    let mut url = Url::parse(practice.unwrap_or(PAGE)).map_err(|_| unavailable())?;
    url.query_pairs_mut().append_pair("ask", &question);
    let client = web.client(Trust::System, practice.is_some()).map_err(|_| unavailable())?;
    let request = client.get(url.clone()).header(ACCEPT, "text/markdown, text/plain, application/json");
    let reply = send(request).await.map_err(|_| unavailable())?;
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    if reply.status != 200 || text.trim().is_empty() || text.trim_start().starts_with("<!") {
        return Err(unavailable());
    }
    Ok(read(&text, &url))
}

/// Reads an answer in either form it may have: JSON with `answer` and `sources`, or Markdown. Which one is UNVERIFIED.
fn read(text: &str, page: &Url) -> DocsAnswer {
    if let Ok(Value::Object(body)) = serde_json::from_str::<Value>(text) {
        let answer = body.get("answer").or_else(|| body.get("text")).and_then(Value::as_str).unwrap_or_default();
        let list = body.get("sources").and_then(Value::as_array).cloned().unwrap_or_default();
        let sources = list.iter().filter_map(|one| {
            let target = one.get("url").or_else(|| one.get("path"))?.as_str()?;
            source(one.get("title").and_then(Value::as_str).unwrap_or(target), target, page)
        });
        return DocsAnswer { answer: shortened(answer), sources: sources.collect() };
    }
    let mut sources: Vec<DocsSource> = Vec::new();
    for (title, target) in links(text) {
        sources.extend(source(title, target, page).filter(|new| sources.iter().all(|old| old.path != new.path)));
    }
    DocsAnswer { answer: shortened(text), sources }
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(LONGEST_ANSWER).collect()
}

fn source(title: &str, target: &str, page: &Url) -> Option<DocsSource> {
    let url = page.join(target).ok().filter(|url| url.origin() == page.origin())?;
    let title: String = title.trim().chars().take(200).collect();
    (!title.is_empty()).then(|| DocsSource { title, path: url.path().to_owned() })
}

/// Returns the Markdown links `[title](target)`.
fn links(text: &str) -> Vec<(&str, &str)> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some((before, after)) = rest.split_once("](") {
        let title = before.rsplit_once('[').map(|(_, title)| title);
        let Some((target, tail)) = after.split_once(')') else { break };
        found.extend(title.map(|title| (title, target.trim())));
        rest = tail;
    }
    found
}

/// Tells whether a question holds something that should not leave this computer.
fn is_private(question: &str) -> bool {
    question.split(|c: char| c.is_whitespace() || "\"'`,;()<>[]{}".contains(c)).any(|word| {
        let word = word.trim_matches(['.', ':', '?', '!']);
        let mail = word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        let dense = word.len() >= 20
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.+/".contains(c))
            && word.chars().any(|c| c.is_ascii_digit())
            && word.chars().any(|c| c.is_ascii_alphabetic())
            && !word.contains("://");
        mail || dense || word.parse::<std::net::IpAddr>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private_is_not_sent_and_a_plain_question_is() {
        for private in [
            "why is 00abcdefghijklmnopqrstuvwxyz0123456789ABCD refused?",
            "is jo@example.com locked?",
            "who is 10.1.2.3?",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl1",
        ] {
            assert!(is_private(private), "{private}");
        }
        for plain in ["Which Okta role does Radiant need?", "What is the connector type for Okta?"] {
            assert!(!is_private(plain), "{plain}");
        }
    }

    #[test]
    fn only_links_to_the_documentations_own_host_are_kept() -> Result<(), url::ParseError> {
        let page = Url::parse(PAGE)?;
        let answer =
            read("See [Okta](/radiant-connectors/data-connectors/okta) and [x](https://evil.example/a).", &page);
        assert_eq!(answer.sources.len(), 1);
        assert_eq!(answer.sources[0].path, "/radiant-connectors/data-connectors/okta");
        Ok(())
    }
}
