//! Desktop notifications: one for each worsening or recovery that monitoring reports, several at once as one.
//!
//! A click opens the window on the check that found the problem. [`NotificationContent::of`] decides the text; it is pure.

use connector::ProbeOutcome;
use messages::{Messages, keys};
use model::notification::NotificationEvent;
use model::reminder::Reminder;
use notify_rust::{Notification, NotificationResponse};
use runtime::Clock;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_specta::Event as _;

use crate::app_state::AppState;
use crate::connectors::is_practice;
use crate::events::NavigationRequested;
use crate::pending_navigation::NavigationTarget;
use crate::window;

/// The product's name, which is also the name of its desktop entry.
const APP: &str = "Okta Connector for Radiant";
#[cfg(target_os = "linux")]
const ICON: &str = "okta-connector-for-radiant";
/// The action of a click on the notification itself (Desktop Notifications specification).
const CLICK: &str = "default";

/// The text of one notification and where a click on it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NotificationContent {
    summary: String,
    body: String,
    target: NavigationTarget,
}

impl NotificationContent {
    /// Returns the notification for the outcomes of a pass; `None` when there is nothing to notify.
    fn of(outcomes: &[ProbeOutcome], messages: &Messages) -> Option<Self> {
        let events: Vec<(&ProbeOutcome, &NotificationEvent)> =
            outcomes.iter().filter_map(|one| Some((one, one.notification.as_ref()?))).collect();
        match events.as_slice() {
            [] => None,
            [(outcome, event)] => Some(Self::single(outcome, event, messages)),
            several => {
                let lines = several.iter().map(|(outcome, event)| Self::single(outcome, event, messages).summary);
                Some(Self {
                    summary: messages.text(keys::NOTICE_SEVERAL, &[("count", &several.len().to_string())]),
                    body: lines.collect::<Vec<_>>().join("\n"),
                    target: NavigationTarget { id: None, row: None },
                })
            }
        }
    }

    fn single(outcome: &ProbeOutcome, event: &NotificationEvent, messages: &Messages) -> Self {
        let name = messages.connection_name(&outcome.name, is_practice(&outcome.id));
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

/// Shows the notification for these outcomes. A desktop without notifications is not an error: tray and window show the same.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>, outcomes: &[ProbeOutcome]) {
    let messages = app.state::<AppState>().messages(app);
    let Some(content) = NotificationContent::of(outcomes, &messages) else { return };
    let (app, open) = (app.clone(), messages.text(keys::NOTICE_OPEN, &[]));
    // It needs a thread of its own, because it waits for as long as the notification can be clicked.
    let thread = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let (navigation, since) = (&app.state::<AppState>().navigation, Clock::system().now());
        navigation.add_shown(since);
        let clicked = display(&content, &open);
        navigation.remove_shown(since);
        match clicked {
            Ok(true) => navigate(&app, content.target),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the desktop did not show a notification"),
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "no thread could be started for a notification");
    }
}

/// Shows that the app is not running and therefore does not monitor. Nobody waits for a click on it.
pub(crate) fn show_not_started(messages: &Messages) {
    let [summary, body] = [keys::NOTICE_NOT_STARTED, keys::NOTICE_NOT_STARTED_BODY].map(|key| messages.text(key, &[]));
    // Standard error reports the same where no notification can be shown.
    drop(notification(&summary, &body).show());
}

/// Opens the window at the target of a notification.
fn navigate<R: Runtime>(app: &AppHandle<R>, target: NavigationTarget) {
    app.state::<AppState>().navigation.set(target);
    let handle = app.clone();
    let opened = app.run_on_main_thread(move || window::open(&handle));
    if let Err(error) = opened.and_then(|()| NavigationRequested.emit(app)) {
        tracing::debug!(%error, "the window was not sent to the notification's target");
    }
}

/// Creates a notification under the app's own name. Windows and macOS know that name once the app is installed.
fn notification(summary: &str, body: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname(APP).summary(summary).body(body);
    #[cfg(target_os = "linux")]
    notification.icon(ICON).hint(notify_rust::Hint::DesktopEntry(APP.to_owned()));
    // Windows drops notifications of an unknown name, so a development build, which is not installed, uses PowerShell's.
    #[cfg(target_os = "windows")]
    if !cfg!(debug_assertions) {
        notification.app_id(connector::paths::IDENTIFIER);
    }
    #[cfg(target_os = "macos")]
    if let Err(error) = notify_rust::set_application(connector::paths::IDENTIFIER) {
        tracing::debug!(%error, "notifications keep the name they have");
    }
    notification
}

/// Shows a notification and waits until it is clicked or closed; tells whether it was clicked.
fn display(content: &NotificationContent, open: &str) -> Result<bool, notify_rust::error::Error> {
    let mut clicked = false;
    let shown = notification(&content.summary, &content.body).action(CLICK, open).show()?;
    shown.wait_for_response(|response: &NotificationResponse| clicked = is_click(response))?;
    Ok(clicked)
}

/// Tells whether this is a click on the notification, or on its button where the system shows one.
fn is_click(response: &NotificationResponse) -> bool {
    match response {
        NotificationResponse::Default => true,
        NotificationResponse::Action(name) => name == CLICK,
        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => false,
    }
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
        let status =
            Status { state: State::Ok, problem: None, row: None, since: None, arrival_verified: false, as_of: None };
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
        NotificationContent::of(outcomes, &Messages::load(Language::En))
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
    fn only_a_click_on_the_notification_or_its_button_opens_the_window() {
        assert!(is_click(&NotificationResponse::Default));
        assert!(is_click(&NotificationResponse::Action(CLICK.to_owned())));
        assert!(!is_click(&NotificationResponse::Action("other".to_owned())));
        assert!(!is_click(&NotificationResponse::Closed(notify_rust::CloseReason::Dismissed)));
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
            let content = NotificationContent::of(&one, &Messages::load(language)).unwrap();
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
    fn a_recovery_names_the_problem_that_is_over() {
        let problem = Problem::new(Code::OktaUnavailable);
        let title = Messages::load(Language::En).code(problem.code, &problem.args).title;
        let content = content(&[outcome("acme", Some(NotificationEvent::Recovered { problem }))]).unwrap();
        assert!(content.summary.contains("acme") && content.body.contains(&title), "{content:?}");
    }
}
