//! Desktop notifications: one for each worsening or recovery that monitoring reports, several at once as one.
//!
//! A click opens the window on the check that found the problem. [`content`] decides the text; it is pure. A desktop without
//! notifications is not an error: tray and window show the same.

pub mod content;
#[cfg(target_os = "linux")]
#[path = "freedesktop.rs"]
mod display;
#[cfg(not(target_os = "linux"))]
#[path = "native.rs"]
mod display;
mod notification;

pub use notification::OnClick;

use messages::{Messages, keys};
use model::navigation_target::NavigationTarget;
use model::notification_event::TestNotificationResult;
use runtime::Clock;

use crate::task_group::TaskGroup;
use content::NotificationContent;
use notification::Notification;

/// Shows notifications and waits for clicks on them.
pub struct Notifications(display::Display);

impl Notifications {
    /// Starts showing notifications until the end of `tasks`.
    #[must_use]
    pub fn start(tasks: &TaskGroup, clock: Clock, on_click: OnClick) -> Self {
        Self(display::Display::start(tasks, clock, on_click))
    }

    /// Shows a notification.
    pub fn show(&self, content: NotificationContent, messages: &Messages) {
        let NotificationContent { summary, body, target } = content;
        let open = Some(messages.text(keys::NOTICE_OPEN, &[]));
        self.0.show(Notification { summary, body, open, target });
    }
}

/// Shows a notification that a person asked for, and returns what became of it.
pub async fn show_test(messages: &Messages, practice: bool, clock: &Clock) -> TestNotificationResult {
    let summary = messages.text(keys::NOTICE_TEST, &[]);
    let summary = match practice {
        true => format!("{} \u{b7} {summary}", messages.text(keys::PRACTICE_WORD, &[])),
        false => summary,
    };
    let body = messages.text(keys::NOTICE_TEST_BODY, &[]);
    let target = NavigationTarget { id: None, row: None };
    display::show_test(Notification { summary, body, open: None, target }, clock).await
}

/// Shows that the app is not running and therefore does not monitor. Nobody waits for a click on it.
pub fn show_not_started(messages: &Messages) {
    show_text(&messages.text(keys::NOTICE_NOT_STARTED, &[]), &messages.text(keys::NOTICE_NOT_STARTED_BODY, &[]));
}

/// Shows that the window could not be displayed. Nobody waits for a click on it.
pub fn show_window_failed(messages: &Messages) {
    show_text(&messages.text(keys::NOTICE_WINDOW_FAILED, &[]), &messages.text(keys::NOTICE_WINDOW_FAILED_BODY, &[]));
}

/// Shows a text. Nobody waits for a click on it, and the caller waits until it is shown, three seconds at most.
pub fn show_text(summary: &str, body: &str) {
    let target = NavigationTarget { id: None, row: None };
    // The log and standard error report the same where no notification can be shown.
    display::show_once(&Notification { summary: summary.to_owned(), body: body.to_owned(), open: None, target });
}
