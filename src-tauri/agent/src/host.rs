//! Hosts the connections of one connector: runs its workers, draws its tray, shows its notifications.
//!
//! A database that cannot be opened is shown in the tray and tried again. Everything that a host started ends with it.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use connector::power_events::PowerEvents;
use connector::{Audience, Connector, RoundSummary, WorkerHost};
use model::app_change::AppChange;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::update_notice::UpdateNotice;
use runtime::{Clock, Wake};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::coalesce::{ChangeBatch, next_batch};
use crate::host_context::{HostContext, ShowRequest};
use crate::notifications::Notifications;
use crate::notifications::content::NotificationContent;
use crate::task_group::TaskGroup;
use crate::tray::content::{TrayContent, is_checkable};
use crate::tray::{Tray, TrayChoice, TraySetup};

/// How long *Pause notifications* pauses them.
const PAUSE: TimeDelta = TimeDelta::hours(1);
/// The wait before a database that could not be opened is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// The longest wait before a status that ages is drawn again, because the clock may be set.
const MAX_AGING_WAIT: Duration = Duration::from_secs(300);

/// Hosts the connections of one connector until [`Host::end`].
pub struct Host {
    context: Arc<dyn HostContext>,
    clock: Clock,
    tasks: TaskGroup,
    tray: Arc<dyn Tray>,
    notifications: Notifications,
    /// Asks for another drawing.
    refresh: Notify,
    /// Asks for another drawing after a pass that failed, which changes nothing that is stored.
    pass_failed: Notify,
    /// Wakes the workers, once they run.
    workers: Mutex<Option<Wake>>,
    /// Held while *Check now* is carried out, so that it is not carried out twice at once.
    checking: tokio::sync::Mutex<()>,
}

impl Host {
    /// Starts hosting on a runtime, with the tray that `start_tray` returns.
    pub fn start(
        context: Arc<dyn HostContext>,
        start_tray: impl FnOnce(TraySetup) -> Arc<dyn Tray>,
        clock: Clock,
        power_events: PowerEvents,
        runtime: Handle,
    ) -> Arc<Self> {
        let tasks = TaskGroup::on(runtime);
        let (choices, chosen) = unbounded_channel();
        let on_choice = Arc::new(move |choice| {
            if choices.send(choice).is_err() {
                tracing::debug!("a choice in the tray is ignored, because the app is ending");
            }
        });
        let process = Arc::clone(&context);
        let on_presence_change = Arc::new(move || process.on_tray_change());
        let setup = TraySetup { on_choice, on_presence_change, clock: clock.clone(), tasks: tasks.clone() };
        let tray = start_tray(setup);
        let opener = Arc::clone(&context);
        let notifications =
            Notifications::start(&tasks, clock.clone(), Arc::new(move |request| opener.show_window(request)));
        let host = Arc::new(Self {
            context,
            clock,
            tasks,
            tray,
            notifications,
            refresh: Notify::new(),
            pass_failed: Notify::new(),
            workers: Mutex::default(),
            checking: tokio::sync::Mutex::default(),
        });
        host.tasks.spawn(Arc::clone(&host).run(power_events));
        host.tasks.spawn(carry_out_choices(Arc::downgrade(&host), chosen));
        host
    }

    /// Applies what the context may answer differently now: the connector, the hosted connections, the language, the tray.
    pub fn refresh(&self) {
        self.refresh.notify_one();
    }

    /// Wakes the workers: something changed that may make work due.
    pub fn wake(&self) {
        if let Some(workers) = self.workers.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            workers.now();
        }
    }

    /// Tells whether the desktop shows the tray icon.
    #[must_use]
    pub fn tray_is_there(&self) -> bool {
        self.tray.is_there()
    }

    /// Tells everything that the host started to end, and removes the icon. It does not wait: see [`Host::ended`].
    pub fn end(&self) {
        self.tasks.end();
    }

    /// Waits after [`Host::end`] until nothing runs any more, three seconds at most.
    pub async fn ended(&self) {
        self.tasks.ended(&self.clock).await;
    }

    async fn run(self: Arc<Self>, power_events: PowerEvents) {
        let end = self.tasks.end_token();
        let work = async {
            let connector = self.open().await;
            let workers = connector.workers(Arc::clone(&self) as Arc<dyn WorkerHost>, power_events, end.clone());
            *self.workers.lock().unwrap_or_else(PoisonError::into_inner) = Some(workers.wake());
            self.tasks.spawn(workers.run());
            self.follow(&connector).await;
        };
        tokio::select! {
            () = end.cancelled() => {}
            () = work => {}
        }
        self.tray.draw(None);
    }

    /// Waits until the database can be used. The tray shows the problem until then.
    async fn open(&self) -> Connector {
        loop {
            // Opening waits for another process that does, and for a migration.
            let context = Arc::clone(&self.context);
            let opened = tokio::task::spawn_blocking(move || context.connector()).await;
            match opened.unwrap_or_else(|_| Err(Problem::new(Code::Internal))) {
                Ok(connector) => return connector,
                Err(problem) => self.draw(|| self.content_without_connector(&problem)),
            }
            tokio::select! {
                () = self.refresh.notified() => {}
                () = self.clock.sleep(RETRY) => {}
            }
        }
    }

    fn content_without_connector(&self, problem: &Problem) -> TrayContent {
        let messages = self.context.messages();
        if problem.code == Code::PracticeEnded {
            // Practice has not begun, so there is nothing to show.
            return TrayContent::of(&[], false, &messages, self.context.is_practice());
        }
        TrayContent::of_problem(problem, &messages)
    }

    /// Draws the tray after each batch of changes, and when a status has become too old.
    async fn follow(&self, connector: &Connector) {
        let mut changes = connector.changes();
        loop {
            let valid_until = self.redraw(connector).await;
            tokio::select! {
                () = self.refresh.notified() => self.wake(),
                () = self.pass_failed.notified() => {}
                () = self.aging(valid_until) => {}
                batch = next_batch(&mut changes) => match batch {
                    Some(batch) if may_make_work_due(&batch) => self.wake(),
                    Some(_) => {}
                    None => return,
                },
            }
        }
    }

    /// Waits until a status is too old, at most five minutes.
    async fn aging(&self, valid_until: Option<DateTime<Utc>>) {
        let Some(until) = valid_until else { return std::future::pending().await };
        // The status is valid at that time, and no longer after it.
        let left = (until - self.clock.now()).to_std().unwrap_or_default() + Duration::from_secs(1);
        self.clock.sleep(left.min(MAX_AGING_WAIT)).await;
    }

    /// Draws the tray. Returns until when what it shows is valid; `None` if it does not change by itself.
    async fn redraw(&self, connector: &Connector) -> Option<DateTime<Utc>> {
        if !self.context.shows_tray() {
            self.tray.draw(None);
            return None;
        }
        let content = self.content(connector).await;
        let messages = self.context.messages();
        let (content, valid_until) =
            content.unwrap_or_else(|problem| (TrayContent::of_problem(&problem, &messages), None));
        self.draw(|| content);
        valid_until
    }

    async fn content(&self, connector: &Connector) -> Result<(TrayContent, Option<DateTime<Utc>>), Problem> {
        let views = connector.connections().list().await?;
        let paused = connector.settings().monitor().await?.pause_end(self.clock.now()).is_some();
        let valid_until = views.iter().filter_map(|view| view.status.valid_until).min();
        let messages = self.context.messages();
        let content = TrayContent::of(&views, paused, &messages, self.context.is_practice());
        let failure = connector.alerts().failure().await?;
        Ok((content.with_alert_failure(failure.as_ref(), &messages), valid_until))
    }

    fn draw(&self, content: impl FnOnce() -> TrayContent) {
        self.tray.draw(self.context.shows_tray().then(content));
    }

    async fn carry_out(self: &Arc<Self>, choice: TrayChoice) {
        match choice {
            TrayChoice::Open(activation_token) => {
                self.context.show_window(ShowRequest { target: None, activation_token });
            }
            TrayChoice::CheckNow => {
                let host = Arc::clone(self);
                self.tasks.spawn(async move { host.check_all().await });
            }
            TrayChoice::Pause => self.pause(true).await,
            TrayChoice::Resume => self.pause(false).await,
            TrayChoice::Quit => self.context.quit(),
        }
    }

    async fn pause(&self, pause: bool) {
        let until = pause.then(|| self.clock.now() + PAUSE);
        let stored = match self.context.connector() {
            Ok(connector) => connector.settings().pause_notifications(until).await.map(drop),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = stored {
            tracing::warn!(code = %problem.code, "notifications were not paused or resumed");
        }
    }

    /// Runs the checks of every connection that can be checked, one after the other. The process that watches a connection which
    /// this one does not host runs them itself, because it may have secrets that this one lacks.
    async fn check_all(&self) {
        let Ok(_checking) = self.checking.try_lock() else { return };
        let Ok(connector) = self.context.connector() else { return };
        let end = self.tasks.end_token();
        for view in connector.connections().list().await.unwrap_or_default() {
            let id = &view.connection.id;
            if end.is_cancelled() || !is_checkable(&view) {
                continue;
            }
            let checked = match self.context.hosts(id) {
                true => connector.checks().run(id, None, end.clone(), drop).await.map(drop),
                false => connector.monitor().request_full_check(id).await,
            };
            if let Err(problem) = checked {
                tracing::warn!(code = %problem.code, "checks from the tray did not run");
            }
        }
    }
}

impl WorkerHost for Host {
    fn audience(&self) -> Audience {
        Audience::Desktop { in_front: self.context.is_window_in_front() }
    }

    fn hosts(&self, id: &ConnectionId) -> bool {
        self.context.hosts(id)
    }

    fn on_round(&self, round: RoundSummary) {
        if round.problem.is_some() {
            self.pass_failed.notify_one();
        }
        let messages = self.context.messages();
        if let Some(content) = NotificationContent::of(&round.outcomes, &messages, self.context.is_practice()) {
            self.notifications.show(content, &messages);
        }
    }

    fn on_update(&self, notice: &UpdateNotice) {
        let messages = self.context.messages();
        self.notifications.show(NotificationContent::of_update(notice, &messages), &messages);
    }
}

/// Carries out what a person chooses, in that order.
async fn carry_out_choices(host: Weak<Host>, mut choices: UnboundedReceiver<TrayChoice>) {
    let Some(end) = host.upgrade().map(|host| host.tasks.end_token()) else { return };
    loop {
        let choice = tokio::select! {
            biased;
            () = end.cancelled() => return,
            choice = choices.recv() => choice,
        };
        let (Some(choice), Some(host)) = (choice, host.upgrade()) else { return };
        host.carry_out(choice).await;
    }
}

/// Tells whether a change may make work due. Notifications of the workers themselves do not.
fn may_make_work_due(batch: &ChangeBatch) -> bool {
    match batch {
        ChangeBatch::These(changes) => changes.iter().any(|change| match change {
            AppChange::Connection(_) | AppChange::Settings => true,
            AppChange::Notifications => false,
        }),
        ChangeBatch::Any => true,
    }
}
