//! Linux: the desktop's notification service, called directly, because the activation token of a click is a signal of its own.
//!
//! One task waits for the clicks on all notifications, with one connection that is open only while a notification waits.
//! Source: the Desktop Notifications specification 1.3 (`ActivationToken` precedes `ActionInvoked`).

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use model::navigation_target::NavigationTarget;
use model::notification_event::TestNotificationResult;
use model::sanitized_text::{markup, terminal_line};
use runtime::Clock;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use zbus::zvariant::Value;
use zbus::{Connection, Message, proxy};

use super::notification::{APP, CLICK, Notification, OnClick};
use crate::host_context::ShowRequest;
use crate::task_group::TaskGroup;

/// The name of the app's icon.
const ICON: &str = "okta-connector-for-radiant";
/// The longest wait for the notification service.
const DEADLINE: Duration = Duration::from_secs(10);
/// The longest wait for it when the app ends at once.
const SHORT_DEADLINE: Duration = Duration::from_secs(3);
/// The time that the notification service chooses for a notification to stay.
const DEFAULT_EXPIRY: i32 = -1;

#[proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_blocking = false
)]
trait NotificationService {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[expect(clippy::too_many_arguments, reason = "the specification's call")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;
}

/// Shows notifications and waits for clicks on them.
pub(super) struct Display(UnboundedSender<Notification>);

impl Display {
    pub(super) fn start(tasks: &TaskGroup, clock: Clock, on_click: OnClick) -> Self {
        let (sender, requests) = unbounded_channel();
        tasks.spawn(run(requests, on_click, clock, tasks.end_token()));
        Self(sender)
    }

    pub(super) fn show(&self, notification: Notification) {
        if self.0.send(notification).is_err() {
            tracing::debug!("a notification is not shown, because the app is ending");
        }
    }
}

/// Shows a notification that nobody waits for, also where no runtime is running.
pub(super) fn show_once(notification: &Notification) {
    let shown = std::thread::scope(|scope| {
        // A thread of its own, because the caller's may already run a runtime.
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let work = async {
                    send(&NotificationServiceProxy::new(&Connection::session().await?).await?, notification).await
                };
                Clock::system().within(SHORT_DEADLINE, work).await.unwrap_or(Err(Failure::NoAnswer))
            })
        });
        thread.join()
    });
    if let Ok(Err(error)) = shown {
        tracing::debug!(%error, "the desktop did not show a notification");
    }
}

/// Shows a notification and returns what became of it.
pub(super) async fn show_test(notification: Notification, clock: &Clock) -> TestNotificationResult {
    let work = async {
        let bus = Connection::session().await?;
        send(&NotificationServiceProxy::new(&bus).await?, &notification).await
    };
    match clock.within(DEADLINE, work).await.unwrap_or(Err(Failure::NoAnswer)) {
        Ok(_) => TestNotificationResult::Shown,
        Err(error) => {
            tracing::info!(%error, "the desktop did not show the test notification");
            match error {
                Failure::NoAnswer => TestNotificationResult::Unknown,
                Failure::Bus(_) | Failure::Runtime(_) => TestNotificationResult::Refused,
            }
        }
    }
}

/// Why a notification was not shown.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
    #[error("no runtime: {0}")]
    Runtime(#[from] std::io::Error),
    #[error("no answer in time")]
    NoAnswer,
}

/// Asks the service to show a notification and returns its id.
async fn send(service: &NotificationServiceProxy<'_>, notification: &Notification) -> Result<u32, Failure> {
    let Notification { summary, body, open, .. } = notification;
    let actions: Vec<&str> = open.iter().flat_map(|open| [CLICK, open.as_str()]).collect();
    let hints = HashMap::from([("desktop-entry", Value::from(APP))]);
    let (summary, body) = (terminal_line(summary), body_for(service.get_capabilities().await.ok().as_deref(), body));
    Ok(service.notify(APP, 0, ICON, &summary, &body, &actions, hints, DEFAULT_EXPIRY).await?)
}

/// Returns the body, escaped unless the service says that it reads no markup: the names of connections and the texts from Okta in
/// it are not ours.
fn body_for(capabilities: Option<&[String]>, body: &str) -> String {
    if capabilities.is_none_or(|all| all.iter().any(|one| one == "body-markup")) {
        markup(body)
    } else {
        body.lines().map(terminal_line).collect::<Vec<_>>().join("\n")
    }
}

async fn send_in_time(
    service: &NotificationServiceProxy<'_>,
    notification: &Notification,
    clock: &Clock,
) -> Result<u32, Failure> {
    clock.within(DEADLINE, send(service, notification)).await.unwrap_or(Err(Failure::NoAnswer))
}

async fn run(mut requests: UnboundedReceiver<Notification>, on_click: OnClick, clock: Clock, end: CancellationToken) {
    let work = async {
        let mut unsent = None;
        loop {
            let next = match unsent.take() {
                Some(notification) => Some(notification),
                None => requests.recv().await,
            };
            let Some(first) = next else { return };
            match wait_for_clicks(first, &mut requests, &on_click, &clock).await {
                Ok(left) => unsent = left,
                Err(error) => tracing::warn!(%error, "the desktop did not show a notification"),
            }
        }
    };
    tokio::select! {
        () = end.cancelled() => {}
        () = work => {}
    }
}

/// Shows a notification, and those that are requested meanwhile, until none of them can be clicked any more. Returns a
/// notification that was not shown because the bus ended.
async fn wait_for_clicks(
    first: Notification,
    requests: &mut UnboundedReceiver<Notification>,
    on_click: &OnClick,
    clock: &Clock,
) -> Result<Option<Notification>, Failure> {
    let bus = clock.within(DEADLINE, Connection::session()).await.ok_or(Failure::NoAnswer)??;
    let set_up = async {
        let service = NotificationServiceProxy::new(&bus).await?;
        // All signals in one stream, which keeps their order.
        let signals = service.inner().receive_all_signals().await?;
        let owners = service.inner().receive_owner_changed().await?;
        Ok::<_, Failure>((service, signals, owners))
    };
    let (service, mut signals, mut owners) = clock.within(DEADLINE, set_up).await.ok_or(Failure::NoAnswer)??;
    let mut waiting = Waiting::default();
    waiting.0.insert(send_in_time(&service, &first, clock).await?, Target::new(first.target));
    // The service may have been started by this very notification.
    while owners.next().now_or_never().flatten().is_some() {}
    while !waiting.0.is_empty() {
        tokio::select! {
            biased;
            signal = signals.next() => match signal {
                Some(signal) => waiting.on_signal(&signal).into_iter().for_each(|request| on_click(request)),
                None => return Ok(None),
            },
            // Another service does not know the notifications of the one before.
            _ = owners.next() => return Ok(None),
            request = requests.recv() => {
                let Some(notification) = request else { return Ok(None) };
                match send_in_time(&service, &notification, clock).await {
                    Ok(id) => drop(waiting.0.insert(id, Target::new(notification.target))),
                    Err(Failure::Bus(zbus::Error::InputOutput(_))) => return Ok(Some(notification)),
                    Err(error) => tracing::warn!(%error, "the desktop did not show a notification"),
                }
            }
        }
    }
    Ok(None)
}

/// Where a click on a notification leads, and the activation token that preceded the click.
struct Target {
    target: NavigationTarget,
    activation_token: Option<String>,
}

impl Target {
    fn new(target: NavigationTarget) -> Self {
        Self { target, activation_token: None }
    }
}

/// The notifications that can be clicked, by their id.
#[derive(Default)]
struct Waiting(BTreeMap<u32, Target>);

impl Waiting {
    /// Follows a signal of the service; returns what a click asks for.
    fn on_signal(&mut self, signal: &Message) -> Option<ShowRequest> {
        let (header, body) = (signal.header(), signal.body());
        let member = header.member()?.as_str();
        if member == "NotificationClosed" {
            let (id, _reason): (u32, u32) = body.deserialize().ok()?;
            self.0.remove(&id);
            return None;
        }
        let (id, text): (u32, &str) = body.deserialize().ok()?;
        match member {
            "ActivationToken" => self.0.get_mut(&id)?.activation_token = Some(text.to_owned()),
            "ActionInvoked" if text == CLICK => {
                let Target { target, activation_token } = self.0.remove(&id)?;
                return Some(ShowRequest { target: Some(target), activation_token });
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::body_for;

    #[test]
    fn a_name_from_okta_is_no_markup_in_a_notification() {
        let body = "<a href=\"https://x.example\">Acme</a> & Co\u{1b}[2J\nnext\u{202e}";
        let escaped = "&lt;a href=\"https://x.example\"&gt;Acme&lt;/a&gt; &amp; Co[2J\nnext";
        for capabilities in [None, Some(vec!["actions".to_owned(), "body-markup".to_owned()])] {
            assert_eq!(body_for(capabilities.as_deref(), body), escaped);
        }
        let plain = body_for(Some(&["body".to_owned()]), body);
        assert_eq!(plain, "<a href=\"https://x.example\">Acme</a> & Co\u{fffd}[2J\nnext\u{fffd}");
    }
}
