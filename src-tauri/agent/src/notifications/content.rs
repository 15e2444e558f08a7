//! The text of a notification, decided from what a round of probes found. Pure.

use connector::ProbeOutcome;
use messages::{Messages, keys};
use model::navigation_target::NavigationTarget;
use model::notification_event::NotificationEvent;
use model::reminder::Reminder;
use model::update_notice::UpdateNotice;

/// The text of one notification and where a click on it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationContent {
    /// The first line.
    pub summary: String,
    /// The text below it.
    pub body: String,
    /// Where a click leads.
    pub target: NavigationTarget,
}

impl NotificationContent {
    /// Returns the notification for the outcomes of a round; `None` when there is nothing to notify. Practice is named.
    #[must_use]
    pub fn of(outcomes: &[ProbeOutcome], messages: &Messages, practice: bool) -> Option<Self> {
        let events: Vec<(&ProbeOutcome, &NotificationEvent)> =
            outcomes.iter().filter_map(|one| Some((one, one.notification.as_ref()?))).collect();
        match events.as_slice() {
            [] => None,
            [(outcome, event)] => Some(Self::single(outcome, event, messages, practice)),
            several => {
                let lines =
                    several.iter().map(|(outcome, event)| Self::single(outcome, event, messages, practice).summary);
                Some(Self {
                    summary: messages.text(keys::NOTICE_SEVERAL, &[("count", &several.len().to_string())]),
                    body: lines.collect::<Vec<_>>().join("\n"),
                    target: NavigationTarget { id: None, row: None },
                })
            }
        }
    }

    /// Returns the notification of a newer version. A click opens the app, which shows the link.
    #[must_use]
    pub fn of_update(notice: &UpdateNotice, messages: &Messages) -> Self {
        let date = notice.date.to_string();
        Self {
            summary: messages.text(keys::NOTICE_UPDATE, &[("version", &notice.version)]),
            body: messages.text(keys::NOTICE_UPDATE_BODY, &[("date", &date), ("link", &notice.link)]),
            target: NavigationTarget { id: None, row: None },
        }
    }

    fn single(outcome: &ProbeOutcome, event: &NotificationEvent, messages: &Messages, practice: bool) -> Self {
        let name = messages.connection_name(&outcome.name, practice);
        let to = |row| NavigationTarget { id: Some(outcome.id.clone()), row };
        match event {
            NotificationEvent::Worse { problem, row, .. } => {
                let text = messages.code(problem.code, &problem.args);
                Self { summary: format!("{name}: {}", text.title), body: text.meaning, target: to(Some(*row)) }
            }
            NotificationEvent::Recovered { problem } => {
                let title = messages.code(problem.code, &problem.args).title;
                Self {
                    summary: messages.text(keys::NOTICE_RECOVERED, &[("name", &name)]),
                    body: messages.text(keys::NOTICE_RECOVERED_BODY, &[("what", &title)]),
                    target: to(None),
                }
            }
            NotificationEvent::Remind { reminders } => {
                let (summary, body) = reminder_text(&name, reminders, messages);
                Self { summary, body, target: to(None) }
            }
        }
    }
}

/// Returns summary and body for reminders: the reminder's own text for one, a count and their titles for several.
fn reminder_text(name: &str, reminders: &[Reminder], messages: &Messages) -> (String, String) {
    let mut texts: Vec<_> = reminders.iter().map(|one| messages.reminder(one)).collect();
    if texts.len() == 1
        && let Some(text) = texts.pop()
    {
        return (format!("{name}: {}", text.title), text.meaning);
    }
    let count = texts.len().to_string();
    let summary = messages.text(keys::NOTICE_REMINDERS, &[("name", name), ("count", &count)]);
    (summary, texts.into_iter().map(|text| text.title).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::check::CheckId;
    use model::code::Code;
    use model::condition_registry::Severity;
    use model::connection::ConnectionId;
    use model::preferences::Language;
    use model::problem::Problem;
    use model::reminder::ReminderKind;
    use model::status::{State, Status};

    use super::*;

    fn outcome(id: &str, notice: Option<NotificationEvent>) -> ProbeOutcome {
        let status = Status {
            state: State::Ok,
            problem: None,
            row: None,
            since: None,
            arrival_verified: false,
            as_of: None,
            valid_until: None,
        };
        let name = id.trim_start_matches("practice-").to_owned();
        ProbeOutcome {
            id: ConnectionId(id.to_owned()),
            name,
            before: status.clone(),
            after: status,
            notification: notice,
        }
    }

    fn worse(code: Code) -> Option<NotificationEvent> {
        Some(NotificationEvent::Worse { problem: Problem::new(code), row: CheckId::Token, severity: Severity::Stopped })
    }

    fn content(outcomes: &[ProbeOutcome]) -> Option<NotificationContent> {
        NotificationContent::of(outcomes, &Messages::load(Language::En), false)
    }

    #[test]
    fn one_worsening_names_its_connection_and_leads_to_its_check() {
        let content = content(&[outcome("acme", worse(Code::TokenRefused)), outcome("quiet", None)]).unwrap();
        assert!(content.summary.starts_with("acme: "), "{}", content.summary);
        assert_eq!(
            content.target,
            NavigationTarget { id: Some(ConnectionId("acme".to_owned())), row: Some(CheckId::Token) }
        );
    }

    #[test]
    fn several_at_once_are_one_notification() {
        let all = [outcome("a", worse(Code::TokenRefused)), outcome("b", worse(Code::LogsRefused))];
        let content = content(&all).unwrap();
        assert!(content.summary.contains('2'), "{}", content.summary);
        assert_eq!(content.body.lines().count(), 2);
        assert_eq!(content.target, NavigationTarget { id: None, row: None });
    }

    #[test]
    fn practice_is_named_and_outcomes_without_an_event_show_nothing() {
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let one = [outcome("practice-1", worse(Code::TokenRefused))];
            let content = NotificationContent::of(&one, &Messages::load(language), true).unwrap();
            assert!(content.summary.starts_with(&format!("{word} \u{b7} 1: ")), "{}", content.summary);
        }
        assert_eq!(content(&[outcome("a", None)]), None);
    }

    fn reminder(kind: ReminderKind) -> Reminder {
        let of = chrono::DateTime::UNIX_EPOCH;
        let args = BTreeMap::from([("days".to_owned(), "180".to_owned())]);
        Reminder { kind, of, since: of, observed_at: None, args, act: None, link: None }
    }

    #[test]
    fn one_reminder_shows_its_text_and_several_are_one_notification() {
        let one = content(&[outcome(
            "acme",
            Some(NotificationEvent::Remind { reminders: vec![reminder(ReminderKind::TokenAge)] }),
        )]);
        let one = one.unwrap();
        assert!(one.summary.starts_with("acme: ") && one.summary.contains("180"), "{one:?}");
        assert_eq!(one.target, NavigationTarget { id: Some(ConnectionId("acme".to_owned())), row: None });
        let both = vec![reminder(ReminderKind::TokenAge), reminder(ReminderKind::OwnerService)];
        let both = content(&[outcome("acme", Some(NotificationEvent::Remind { reminders: both }))]).unwrap();
        assert!(both.summary.contains('2') && both.body.lines().count() == 2, "{both:?}");
    }

    #[test]
    fn a_newer_version_is_named_with_its_day_and_its_link() {
        let notice = UpdateNotice {
            version: "1.2.3".to_owned(),
            date: chrono::NaiveDate::from_ymd_opt(2026, 3, 10).unwrap(),
            link: "https://example.com/download".to_owned(),
        };
        for language in [Language::En, Language::De] {
            let content = NotificationContent::of_update(&notice, &Messages::load(language));
            assert!(content.summary.contains("1.2.3"), "{content:?}");
            assert!(content.body.contains("2026-03-10") && content.body.contains(&notice.link), "{content:?}");
        }
    }

    #[test]
    fn a_recovery_names_the_problem_that_is_over() {
        let problem = Problem::new(Code::OktaUnavailable);
        let title = Messages::load(Language::En).code(problem.code, &problem.args).title;
        let content = content(&[outcome("acme", Some(NotificationEvent::Recovered { problem }))]).unwrap();
        assert!(content.summary.contains("acme") && content.body.contains(&title), "{content:?}");
    }
}
