//! The text of an alert for each kind of channel. Pure.
//!
//! Guarantees: without the choice of names no connection name, no host and no value of a problem's text other than a count or an
//! amount of time is in it. What is in it can neither begin a line nor mention or format anything in a chat.

use chrono::{DateTime, SecondsFormat, Utc};
use messages::{Messages, Sentences, keys};
use model::alert::AlertEvent;
use model::condition_registry::Severity;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::sanitized_text::single_line;
use serde_json::{Value, json};

/// The values of a problem's text that name nobody and nothing.
const IMPERSONAL: [&str; 11] =
    ["minutes", "seconds", "hours", "days", "count", "total", "unreadable", "searched", "remaining", "limit", "needed"];
/// Longest sentence, in characters.
const MAX_SENTENCE: usize = 400;
/// Longest name of a connection, in characters.
const MAX_NAME: usize = 80;
/// Characters of a connection's id that stand for its name.
const SHORT_ID: usize = 8;

/// The connection that an alert is about.
#[derive(Debug, Clone)]
pub(super) struct AlertSubject {
    /// Its id.
    pub(super) id: ConnectionId,
    /// Its name.
    pub(super) name: String,
    /// The host of its org; `None` in practice.
    pub(super) host: Option<String>,
}

/// Everything that an alert says.
pub(super) struct AlertContent<'a> {
    /// Identifies the alert.
    pub(super) id: &'a str,
    /// When it was decided.
    pub(super) at: DateTime<Utc>,
    /// What it is about.
    pub(super) event: &'a AlertEvent,
    /// The connection; `None` for a test.
    pub(super) subject: Option<&'a AlertSubject>,
    /// Whether names are in it.
    pub(super) with_names: bool,
    /// Whether it comes from the practice organization.
    pub(super) is_practice: bool,
    /// The texts of its language.
    pub(super) messages: &'a Messages,
}

impl AlertContent<'_> {
    /// Returns the body for the generic webhook.
    pub(super) fn webhook_body(&self) -> Vec<u8> {
        let texts = self.event.problem().map(|problem| self.sentences(problem));
        let (event, severity) = (event_name(self.event), self.event.severity());
        let at = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = json!({
            "format": 1, "id": self.id, "event": event, "at": at, "severity": severity, "code": self.event.code(),
            "summary": self.summary(texts.as_ref()), "meaning": texts.map(|texts| texts.meaning),
            "connection": self.subject.map(|subject| self.connection(subject)), "practice": self.is_practice,
        });
        body.to_string().into_bytes()
    }

    /// Returns the body for an incoming webhook in Slack's format. Formatting and the expansion of links and names are off.
    pub(super) fn slack_body(&self) -> Vec<u8> {
        let texts = self.event.problem().map(|problem| self.sentences(problem));
        let mut text = chat_text(&self.summary(texts.as_ref()));
        if let (AlertEvent::Worse { .. }, Some(texts)) = (self.event, &texts) {
            text = format!("{text}\n{}", chat_text(&texts.meaning));
        }
        let body = json!({
            "text": text, "mrkdwn": false, "link_names": false, "unfurl_links": false, "unfurl_media": false,
        });
        body.to_string().into_bytes()
    }

    fn connection(&self, subject: &AlertSubject) -> Value {
        if self.with_names {
            let name = single_line(&subject.name, MAX_NAME);
            json!({"id": subject.id, "name": name, "host": subject.host})
        } else {
            json!({"id": subject.id})
        }
    }

    /// Returns the whole alert in one line.
    fn summary(&self, texts: Option<&Sentences>) -> String {
        let title = texts.map(|texts| texts.title.as_str()).unwrap_or_default();
        let args = [("name", self.name()), ("what", title.to_owned())];
        let args = args.each_ref().map(|(key, value)| (*key, value.as_str()));
        let text = match self.event {
            AlertEvent::Worse { severity, .. } => {
                let severity = self.messages.text(severity_key(*severity), &[]);
                let [name, what] = args;
                self.messages.text(keys::ALERT_WORSE, &[("severity", &severity), name, what])
            }
            AlertEvent::Recovered { .. } => self.messages.text(keys::ALERT_RECOVERED, &args),
            AlertEvent::Test => self.messages.text(keys::ALERT_TEST, &[]),
        };
        single_line(&text, MAX_SENTENCE)
    }

    /// Returns the connection's name with its host, or a part of its id.
    fn name(&self) -> String {
        let Some(subject) = self.subject else { return String::new() };
        let short: String = subject.id.0.trim_start_matches("practice-").chars().take(SHORT_ID).collect();
        let unnamed = || self.messages.text(keys::ALERT_UNNAMED, &[("id", &short)]);
        let name = if self.with_names { single_line(&subject.name, MAX_NAME) } else { String::new() };
        let name = if name.is_empty() { unnamed() } else { name };
        let host = subject.host.as_ref().filter(|_| self.with_names).map(|host| format!(" ({host})"));
        self.messages.connection_name(&format!("{name}{}", host.unwrap_or_default()), self.is_practice)
    }

    /// Returns the texts of a problem.
    fn sentences(&self, problem: &Problem) -> Sentences {
        let shown = |(key, value): (&String, &String)| {
            let is_shown = self.with_names || IMPERSONAL.contains(&key.as_str());
            (key.clone(), if is_shown { value.clone() } else { "\u{2026}".to_owned() })
        };
        let texts = self.messages.code(problem.code, &problem.args.iter().map(shown).collect());
        let line = |text: String| single_line(&text, MAX_SENTENCE);
        Sentences { title: line(texts.title), meaning: line(texts.meaning), remedy: line(texts.remedy) }
    }
}

fn event_name(event: &AlertEvent) -> &'static str {
    match event {
        AlertEvent::Worse { .. } => "worse",
        AlertEvent::Recovered { .. } => "recovered",
        AlertEvent::Test => "test",
    }
}

fn severity_key(severity: Severity) -> messages::Key {
    match severity {
        Severity::Stopped => keys::ALERT_SEVERITY_STOPPED,
        Severity::InDoubt => keys::ALERT_SEVERITY_IN_DOUBT,
        Severity::Attention | Severity::Quiet => keys::ALERT_SEVERITY_ATTENTION,
    }
}

/// Makes text safe for a chat: Slack's control characters are escaped as its documentation asks, and what other chats read as
/// a mention, a link or formatting is replaced.
fn chat_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("(at)"),
            '[' => out.push('('),
            ']' => out.push(')'),
            '*' | '`' | '~' | '|' => out.push('\''),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use model::code::Code;
    use model::preferences::Language;
    use proptest::prelude::*;

    use super::*;

    fn subject(name: &str) -> AlertSubject {
        let id = ConnectionId("1f0e2d3c-aaaa-bbbb-cccc-000011112222".to_owned());
        AlertSubject { id, name: name.to_owned(), host: Some("acme.okta.com".to_owned()) }
    }

    fn worse(code: Code, args: &[(&str, &str)]) -> AlertEvent {
        let problem = args.iter().fold(Problem::new(code), |problem, (key, value)| problem.arg(key, *value));
        AlertEvent::Worse { problem: problem.detail("svc@acme.example"), severity: Severity::Stopped }
    }

    /// Returns both bodies.
    fn bodies(event: &AlertEvent, subject: Option<&AlertSubject>, with_names: bool) -> [Value; 2] {
        let messages = Messages::load(Language::En);
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let content =
            AlertContent { id: "id-1", at, event, subject, with_names, is_practice: false, messages: &messages };
        [content.webhook_body(), content.slack_body()].map(|body| serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn an_alert_names_event_severity_code_and_time() {
        let [webhook, slack] = bodies(&worse(Code::TokenRefused, &[]), Some(&subject("acme")), true);
        let expected = json!({
            "format": 1, "id": "id-1", "event": "worse", "at": "2027-01-15T08:00:00Z", "severity": "stopped",
            "code": "token_refused", "practice": false,
            "connection": {"id": "1f0e2d3c-aaaa-bbbb-cccc-000011112222", "name": "acme", "host": "acme.okta.com"},
        });
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(webhook[key], *value, "{key}");
        }
        let summary = webhook["summary"].as_str().unwrap();
        assert!(summary.starts_with("Stopped: acme (acme.okta.com): "), "{summary}");
        assert!(slack["text"].as_str().unwrap().starts_with(summary), "{slack}");
    }

    #[test]
    fn without_the_choice_of_names_nobody_and_nothing_is_named() {
        let args =
            [("owner", "jo@acme.example"), ("status", "SUSPENDED BY JO"), ("minutes", "17"), ("host", "h.example")];
        for code in [Code::OwnerIsPerson, Code::MonitoringOwnerNotActive, Code::NotOkta, Code::RadiantLagging] {
            let both = bodies(&worse(code, &args), Some(&subject("acme")), false);
            for body in &both {
                let text = body.to_string();
                for private in ["jo@", "acme", "JO", "h.example", "svc"] {
                    assert!(!text.contains(private), "{private}: {text}");
                }
            }
            assert!(both[0]["summary"].as_str().unwrap().contains("1f0e2d3c"), "{}", both[0]);
        }
        let [lag, _] = bodies(&worse(Code::RadiantLagging, &args), Some(&subject("acme")), false);
        assert!(lag["summary"].as_str().unwrap().contains("17"), "{lag}");
        let [named, _] = bodies(&worse(Code::OwnerIsPerson, &args), Some(&subject("acme")), true);
        assert!(named["summary"].as_str().unwrap().contains("jo@acme.example"), "{named}");
    }

    #[test]
    fn a_name_can_neither_mention_nor_link_nor_begin_a_line_in_a_chat() {
        let name = "<!channel> @here [x](https://evil.example) *b*\n<@U1> & `c`";
        let [_, slack] = bodies(&worse(Code::TokenRefused, &[]), Some(&subject(name)), true);
        let text = slack["text"].as_str().unwrap();
        assert!(text.contains("&lt;!channel&gt; (at)here (x)(https://evil.example) 'b'"), "{text}");
        assert!(!text.contains(['<', '>', '@', '[', '`', '*']), "{text}");
        assert_eq!(text.lines().count(), 2, "the summary and its meaning: {text}");
        assert_eq!((&slack["mrkdwn"], &slack["link_names"]), (&json!(false), &json!(false)));
    }

    #[test]
    fn a_recovery_and_a_test_have_their_own_texts() {
        let problem = Problem::new(Code::TokenRefused);
        let over = AlertEvent::Recovered { problem, severity: Severity::Stopped };
        let [webhook, slack] = bodies(&over, Some(&subject("acme")), true);
        assert_eq!((&webhook["event"], &webhook["severity"]), (&json!("recovered"), &json!("stopped")));
        assert_eq!(slack["text"].as_str().unwrap().lines().count(), 1);
        let [test, _] = bodies(&AlertEvent::Test, None, true);
        assert_eq!(
            (&test["event"], &test["severity"], &test["connection"]),
            (&json!("test"), &Value::Null, &Value::Null)
        );
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_place(name in any::<String>()) {
            let [webhook, slack] = bodies(&worse(Code::TokenRefused, &[]), Some(&subject(&name)), true);
            let text = slack["text"].as_str().unwrap_or_default();
            prop_assert!(!text.contains(['<', '>', '@']) && text.lines().count() == 2);
            let summary = webhook["summary"].as_str().unwrap_or_default();
            prop_assert!(!summary.chars().any(char::is_control));
        }
    }
}
