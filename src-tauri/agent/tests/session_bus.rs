//! Tray icon and notifications over a real session bus, with the tray host of the private desktop.
//!
//! Each scene is an ignored test that runs in its own process, because the address of the session bus is part of the
//! environment. Needs `CONNECTOR_PRIVATE_DESKTOP=1`, which promises dbus and Python's dbus module; skipped otherwise.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::host_context::ShowRequest;
use agent::notifications::content::NotificationContent;
use agent::notifications::{Notifications, show_not_started};
use agent::task_group::TaskGroup;
use agent::tray::content::TrayContent;
use agent::tray::status_notifier::StatusNotifier;
use agent::tray::{OnPresenceChange, TrayChoice, TraySetup};
use messages::Messages;
use model::check::CheckId;
use model::code::Code;
use model::connection::ConnectionId;
use model::navigation_target::NavigationTarget;
use model::preferences::Language;
use model::problem::Problem;
use runtime::Clock;
use serde_json::Value;
use tokio::runtime::Handle;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, Proxy, interface};

const TRAY_HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/desktop/tray_host.py");
const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
const SERVICE: &str = "/org/freedesktop/Notifications";
/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a scene on a bus address of its own.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn run_scene(scene: &str) {
    if std::env::var_os("CONNECTOR_PRIVATE_DESKTOP").is_none_or(|value| value != "1") {
        eprintln!("skipped: {scene} needs CONNECTOR_PRIVATE_DESKTOP=1, dbus-daemon and Python's dbus module");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", scene])
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", folder.path().join("bus").display()))
        .env("SCENE_FOLDER", folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{scene}: {text}");
}

#[test]
fn the_icon_appears_and_comes_back_with_the_tray_and_with_the_bus() {
    run_scene("scene_tray");
}

#[test]
fn a_click_on_a_notification_is_reported_with_its_token() {
    run_scene("scene_notifications");
}

/// A program of the scene, killed when it is dropped.
struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Starts the bus at the scene's address and waits until it listens.
    fn bus() -> Self {
        let folder = PathBuf::from(std::env::var_os("SCENE_FOLDER").unwrap());
        let configuration = folder.join("bus.conf");
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#,
            folder.join("bus").display()
        );
        std::fs::write(&configuration, text).unwrap();
        std::fs::remove_file(folder.join("bus")).ok();
        let configured = format!("--config-file={}", configuration.display());
        let bus = Self::start(Command::new("dbus-daemon").args([&configured, "--nofork", "--print-address=1"]));
        bus.lines.recv_timeout(PATIENCE).unwrap();
        bus
    }

    /// Starts the tray host and waits until it serves.
    fn tray_host() -> Self {
        let host = Self::start(Command::new("/usr/bin/python3").arg(TRAY_HOST));
        host.event("ready");
        host
    }

    /// Waits for an event in its log.
    fn event(&self, name: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            assert!(line.is_ok(), "no event {name}");
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap_or_default();
            if event["event"] == name {
                return event;
            }
        }
    }

    /// Returns the names of the events that were logged by now.
    fn events(&self) -> Vec<String> {
        let parsed = self.lines.try_iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        parsed.filter_map(|event| Some(event["event"].as_str()?.to_owned())).collect()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let clock = Clock::system();
    let wait = async {
        while !is_so() {
            clock.sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(clock.within(PATIENCE, wait).await.is_some(), "{what}");
}

fn english() -> Messages {
    Messages::load(Language::En)
}

fn content(code: Code) -> TrayContent {
    TrayContent::of_problem(&Problem::new(code), &english())
}

/// Returns the one item that the tray host knows.
async fn item(bus: &Connection, interface: &'static str, path: &'static str) -> Proxy<'static> {
    let watcher = Proxy::new(bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await.unwrap();
    let items: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").await.unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    let name = items[0].split('/').next().unwrap().to_owned();
    let builder = zbus::proxy::Builder::<Proxy<'_>>::new(bus).destination(name).unwrap();
    let builder = builder.path(path).unwrap().interface(interface).unwrap();
    builder.cache_properties(zbus::proxy::CacheProperties::No).build().await.unwrap()
}

async fn tooltip(bus: &Connection) -> String {
    type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
    let value: OwnedValue = item(bus, ITEM, "/StatusNotifierItem").await.get_property("ToolTip").await.unwrap();
    ToolTip::try_from(value).unwrap().3
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a scene: run by the test above on its own bus"]
async fn scene_tray() {
    let (tasks, clock) = (TaskGroup::on(Handle::current()), Clock::manual(chrono::DateTime::UNIX_EPOCH));
    let (chosen, changes) = (Arc::<Mutex<Vec<TrayChoice>>>::default(), Arc::new(AtomicU32::new(0)));
    let (choices, counted) = (Arc::clone(&chosen), Arc::clone(&changes));
    let on_choice = Arc::new(move |choice| choices.lock().unwrap().push(choice));
    let on_presence_change: OnPresenceChange = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let setup = TraySetup { on_choice, on_presence_change, clock: clock.clone(), tasks: tasks.clone() };
    let tray = StatusNotifier::start(setup);
    let is_there = |wanted: bool| {
        let tray = &tray;
        async move { until(&format!("the icon to be there: {wanted}"), || tray.is_there() == wanted).await }
    };

    // Neither bus nor tray.
    tray.draw(Some(content(Code::StoreCorrupt)));
    let bus = Program::bus();
    let host = Program::tray_host();
    host.event("registered");
    is_there(true).await;
    assert_eq!(changes.load(Ordering::SeqCst), 1);
    let session = Connection::session().await.unwrap();
    assert_eq!(tooltip(&session).await, content(Code::StoreCorrupt).tooltip);

    // Only a change is sent.
    let own = item(&session, ITEM, "/StatusNotifierItem").await;
    assert_eq!(own.get_property::<String>("Id").await.unwrap(), "okta-connector-for-radiant");
    assert_eq!(own.get_property::<String>("Status").await.unwrap(), "Active");
    tray.draw(Some(content(Code::StoreCorrupt)));
    tray.draw(Some(content(Code::StoreNewer)));
    host.event("NewToolTip");
    assert_eq!(tooltip(&session).await, content(Code::StoreNewer).tooltip);
    tray.draw(Some(content(Code::StoreNewer)));

    // A click, and an item of the menu.
    own.call_method("ProvideXdgActivationToken", &("token",)).await.unwrap();
    own.call_method("Activate", &(0_i32, 0_i32)).await.unwrap();
    let menu = item(&session, MENU, "/MenuBar").await;
    let entries = content(Code::StoreNewer).entries.len();
    menu.call_method("Event", &(i32::try_from(entries).unwrap(), "clicked", zbus::zvariant::Value::from(0), 0_u32))
        .await
        .unwrap();
    until("both choices", || chosen.lock().unwrap().len() == 2).await;
    assert_eq!(*chosen.lock().unwrap(), [TrayChoice::Open(Some("token".to_owned())), TrayChoice::Quit]);
    assert!(!host.events().iter().any(|event| event.starts_with("New")), "an equal content is not sent");

    // The tray ends and comes back; then the bus.
    host.kill();
    is_there(false).await;
    tray.draw(Some(content(Code::StoreCorrupt)));
    let host = Program::tray_host();
    host.event("registered");
    is_there(true).await;
    assert_eq!(tooltip(&session).await, content(Code::StoreCorrupt).tooltip);
    bus.kill();
    is_there(false).await;
    host.kill();
    let _bus = Program::bus();
    let host = Program::tray_host();
    host.event("registered");
    is_there(true).await;
    let session = Connection::session().await.unwrap();
    assert_eq!(tooltip(&session).await, content(Code::StoreCorrupt).tooltip);

    // It is removed and drawn again, and ends with the tasks.
    tray.draw(None);
    host.event("unregistered");
    is_there(false).await;
    tray.draw(Some(content(Code::StoreCorrupt)));
    host.event("registered");
    is_there(true).await;
    tasks.end();
    tasks.ended(&clock).await;
    host.event("unregistered");
    assert!(!tray.is_there() && tasks.is_empty());
}

/// A notification as the service received it: sender, summary, body and actions.
type Received = (String, String, String, Vec<String>);

/// A notification service that shows nothing.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Vec<Received>>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the specification's call")]
    fn notify(
        &self,
        #[zbus(header)] header: zbus::message::Header<'_>,
        _app_name: String,
        _replaces_id: u32,
        _app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut all = self.0.lock().unwrap();
        all.push((header.sender().unwrap().to_string(), summary, body, actions));
        u32::try_from(all.len()).unwrap()
    }

    #[zbus(signal)]
    async fn activation_token(emitter: &SignalEmitter<'_>, id: u32, token: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

impl Service {
    async fn serve(&self) -> Connection {
        let builder = zbus::connection::Builder::session().unwrap().serve_at(SERVICE, self.clone()).unwrap();
        builder.name("org.freedesktop.Notifications").unwrap().build().await.unwrap()
    }

    async fn received(&self, count: usize) -> Received {
        until(&format!("notification {count}"), || self.0.lock().unwrap().len() >= count).await;
        self.0.lock().unwrap()[count - 1].clone()
    }
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn notification(summary: &str) -> NotificationContent {
    let target = NavigationTarget { id: Some(ConnectionId(summary.to_owned())), row: Some(CheckId::Token) };
    NotificationContent { summary: summary.to_owned(), body: "body".to_owned(), target }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a scene: run by the test above on its own bus"]
async fn scene_notifications() {
    let (tasks, clock) = (TaskGroup::on(Handle::current()), Clock::system());
    let clicked = Arc::<Mutex<Vec<ShowRequest>>>::default();
    let clicks = Arc::clone(&clicked);
    let on_click = Arc::new(move |request| clicks.lock().unwrap().push(request));
    let notifications = Notifications::start(&tasks, clock.clone(), on_click);
    let bus = Program::bus();
    let service = Service::default();
    let served = service.serve().await;
    let emitter = SignalEmitter::new(&served, SERVICE).unwrap();
    notifications.show(notification("clicked"), &english());
    let (sender, summary, body, actions) = service.received(1).await;
    assert_eq!((summary.as_str(), body.as_str()), ("clicked", "body"));
    assert_eq!(actions[0], "default");

    // Those that wait share one connection and need no thread.
    let before = threads();
    for n in 2..=20 {
        notifications.show(notification("waiting"), &english());
        assert_eq!(service.received(n).await.0, sender);
    }
    assert_eq!(threads(), before);
    Service::activation_token(&emitter, 1, "token").await.unwrap();
    Service::action_invoked(&emitter, 1, "default").await.unwrap();
    Service::notification_closed(&emitter, 1, 2).await.unwrap();
    until("the click", || !clicked.lock().unwrap().is_empty()).await;
    let request =
        ShowRequest { target: Some(notification("clicked").target), activation_token: Some("token".to_owned()) };
    assert_eq!(*clicked.lock().unwrap(), [request]);

    // Without one that waits there is no connection; another program's notifications are not answered.
    for id in 2..=20 {
        Service::notification_closed(&emitter, id, 1).await.unwrap();
    }
    let names = zbus::fdo::DBusProxy::new(&served).await.unwrap();
    let mut is_connected = true;
    while is_connected {
        is_connected = names.name_has_owner(sender.as_str().try_into().unwrap()).await.unwrap();
        clock.sleep(Duration::from_millis(10)).await;
    }
    Service::action_invoked(&emitter, 7, "default").await.unwrap();
    show_not_started(&english());
    assert!(service.received(21).await.3.is_empty(), "nobody waits for a click on it");

    // A notification while there is no bus is lost, or shown if the bus is quick. A new bus has a new service.
    notifications.show(notification("waiting"), &english());
    service.received(22).await;
    bus.kill();
    drop(served);
    notifications.show(notification("lost"), &english());
    let _bus = Program::bus();
    let service = Service::default();
    let served = service.serve().await;
    let emitter = SignalEmitter::new(&served, SERVICE).unwrap();
    notifications.show(notification("again"), &english());
    let shown = || service.0.lock().unwrap().iter().position(|(_, summary, ..)| summary == "again");
    until("the notification on the new bus", || shown().is_some()).await;
    let id = u32::try_from(shown().unwrap() + 1).unwrap();
    Service::action_invoked(&emitter, id, "default").await.unwrap();
    until("the second click", || clicked.lock().unwrap().len() == 2).await;
    let request = ShowRequest { target: Some(notification("again").target), activation_token: None };
    assert_eq!(clicked.lock().unwrap()[1], request);
    tasks.end();
    tasks.ended(&clock).await;
    assert!(tasks.is_empty());
}
