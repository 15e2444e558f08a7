//! A host over a real database, with a tray and a process that record what they are asked for.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent::host::Host;
use agent::host_context::{HostContext, ShowRequest};
use agent::tray::content::{MenuEntry, TrayContent};
use agent::tray::{OnChoice, Tray, TrayChoice, TraySetup};
use chrono::{DateTime, TimeDelta, Utc};
use connector::power_events::{EventSource, PowerEvents};
use connector::{Connector, ConnectorConfig, PracticeAddresses};
use messages::Messages;
use model::app_change::AppChange;
use model::code::Code;
use model::connection::{ConnectionId, Keep};
use model::preferences::Language;
use model::problem::Problem;
use model::secret_name::SecretName;
use model::status::TrayIcon;
use runtime::Clock;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_835_438_400, 0).unwrap()
}

/// Keeps every drawing.
#[derive(Default)]
struct RecordingTray(watch::Sender<Vec<Option<TrayContent>>>);

impl Tray for RecordingTray {
    fn draw(&self, content: Option<TrayContent>) {
        self.0.send_modify(|drawn| drawn.push(content));
    }

    fn is_there(&self) -> bool {
        self.0.borrow().last().is_some_and(Option::is_some)
    }
}

impl RecordingTray {
    /// Waits until the last drawing is as expected.
    async fn shows(&self, what: &str, expected: impl Fn(Option<&TrayContent>) -> bool) {
        let mut drawn = self.0.subscribe();
        let found = drawn.wait_for(|drawn| drawn.last().is_some_and(|last| expected(last.as_ref())));
        let found = Clock::system().within(PATIENCE, found).await.map(drop);
        assert!(found.is_some(), "{what}: {:?}", self.0.borrow().last());
    }

    async fn shows_tooltip(&self, text: &str) {
        self.shows(text, |content| content.is_some_and(|content| content.tooltip.contains(text))).await;
    }

    async fn offers(&self, wanted: TrayChoice) {
        let is_wanted = |entry: &MenuEntry| matches!(entry, MenuEntry::Item { choice, .. } if *choice == wanted);
        self.shows(wanted.id(), |content| content.is_some_and(|content| content.entries.iter().any(is_wanted))).await;
    }
}

/// A process that records what the host asks of it.
struct RecordingContext {
    connector: Mutex<Result<Connector, Problem>>,
    shows_tray: AtomicBool,
    hosts: AtomicBool,
    asked: watch::Sender<Vec<Option<ShowRequest>>>,
}

impl HostContext for RecordingContext {
    fn connector(&self) -> Result<Connector, Problem> {
        self.connector.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_practice(&self) -> bool {
        false
    }

    fn messages(&self) -> Messages {
        Messages::load(Language::En)
    }

    fn hosts(&self, _id: &ConnectionId) -> bool {
        self.hosts.load(Ordering::SeqCst)
    }

    fn shows_tray(&self) -> bool {
        self.shows_tray.load(Ordering::SeqCst)
    }

    fn is_window_in_front(&self) -> bool {
        false
    }

    fn show_window(&self, request: ShowRequest) {
        self.asked.send_modify(|asked| asked.push(Some(request)));
    }

    fn quit(&self) {
        self.asked.send_modify(|asked| asked.push(None));
    }
}

/// A host with everything that it uses.
struct Hosted {
    _folder: TempDir,
    connector: Connector,
    context: Arc<RecordingContext>,
    tray: Arc<RecordingTray>,
    choose: OnChoice,
    host: Arc<Host>,
    clock: Clock,
}

impl Hosted {
    fn with(problem: Option<Problem>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connector = Connector::open(ConnectorConfig::in_memory(folder.path().to_owned())).unwrap();
        let context = Arc::new(RecordingContext {
            connector: Mutex::new(problem.map_or_else(|| Ok(connector.clone()), Err)),
            shows_tray: AtomicBool::new(true),
            hosts: AtomicBool::new(true),
            asked: watch::Sender::default(),
        });
        let (tray, clock, mut choose) = (Arc::new(RecordingTray::default()), Clock::manual(start()), None);
        let events = PowerEvents::from_source(EventSource::Polling);
        let process = Arc::clone(&context) as Arc<dyn HostContext>;
        let host = {
            let start_tray = |setup: TraySetup| {
                choose = Some(setup.on_choice);
                Arc::clone(&tray) as Arc<dyn Tray>
            };
            Host::start(process, start_tray, clock.clone(), events, Handle::current())
        };
        Self { _folder: folder, connector, context, tray, choose: choose.unwrap(), host, clock }
    }

    async fn asked(&self, count: usize) -> Vec<Option<ShowRequest>> {
        let mut asked = self.context.asked.subscribe();
        let found = asked.wait_for(|asked| asked.len() >= count);
        Clock::system().within(PATIENCE, found).await.unwrap().unwrap().clone()
    }
}

#[tokio::test]
async fn a_change_is_drawn() {
    let hosted = Hosted::with(None);
    hosted.tray.shows_tooltip("No connection yet").await;
    assert!(hosted.host.tray_is_there());
    let view = hosted.connector.connections().begin().await.unwrap();
    hosted.connector.connections().rename(&view.connection.id, "Acme".to_owned()).await.unwrap();
    hosted.tray.shows_tooltip("Acme: ").await;
    hosted.host.end();
    hosted.host.ended().await;
}

#[tokio::test]
async fn the_icon_is_removed_and_comes_back_as_the_process_wants() {
    let hosted = Hosted::with(None);
    hosted.tray.shows_tooltip("No connection yet").await;
    hosted.context.shows_tray.store(false, Ordering::SeqCst);
    hosted.host.refresh();
    hosted.tray.shows("no icon", |content| content.is_none()).await;
    assert!(!hosted.host.tray_is_there());
    hosted.context.shows_tray.store(true, Ordering::SeqCst);
    hosted.host.refresh();
    hosted.tray.shows_tooltip("No connection yet").await;
    hosted.host.end();
    hosted.host.ended().await;
}

#[tokio::test]
async fn a_database_that_can_be_used_later_is_hosted_from_then_on() {
    let hosted = Hosted::with(Some(Problem::new(Code::StoreCorrupt)));
    let title = Messages::load(Language::En).code(Code::StoreCorrupt, &Problem::new(Code::StoreCorrupt).args).title;
    hosted.tray.shows_tooltip(&title).await;
    hosted.tray.shows("stopped", |content| content.is_some_and(|content| content.icon == TrayIcon::Stopped)).await;
    // Nobody says so: the host tries again by itself.
    *hosted.context.connector.lock().unwrap() = Ok(hosted.connector.clone());
    hosted.tray.shows_tooltip("No connection yet").await;
    hosted.host.end();
    hosted.host.ended().await;
}

#[tokio::test]
async fn choices_are_carried_out_in_their_order() {
    let hosted = Hosted::with(None);
    hosted.tray.offers(TrayChoice::Pause).await;
    (hosted.choose)(TrayChoice::Pause);
    hosted.tray.offers(TrayChoice::Resume).await;
    let paused_until = async || hosted.connector.settings().monitor().await.unwrap().quiet_until;
    assert_eq!(paused_until().await, Some(hosted.clock.now() + TimeDelta::hours(1)));
    (hosted.choose)(TrayChoice::Resume);
    hosted.tray.offers(TrayChoice::Pause).await;
    assert_eq!(paused_until().await, None);
    (hosted.choose)(TrayChoice::Open(Some("token".to_owned())));
    (hosted.choose)(TrayChoice::Quit);
    let open = ShowRequest { target: None, activation_token: Some("token".to_owned()) };
    assert_eq!(hosted.asked(2).await, [Some(open), None]);
    hosted.host.end();
    hosted.host.ended().await;
}

#[tokio::test]
async fn check_now_asks_the_process_that_watches_a_connection_to_check_it() {
    let hosted = Hosted::with(None);
    hosted.context.hosts.store(false, Ordering::SeqCst);
    // No request is sent, so nothing needs to answer there.
    let nowhere = || "http://127.0.0.1:9".to_owned();
    let addresses = PracticeAddresses { okta: nowhere(), radiant_search: nowhere(), radiant_docs: nowhere() };
    let begun = hosted.connector.connections().begin_practice(addresses, "Acme".to_owned()).await.unwrap();
    let (id, token) = (begun.connection.id, format!("00{}", "a".repeat(40)));
    hosted.connector.tokens().store(&id, SecretName::OktaToken, token.into(), false).await.unwrap();
    hosted.connector.guide().finish(&id, Keep::Token).await.unwrap();
    hosted.tray.offers(TrayChoice::CheckNow).await;
    let mut changes = hosted.connector.changes();
    (hosted.choose)(TrayChoice::CheckNow);
    let requested = async { while changes.recv().await.unwrap() != AppChange::Connection(id.clone()) {} };
    assert!(Clock::system().within(PATIENCE, requested).await.is_some(), "every check is requested");
    let view = hosted.connector.connections().get(&id).await.unwrap();
    assert_eq!(view.report, None, "this process ran none");
    hosted.host.end();
    hosted.host.ended().await;
}

#[tokio::test]
async fn nothing_happens_after_the_end() {
    let hosted = Hosted::with(None);
    hosted.tray.shows_tooltip("No connection yet").await;
    hosted.host.end();
    hosted.host.ended().await;
    let drawn = hosted.tray.0.borrow().len();
    assert!(!hosted.tray.is_there(), "the icon is removed");
    hosted.connector.connections().begin().await.unwrap();
    (hosted.choose)(TrayChoice::Open(None));
    hosted.host.refresh();
    hosted.host.wake();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(hosted.tray.0.borrow().len(), drawn);
    assert!(hosted.context.asked.borrow().is_empty());
    // A pass of the workers was canceled, and ends by itself.
    let freed = async {
        while Arc::strong_count(&hosted.host) > 1 {
            tokio::task::yield_now().await;
        }
    };
    assert!(Clock::system().within(PATIENCE, freed).await.is_some(), "no task holds the host");
}
