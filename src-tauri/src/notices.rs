//! Notices of the desktop: one for each worsening or recovery that monitoring found worth it, several at once as one.
//!
//! A click opens the window on the row that is wrong. What is said is decided by [`Said::of`], a pure function.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use connector::ProbeOutcome;
use messages::{Messages, keys};
use model::check::CheckId;
use model::connection::ConnectionId;
use model::notification::NotificationEvent;
use model::reminder::Reminder;
use notify_rust::{Notification, NotificationResponse};
use runtime::Clock;
use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_specta::Event as _;

use crate::desk::Desk;
use crate::events::LandingWanted;
use crate::window;

/// The app's name, and that of its entry among the desktop's applications: both are the product's.
const APP: &str = "Okta Connector for Radiant";
#[cfg(target_os = "linux")]
const ICON: &str = "okta-connector-for-radiant";
/// The action of a click on the notice itself (Desktop Notifications specification).
const CLICK: &str = "default";

/// How long a notice that nobody clicked keeps the app from starting over. Some desktops keep one for days; what it tells is in
/// the tray all that time.
const AWAITED: TimeDelta = TimeDelta::hours(1);

/// Where the window is to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Landing {
    /// The connection; absent for several at once, which open the overview.
    pub(crate) id: Option<ConnectionId>,
    /// The row that is wrong.
    pub(crate) row: Option<CheckId>,
}

/// The place a click asked for, until the window has taken it; and since when notices wait for a click.
#[derive(Default)]
pub(crate) struct Wanted {
    landing: Mutex<Option<Landing>>,
    shown: Mutex<Vec<DateTime<Utc>>>,
}

impl Wanted {
    /// Returns it once.
    pub(crate) fn take(&self) -> Option<Landing> {
        self.landing.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Tells whether a notice waits for a click, and has not for long, or a place for the window.
    pub(crate) fn is_awaited(&self, now: DateTime<Utc>) -> bool {
        let landing = self.landing.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        landing || self.shown().iter().any(|since| now - since < AWAITED)
    }

    fn shown(&self) -> MutexGuard<'_, Vec<DateTime<Utc>>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shows(&self, since: DateTime<Utc>) {
        self.shown().push(since);
    }

    /// Notes that a notice shown since then was clicked or is gone.
    fn is_over(&self, since: DateTime<Utc>) {
        let mut shown = self.shown();
        if let Some(at) = shown.iter().position(|one| *one == since) {
            shown.remove(at);
        }
    }

    fn put(&self, landing: Landing) {
        *self.landing.lock().unwrap_or_else(PoisonError::into_inner) = Some(landing);
    }
}

/// One notice as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    summary: String,
    body: String,
    landing: Landing,
}

impl Said {
    fn of(tended: &[ProbeOutcome], messages: &Messages) -> Option<Self> {
        let told: Vec<(&ProbeOutcome, &NotificationEvent)> =
            tended.iter().filter_map(|one| Some((one, one.notice.as_ref()?))).collect();
        match told.as_slice() {
            [] => None,
            [(one, notice)] => Some(single(one, notice, messages)),
            several => {
                let lines = several.iter().map(|(one, notice)| single(one, notice, messages).summary);
                Some(Self {
                    summary: messages.text(keys::NOTICE_SEVERAL, &[("count", &several.len().to_string())]),
                    body: lines.collect::<Vec<_>>().join("\n"),
                    landing: Landing { id: None, row: None },
                })
            }
        }
    }
}

fn single(one: &ProbeOutcome, notice: &NotificationEvent, messages: &Messages) -> Said {
    let name = messages.named_as(&one.name, one.id.0.starts_with("practice-"));
    let id = Some(one.id.clone());
    match notice {
        NotificationEvent::Worse { problem, row, .. } => {
            let text = messages.code(problem.code, &problem.args);
            Said {
                summary: format!("{name}: {}", text.title),
                body: text.meaning,
                landing: Landing { id, row: Some(*row) },
            }
        }
        NotificationEvent::Recovered { problem } => {
            let title = messages.code(problem.code, &problem.args).title;
            Said {
                summary: messages.text(keys::NOTICE_RECOVERED, &[("name", &name)]),
                body: messages.text(keys::NOTICE_RECOVERED_BODY, &[("what", &title)]),
                landing: Landing { id, row: None },
            }
        }
        NotificationEvent::Remind { reminders } => {
            Said { landing: Landing { id, row: None }, ..remind(&name, reminders, messages) }
        }
    }
}

/// One reminder speaks for itself; several are counted and named.
fn remind(name: &str, reminders: &[Reminder], messages: &Messages) -> Said {
    let landing = Landing { id: None, row: None };
    let titles: Vec<String> = reminders.iter().map(|one| messages.reminder(one).title).collect();
    match (reminders, titles.as_slice()) {
        ([one], [title]) => Said { summary: format!("{name}: {title}"), body: messages.reminder(one).meaning, landing },
        _ => {
            let count = reminders.len().to_string();
            let summary = messages.text(keys::NOTICE_REMINDERS, &[("name", name), ("count", &count)]);
            Said { summary, body: titles.join("\n"), landing }
        }
    }
}

/// Shows what is worth a notice. A desktop that shows none is no fault: the tray and the window tell the same.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>, tended: &[ProbeOutcome]) {
    let messages = app.state::<Desk>().words(app);
    let Some(said) = Said::of(tended, &messages) else { return };
    let (app, open) = (app.clone(), messages.text(keys::NOTICE_OPEN, &[]));
    // A thread of its own and none of the runtime's few: it waits as long as the notice is there to be clicked.
    let thread = std::thread::Builder::new().name("notice".to_owned()).spawn(move || {
        let landing = said.landing.clone();
        let (wanted, since) = (app.state::<Wanted>(), Clock::system().now());
        wanted.shows(since);
        let clicked = display(&said, &open);
        wanted.is_over(since);
        match clicked {
            Ok(true) => land(&app, landing),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the desktop did not show a notice"),
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "a notice found no thread");
    }
}

/// Says that this app does not watch. There is none that could wait for a click.
pub(crate) fn say_not_started(messages: &Messages) {
    let said = [keys::NOTICE_NOT_STARTED, keys::NOTICE_NOT_STARTED_BODY].map(|key| messages.text(key, &[]));
    // Where no notice can be shown either, standard error says it.
    drop(notification(&said[0], &said[1]).show());
}

/// Opens the window where a notice pointed to.
fn land<R: Runtime>(app: &AppHandle<R>, landing: Landing) {
    app.state::<Wanted>().put(landing);
    let handle = app.clone();
    let opened = app.run_on_main_thread(move || window::open(&handle));
    if let Err(error) = opened.and_then(|()| LandingWanted.emit(app)) {
        tracing::debug!(%error, "the window did not hear where to open");
    }
}

/// Makes a notice under the app's own name: on Windows and macOS the system knows that name once the app is installed.
fn notification(summary: &str, body: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname(APP).summary(summary).body(body);
    #[cfg(target_os = "linux")]
    notification.icon(ICON).hint(notify_rust::Hint::DesktopEntry(APP.to_owned()));
    // Windows drops a notice of a name it does not know. A build for development is not installed: PowerShell's is taken.
    #[cfg(target_os = "windows")]
    if !cfg!(debug_assertions) {
        notification.app_id(connector::place::IDENTIFIER);
    }
    #[cfg(target_os = "macos")]
    if let Err(error) = notify_rust::set_application(connector::place::IDENTIFIER) {
        tracing::debug!(%error, "notices keep the name they have");
    }
    notification
}

/// Shows a notice and waits until it is clicked or gone; tells whether it was clicked.
fn display(said: &Said, open: &str) -> Result<bool, notify_rust::error::Error> {
    let mut clicked = false;
    let shown = notification(&said.summary, &said.body).action(CLICK, open).show()?;
    shown.wait_for_response(|answer: &NotificationResponse| clicked = is_click(answer))?;
    Ok(clicked)
}

/// Tells whether this is a click on the notice, or on its button where the system shows one.
fn is_click(answer: &NotificationResponse) -> bool {
    match answer {
        NotificationResponse::Default => true,
        NotificationResponse::Action(name) => name == CLICK,
        NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::code::Code;
    use model::condition::Severity;
    use model::preferences::Language;
    use model::problem::Problem;
    use model::reminder::ReminderKind;
    use model::status::{State, Status};

    use super::*;

    fn tended(id: &str, notice: Option<NotificationEvent>) -> ProbeOutcome {
        let status =
            Status { state: State::Ok, problem: None, row: None, since: None, arrival_verified: false, as_of: None };
        let name = id.trim_start_matches("practice-").to_owned();
        ProbeOutcome { id: ConnectionId(id.to_owned()), name, before: status.clone(), after: status, notice }
    }

    fn worse(code: Code) -> Option<NotificationEvent> {
        Some(NotificationEvent::Worse { problem: Problem::new(code), row: CheckId::Token, severity: Severity::Stopped })
    }

    fn said(all: &[ProbeOutcome]) -> Option<Said> {
        Said::of(all, &Messages::of(Language::En))
    }

    #[test]
    fn one_worsening_names_its_connection_and_lands_on_its_row() {
        let said = said(&[tended("acme", worse(Code::TokenRefused)), tended("quiet", None)]).unwrap();
        assert!(said.summary.starts_with("acme: "), "{}", said.summary);
        assert_eq!(said.landing, Landing { id: Some(ConnectionId("acme".to_owned())), row: Some(CheckId::Token) });
    }

    #[test]
    fn a_place_a_click_asked_for_is_awaited_until_the_window_has_taken_it() {
        let (wanted, now) = (Wanted::default(), DateTime::UNIX_EPOCH);
        assert!(!wanted.is_awaited(now));
        wanted.put(Landing { id: None, row: None });
        assert!(wanted.is_awaited(now));
        assert_eq!(wanted.take(), Some(Landing { id: None, row: None }));
        assert!(!wanted.is_awaited(now));
    }

    #[test]
    fn a_notice_is_awaited_until_it_is_gone_and_no_longer_than_an_hour() {
        let (wanted, at) = (Wanted::default(), |minutes| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes));
        wanted.shows(at(0));
        wanted.shows(at(30));
        assert!(wanted.is_awaited(at(59)) && wanted.is_awaited(at(89)), "the newer one");
        assert!(!wanted.is_awaited(at(90)), "kept by the desktop and never clicked");
        wanted.shows(at(100));
        wanted.is_over(at(100));
        assert!(!wanted.is_awaited(at(101)), "clicked or gone");
    }

    #[test]
    fn a_click_on_the_notice_or_its_button_opens_the_window_and_nothing_else_does() {
        assert!(is_click(&NotificationResponse::Default));
        assert!(is_click(&NotificationResponse::Action(CLICK.to_owned())));
        assert!(!is_click(&NotificationResponse::Action("other".to_owned())));
        assert!(!is_click(&NotificationResponse::Closed(notify_rust::CloseReason::Dismissed)));
    }

    #[test]
    fn several_at_once_are_one_notice() {
        let all = [tended("a", worse(Code::TokenRefused)), tended("b", worse(Code::LogsRefused))];
        let said = said(&all).unwrap();
        assert!(said.summary.contains('2'), "{}", said.summary);
        assert_eq!(said.body.lines().count(), 2);
        assert_eq!(said.landing, Landing { id: None, row: None });
    }

    #[test]
    fn practice_says_so_and_nothing_to_tell_is_nothing() {
        for (language, word) in [(Language::En, "PRACTICE"), (Language::De, "\u{dc}BUNG")] {
            let one = [tended("practice-1", worse(Code::TokenRefused))];
            let said = Said::of(&one, &Messages::of(language)).unwrap();
            assert!(said.summary.starts_with(&format!("{word} \u{b7} 1: ")), "{}", said.summary);
        }
        assert_eq!(said(&[tended("a", None)]), None);
    }

    fn reminder(kind: ReminderKind) -> Reminder {
        let of = chrono::DateTime::UNIX_EPOCH;
        let args = BTreeMap::from([("days".to_owned(), "180".to_owned())]);
        Reminder { kind, of, since: of, seen: None, args, act: None, link: None }
    }

    #[test]
    fn one_reminder_says_its_sentence_and_several_are_one_notice() {
        let one = said(&[tended(
            "acme",
            Some(NotificationEvent::Remind { reminders: vec![reminder(ReminderKind::TokenAge)] }),
        )]);
        let one = one.unwrap();
        assert!(one.summary.starts_with("acme: ") && one.summary.contains("180"), "{one:?}");
        assert_eq!(one.landing, Landing { id: Some(ConnectionId("acme".to_owned())), row: None });
        let both = vec![reminder(ReminderKind::TokenAge), reminder(ReminderKind::OwnerService)];
        let both = said(&[tended("acme", Some(NotificationEvent::Remind { reminders: both }))]).unwrap();
        assert!(both.summary.contains('2') && both.body.lines().count() == 2, "{both:?}");
    }

    #[test]
    fn a_recovery_says_what_no_longer_holds() {
        let problem = Problem::new(Code::OktaUnavailable);
        let title = Messages::of(Language::En).code(problem.code, &problem.args).title;
        let said = said(&[tended("acme", Some(NotificationEvent::Recovered { problem }))]).unwrap();
        assert!(said.summary.contains("acme") && said.body.contains(&title), "{said:?}");
    }
}
