//! Windows and macOS: a thread waits for the click on each notification, because their calls block.

use model::notification_event::TestNotificationResult;
use notify_rust::NotificationResponse;
use runtime::Clock;

use super::notification::{APP, CLICK, Notification, OnClick};
use crate::host_context::ShowRequest;
use crate::task_group::TaskGroup;

/// Shows notifications and waits for clicks on them.
pub(super) struct Display(OnClick);

impl Display {
    pub(super) fn start(_tasks: &TaskGroup, _clock: Clock, on_click: OnClick) -> Self {
        Self(on_click)
    }

    pub(super) fn show(&self, notification: Notification) {
        let on_click = std::sync::Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
            match wait_for_click(&notification) {
                Ok(true) => on_click(ShowRequest { target: Some(notification.target), activation_token: None }),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the desktop did not show a notification"),
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "no thread could be started for a notification");
        }
    }
}

/// Shows a notification that nobody waits for.
pub(super) fn show_once(notification: &Notification) {
    if let Err(error) = native(notification).show() {
        tracing::debug!(%error, "the desktop did not show a notification");
    }
}

/// Shows a notification and returns what became of it. macOS reports no refusal.
pub(super) async fn show_test(notification: Notification, _clock: &Clock) -> TestNotificationResult {
    let shown = tokio::task::spawn_blocking(move || native(&notification).show().map(drop)).await;
    match shown {
        Ok(Ok(())) if cfg!(target_os = "macos") => TestNotificationResult::Unknown,
        Ok(Ok(())) => TestNotificationResult::Shown,
        Ok(Err(error)) => {
            tracing::info!(%error, "the desktop did not show the test notification");
            TestNotificationResult::Refused
        }
        Err(_) => TestNotificationResult::Unknown,
    }
}

/// Creates a notification under the app's own name, which the system knows once the app is installed.
fn native(Notification { summary, body, open, .. }: &Notification) -> notify_rust::Notification {
    let mut native = notify_rust::Notification::new();
    native.appname(APP).summary(summary).body(body);
    if let Some(open) = open {
        native.action(CLICK, open);
    }
    // Windows drops notifications of an unknown name, so a development build, which is not installed, uses PowerShell's.
    #[cfg(target_os = "windows")]
    if !cfg!(debug_assertions) {
        native.app_id(connector::paths::IDENTIFIER);
    }
    #[cfg(target_os = "macos")]
    if let Err(error) = notify_rust::set_application(connector::paths::IDENTIFIER) {
        tracing::debug!(%error, "notifications keep the name they have");
    }
    native
}

/// Shows a notification and waits until it is clicked or closed; tells whether it was clicked.
fn wait_for_click(notification: &Notification) -> Result<bool, notify_rust::error::Error> {
    let mut clicked = false;
    let shown = native(notification).show()?;
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
    use super::*;

    #[test]
    fn only_a_click_on_the_notification_or_its_button_opens_the_window() {
        assert!(is_click(&NotificationResponse::Default));
        assert!(is_click(&NotificationResponse::Action(CLICK.to_owned())));
        assert!(!is_click(&NotificationResponse::Action("other".to_owned())));
        assert!(!is_click(&NotificationResponse::Closed(notify_rust::CloseReason::Dismissed)));
    }
}
