//! The tray icon on Linux: an item of the desktop's StatusNotifier host.
//!
//! It appears when there is a session bus with a host and something is drawn, again when either comes back, and once. Only a
//! changed content is sent to the host, and nothing is polled while there is a bus.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use ksni::menu::StandardItem;
use ksni::{MenuItem, OfflineReason, ToolTip, TrayMethods as _, TrayServiceBuilder};
use model::status::TrayIcon;
use runtime::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zbus::fdo::DBusProxy;
use zbus::{Connection, MessageStream};

use super::content::{MenuEntry, TrayContent};
use super::icon_images::pixmap;
use super::{OnChoice, OnPresenceChange, Tray, TraySetup};

/// The id of the item, the same as the name of the app's icon.
const ID: &str = "okta-connector-for-radiant";
/// The title of the item.
const TITLE: &str = "Okta Connector for Radiant";
/// The service of the desktop that items are registered with.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// The wait before another attempt to show the item.
const RETRY: Duration = Duration::from_secs(5);
/// The longest wait for an answer of the bus or the desktop.
const DEADLINE: Duration = Duration::from_secs(10);
/// The longest wait for the item to be removed.
const REMOVAL_DEADLINE: Duration = Duration::from_secs(1);

/// The tray icon as a StatusNotifier item.
pub struct StatusNotifier {
    content: watch::Sender<Option<TrayContent>>,
    presence: Presence,
}

impl StatusNotifier {
    /// Starts the tray. The item appears after the first [`Tray::draw`].
    #[must_use]
    pub fn start(setup: TraySetup) -> Arc<dyn Tray> {
        let (content, drawn) = watch::channel(None);
        let TraySetup { on_choice, on_presence_change, clock, tasks } = setup;
        let presence = Presence { state: Arc::default(), on_change: on_presence_change };
        let task = ItemTask { presence: presence.clone(), on_choice, clock, end: tasks.end_token() };
        tasks.spawn(task.run(drawn));
        Arc::new(Self { content, presence })
    }
}

impl Tray for StatusNotifier {
    fn draw(&self, content: Option<TrayContent>) {
        self.content.send_if_modified(|drawn| {
            let is_new = *drawn != content;
            *drawn = content;
            is_new
        });
    }

    fn is_there(&self) -> bool {
        self.presence.state.borrow().is_there()
    }
}

/// Whether the item is shown, as its parts report it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PresenceState {
    /// Whether the item is on the bus.
    is_running: bool,
    /// Whether the desktop's watcher took it.
    has_watcher: bool,
}

impl PresenceState {
    fn is_there(self) -> bool {
        self.is_running && self.has_watcher
    }
}

/// Tells others when the item appears or disappears.
#[derive(Clone)]
struct Presence {
    state: Arc<watch::Sender<PresenceState>>,
    on_change: OnPresenceChange,
}

impl Default for PresenceState {
    fn default() -> Self {
        // The item reports only that it has no watcher.
        Self { is_running: false, has_watcher: true }
    }
}

impl Presence {
    fn update(&self, change: impl FnOnce(&mut PresenceState)) {
        let mut has_changed = false;
        self.state.send_if_modified(|state| {
            let before = *state;
            change(state);
            has_changed = before.is_there() != state.is_there();
            before != *state
        });
        if has_changed {
            (self.on_change)();
        }
    }
}

/// The item as the bus asks for it.
struct Item {
    content: TrayContent,
    icon: Vec<ksni::Icon>,
    presence: Presence,
    on_choice: OnChoice,
}

impl Item {
    fn show(&mut self, content: TrayContent) {
        if self.content.icon != content.icon {
            self.icon = icon(content.icon);
        }
        self.content = content;
    }

    fn entry(entry: &MenuEntry) -> MenuItem<Self> {
        match entry {
            MenuEntry::Separator => MenuItem::Separator,
            MenuEntry::Item { choice, text, enabled } => {
                let choice = choice.clone();
                let choose = move |item: &mut Self| {
                    (item.on_choice)(choice.clone().with_activation_token(ksni::current_xdg_activation_token()));
                };
                // A single underscore would mark the access key.
                let label = text.replace('_', "__");
                StandardItem { label, enabled: *enabled, activate: Box::new(choose), ..StandardItem::default() }.into()
            }
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        ID.to_owned()
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        self.icon.clone()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { description: self.content.tooltip.clone(), ..ToolTip::default() }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.content.entries.iter().map(Self::entry).collect()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        (self.on_choice)(super::TrayChoice::Open(ksni::current_xdg_activation_token()));
    }

    fn watcher_online(&self) {
        self.presence.update(|state| state.has_watcher = true);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::debug!(?reason, "the desktop shows no tray");
        self.presence.update(|state| state.has_watcher = false);
        true
    }
}

fn icon(icon: TrayIcon) -> Vec<ksni::Icon> {
    let decoded = pixmap(icon).into_iter();
    decoded.map(|image| ksni::Icon { width: image.width, height: image.height, data: image.argb }).collect()
}

/// Why the item is no longer on the bus.
#[derive(Debug, thiserror::Error)]
enum Interruption {
    #[error("the bus: {0}")]
    Bus(#[from] zbus::Error),
    #[error("the tray: {0}")]
    Tray(#[from] ksni::Error),
    #[error("the session bus ended")]
    BusEnded,
    #[error("no answer in time")]
    NoAnswer,
    #[error("the desktop's tray did not take the item")]
    NotTaken,
}

/// Keeps the item on the session bus.
struct ItemTask {
    presence: Presence,
    on_choice: OnChoice,
    clock: Clock,
    end: CancellationToken,
}

impl ItemTask {
    async fn run(self, mut drawn: watch::Receiver<Option<TrayContent>>) {
        let end = self.end.clone();
        let mut is_reported = false;
        loop {
            let content = tokio::select! {
                biased;
                () = end.cancelled() => return,
                content = drawn.wait_for(Option::is_some) => match content {
                    Ok(content) => content.clone(),
                    Err(_) => return,
                },
            };
            let Some(content) = content else { continue };
            if let Err(reason) = self.show(content, &mut drawn).await {
                // It is tried again every few seconds, so only the first attempt is worth a line.
                if std::mem::replace(&mut is_reported, true) {
                    tracing::debug!(%reason, "the tray icon is not shown");
                } else {
                    tracing::warn!(%reason, "the tray icon is not shown; monitoring goes on without it");
                }
                tokio::select! {
                    () = end.cancelled() => return,
                    () = self.clock.sleep(RETRY) => {}
                }
            }
        }
    }

    /// Shows the item until nothing is to be shown.
    async fn show(
        &self,
        content: TrayContent,
        drawn: &mut watch::Receiver<Option<TrayContent>>,
    ) -> Result<(), Interruption> {
        // The item's own connection does not report its end, so another one watches the bus.
        let bus = self.in_time(Connection::session()).await??;
        let icon = icon(content.icon);
        let item = Item { content, icon, presence: self.presence.clone(), on_choice: Arc::clone(&self.on_choice) };
        self.presence.update(|state| state.has_watcher = true);
        // The tray may appear long after the item.
        let service: TrayServiceBuilder<Item> = item.assume_sni_available(true);
        let handle = self.in_time(service.spawn()).await??;
        self.presence.update(|state| state.is_running = true);
        let shown = self.follow(&handle, &bus, drawn).await;
        self.presence.update(|state| state.is_running = false);
        // A handle that is only dropped would leave the item on the bus.
        if self.clock.within(REMOVAL_DEADLINE, handle.shutdown()).await.is_none() {
            tracing::debug!("the tray icon was not removed in time");
        }
        shown
    }

    /// Redraws the item until nothing is to be shown.
    async fn follow(
        &self,
        handle: &ksni::Handle<Item>,
        bus: &Connection,
        drawn: &mut watch::Receiver<Option<TrayContent>>,
    ) -> Result<(), Interruption> {
        let mut messages = MessageStream::from(bus);
        let mut refused = pin!(self.refused(bus));
        loop {
            tokio::select! {
                () = self.end.cancelled() => return Ok(()),
                message = messages.next() => match message {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(Interruption::BusEnded),
                },
                reason = &mut refused => return Err(reason),
                changed = drawn.changed() => {
                    let content = drawn.borrow_and_update().clone();
                    let (Ok(()), Some(content)) = (changed, content) else { return Ok(()) };
                    if self.in_time(handle.update(|item| item.show(content))).await?.is_none() {
                        return Err(Interruption::BusEnded);
                    }
                }
            }
        }
    }

    /// Returns when the watcher is there, but has not taken the item. It may have appeared between the item's registration and
    /// its subscription, or have refused it because it was still starting.
    async fn refused(&self, bus: &Connection) -> Interruption {
        let mut states = self.presence.state.subscribe();
        loop {
            match self.is_refused(bus, &mut states).await {
                Ok(true) => return Interruption::NotTaken,
                Ok(false) => {}
                Err(reason) => return reason,
            }
            if states.changed().await.is_err() {
                return Interruption::NotTaken;
            }
        }
    }

    async fn is_refused(
        &self,
        bus: &Connection,
        states: &mut watch::Receiver<PresenceState>,
    ) -> Result<bool, Interruption> {
        if states.borrow_and_update().has_watcher {
            return Ok(false);
        }
        let watcher = WATCHER.try_into().map_err(zbus::Error::from)?;
        let proxy = DBusProxy::new(bus).await?;
        if !proxy.name_has_owner(watcher).await.map_err(zbus::Error::from)? {
            return Ok(false);
        }
        self.clock.sleep(RETRY).await;
        Ok(!states.borrow().has_watcher)
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Interruption> {
        self.clock.within(DEADLINE, work).await.ok_or(Interruption::NoAnswer)
    }
}
