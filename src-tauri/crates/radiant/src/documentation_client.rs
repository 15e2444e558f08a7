//! Asks Radiant's documentation, at one fixed page of one fixed host, and returns plain text.
//!
//! A question that seems to contain a token, an e-mail address, an IP address or a phone number is not sent. Links in the answer
//! are kept only if they stay on the documentation's host.

use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::Value;
use url::Url;

use http_client::{AcceptedProxyIssuers, HttpClient, HttpSettings};
use model::code::Code;
use model::private_data_search::holds_private_data;
use model::problem::Problem;
use model::radiant_search_settings::{DocsAnswer, DocsSource};

/// The page that takes questions (Radiant, "Okta", section on querying the documentation).
const PAGE: &str = "https://help.radiantsecurity.ai/radiant-connectors/data-connectors/okta.md";
/// Longest question, in characters.
const MAX_QUESTION: usize = 500;
/// Largest page that is read, in bytes.
const MAX_PAGE: usize = 256 * 1024;
/// Longest answer, in characters.
const MAX_ANSWER: usize = 20_000;

/// Asks a question. `practice` is the page of the practice organization.
///
/// # Errors
/// [`Code::QuestionEmpty`], [`Code::QuestionPrivate`] (nothing was sent), [`Code::DocsUnavailable`].
pub async fn ask_documentation(
    question: &str,
    practice: Option<&str>,
    settings: &HttpSettings,
) -> Result<DocsAnswer, Problem> {
    // The whole question is searched: cut off first, a token at its end would no longer be recognized.
    if holds_private_data(question) {
        return Err(Problem::new(Code::QuestionPrivate));
    }
    let question: String = question.trim().chars().take(MAX_QUESTION).collect();
    if question.is_empty() {
        return Err(Problem::new(Code::QuestionEmpty));
    }
    let unavailable = || Problem::new(Code::DocsUnavailable);
    let mut url = Url::parse(practice.unwrap_or(PAGE)).map_err(|_| unavailable())?;
    url.query_pairs_mut().append_pair("ask", &question);
    let client = match practice {
        Some(_) => HttpClient::loopback(settings),
        // A question carries no secret.
        None => HttpClient::without_secret(settings, &AcceptedProxyIssuers::default()),
    };
    let client = client.map_err(|_| unavailable())?;
    let request =
        client.request(Method::GET, url.clone()).header(ACCEPT, "text/markdown, text/plain, application/json");
    let response = client.send(request).await.map_err(|_| unavailable())?;
    if response.body.len() > MAX_PAGE {
        return Err(unavailable());
    }
    let text = String::from_utf8_lossy(&response.body).into_owned();
    // A web page is not the answer that was asked for, but perhaps a network's sign-in page.
    if response.status != 200 || text.trim().is_empty() || response.is_page() {
        return Err(unavailable());
    }
    Ok(parse(&text, &url))
}

/// Parses an answer in either form: JSON with `answer` and `sources`, or Markdown. Which one Radiant uses is UNVERIFIED.
fn parse(text: &str, page: &Url) -> DocsAnswer {
    if let Ok(Value::Object(body)) = serde_json::from_str::<Value>(text) {
        let answer = body.get("answer").or_else(|| body.get("text")).and_then(Value::as_str).unwrap_or_default();
        let list = body.get("sources").and_then(Value::as_array).cloned().unwrap_or_default();
        let sources = list.iter().filter_map(|one| {
            let target = one.get("url").or_else(|| one.get("path"))?.as_str()?;
            source(one.get("title").and_then(Value::as_str).unwrap_or(target), target, page)
        });
        return DocsAnswer { answer: truncated(answer), sources: sources.collect() };
    }
    let mut sources: Vec<DocsSource> = Vec::new();
    for (title, target) in links(text) {
        sources.extend(source(title, target, page).filter(|new| sources.iter().all(|old| old.path != new.path)));
    }
    DocsAnswer { answer: truncated(text), sources }
}

fn truncated(text: &str) -> String {
    text.trim().chars().take(MAX_ANSWER).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_documentations_own_host_are_kept() -> Result<(), url::ParseError> {
        let page = Url::parse(PAGE)?;
        let answer =
            parse("See [Okta](/radiant-connectors/data-connectors/okta) and [x](https://evil.example/a).", &page);
        assert_eq!(answer.sources.len(), 1);
        assert_eq!(answer.sources[0].path, "/radiant-connectors/data-connectors/okta");
        Ok(())
    }
}
