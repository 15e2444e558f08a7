//! The context of the hosts in the process of the window: it starts them, and answers what they ask.

use std::sync::Arc;

use agent::host::Host;
use agent::host_context::{HostContext, ShowRequest};
use connector::Connector;
use connector::power_events::PowerEvents;
use messages::Messages;
use model::connection::ConnectionId;
use model::problem::Problem;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::app_state::AppState;
use crate::events::AppInfoChanged;
use crate::{events, open_window, platform_tray, quit, window};

/// Starts the host of the real connections, or that of practice in a run that has no others.
pub(crate) fn start_host<R: Runtime>(app: &AppHandle<R>) {
    let state = app.state::<AppState>();
    let practice = state.connectors.practice_only();
    let host = if practice { &state.hosts.practice } else { &state.hosts.real };
    host.get_or_init(|| start(app, practice));
}

/// Applies a change of a practice connection: the first one needs a host, in a process that hosts anything.
pub(crate) fn update_practice<R: Runtime>(app: &AppHandle<R>) {
    let hosts = &app.state::<AppState>().hosts;
    match hosts.practice.get() {
        Some(host) => host.refresh(),
        None if hosts.real.get().is_some() => drop(hosts.practice.set(start(app, true))),
        None => {}
    }
}

fn start<R: Runtime>(app: &AppHandle<R>, practice: bool) -> Arc<Host> {
    let clock = app.state::<AppState>().connectors.config().clock.clone();
    let context = Arc::new(WindowContext { app: app.clone(), practice });
    let runtime = tauri::async_runtime::handle().inner().clone();
    Host::start(context, |setup| platform_tray::start(app, practice, setup), clock, PowerEvents::default(), runtime)
}

/// The process of the window as the context of a host.
struct WindowContext<R: Runtime> {
    app: AppHandle<R>,
    practice: bool,
}

impl<R: Runtime> HostContext for WindowContext<R> {
    fn connector(&self) -> Result<Connector, Problem> {
        self.app.state::<AppState>().connectors.hosted(self.practice)
    }

    fn is_practice(&self) -> bool {
        self.practice
    }

    fn messages(&self) -> Messages {
        self.app.state::<AppState>().messages()
    }

    fn hosts(&self, id: &ConnectionId) -> bool {
        let state = self.app.state::<AppState>();
        // The agent cannot read a secret that only this process has.
        self.practice || state.agent.is_absent() || state.connectors.keeps_for_this_run(id)
    }

    fn shows_tray(&self) -> bool {
        self.practice || self.app.state::<AppState>().agent.is_absent()
    }

    fn is_window_in_front(&self) -> bool {
        window::is_in_front(&self.app)
    }

    fn on_tray_change(&self) {
        events::send(&self.app, &AppInfoChanged);
    }

    fn show_window(&self, request: ShowRequest) {
        let app = self.app.clone();
        tauri::async_runtime::spawn(async move { open_window::show_at_last(&app, request).await });
    }

    fn quit(&self) {
        quit::end_process(&self.app);
    }
}
