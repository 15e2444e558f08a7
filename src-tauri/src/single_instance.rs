//! Only one window's process works on the real connections. A later start shows the window of the first one and ends.
//!
//! On Linux a file lock and a local socket do this, and `--hidden` becomes the agent; elsewhere Tauri's plugin. Practice shares
//! nothing with real connections, so it runs beside them.

#[cfg(not(target_os = "linux"))]
use tauri::AppHandle;
use tauri::{Builder, Wry};

use crate::args::Args;

#[cfg(target_os = "linux")]
pub(crate) use linux::{Place, claim, serve};

/// What a start has to do.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "the plugin ends a second start by itself"))]
pub(crate) enum Claim {
    /// It opens its window, with this place; without one for practice, or where the place cannot be kept.
    First(Option<Box<Place>>),
    /// Another process does what was asked.
    Done,
    /// Another process, if known this one, has the place and does not respond.
    NotResponding(Option<u32>),
}

/// The place of the only window's process; Tauri's plugin keeps it.
#[cfg(not(target_os = "linux"))]
pub(crate) enum Place {}

/// Claims nothing: the plugin does it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn claim(_args: Args) -> Claim {
    Claim::First(None)
}

/// Serves nothing: the plugin does it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn serve(_app: &AppHandle<Wry>, _place: Option<Box<Place>>, _clock: runtime::Clock) {}

/// Adds the plugin that shows the first process's window, on systems without the local socket.
pub(crate) fn add_plugin(builder: Builder<Wry>, args: Args) -> Builder<Wry> {
    #[cfg(not(target_os = "linux"))]
    if !args.practice {
        return builder.plugin(tauri_plugin_single_instance::init(|app, args, _| on_second_start(app, args)));
    }
    #[cfg(target_os = "linux")]
    let _ = args;
    builder
}

/// Shows the window when the app is started again, unless that start is hidden, as the one at login is.
#[cfg(not(target_os = "linux"))]
fn on_second_start(app: &AppHandle<Wry>, args: Vec<String>) {
    let hidden = Args::parse(args.into_iter().skip(1)).is_ok_and(|args| args.hidden);
    if !hidden {
        crate::open_window::open(app, None);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::time::Duration;

    use agent::channel::{
        Acquired, Connection, Deadline, Hello, Instance, InstanceError, Message, Role, RuntimeFolder,
    };
    use agent::host_context::ShowRequest;
    use agent::peer_config::PeerConfig;
    use agent::start_program::Programs;
    use connector::owner_only_files::private_folder;
    use runtime::Clock;
    use tauri::{AppHandle, Manager as _, Wry};
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::Claim;
    use crate::app_state::AppState;
    use crate::args::{Args, VERSION};
    use crate::{agent_link, window_requests};

    /// How long a start waits for the first process to show its window, which may be starting itself, or to end.
    const TIMEOUT: Duration = Duration::from_secs(10);
    /// The wait between two attempts.
    const RETRY: Duration = Duration::from_millis(100);
    /// The longest wait for the page before the agent is started all the same.
    const PAINT_TIMEOUT: Duration = Duration::from_secs(10);

    /// The lock and socket of the window's process, which it keeps until it ends.
    pub(crate) struct Place {
        requests: UnboundedReceiver<Connection>,
        peer: PeerConfig,
    }

    /// Claims the place of the window's process, or shows the window of the process that has it.
    pub(crate) fn claim(args: Args) -> Claim {
        if args.practice {
            return Claim::First(None);
        }
        let peer = match find_peer() {
            Ok(peer) => peer,
            // The app starts all the same; the store says what is wrong with the data folder.
            Err(error) => {
                tracing::warn!(%error, "agent and window cannot find each other");
                return Claim::First(None);
            }
        };
        if args.hidden {
            // It returns only when the agent cannot be executed; then this process does its work without a window.
            let error = peer.programs.become_agent(!args.from_window);
            tracing::warn!(%error, "the agent cannot be executed");
        }
        tauri::async_runtime::block_on(claim_place(peer, args.hidden))
    }

    fn find_peer() -> Result<PeerConfig, Box<dyn std::error::Error>> {
        let data_dir = connector::paths::data_dir().ok_or_else(|| io::Error::other("there is no home folder"))?;
        private_folder(&data_dir)?;
        Ok(PeerConfig {
            folder: RuntimeFolder::of_environment(&data_dir)?,
            hello: Hello::of_this_process(VERSION, connector::SCHEMA_VERSION),
            deadline: Deadline::new(Clock::system()),
            programs: Programs::find()?,
        })
    }

    async fn claim_place(peer: PeerConfig, hidden: bool) -> Claim {
        let clock = peer.deadline.clock.clone();
        let folder = peer.folder.clone();
        let claimed = async {
            loop {
                let PeerConfig { folder, hello, deadline, .. } = &peer;
                match Instance::acquire(folder, Role::Window, hello.clone(), deadline.clone()).await {
                    Ok(Acquired::Instance(instance)) => {
                        return Claim::First(Some(Box::new(Place { requests: accept(instance), peer })));
                    }
                    Ok(Acquired::Running(_)) if hidden => return Claim::Done,
                    Ok(Acquired::Running(mut window)) => {
                        let activation_token = std::env::var("XDG_ACTIVATION_TOKEN").ok();
                        let request = ShowRequest { target: None, activation_token };
                        if window.request(&Message::Show { request }).await.is_ok() {
                            return Claim::Done;
                        }
                    }
                    Err(InstanceError::NotResponding { pid, .. }) => return Claim::NotResponding(pid),
                    Err(InstanceError::Io(path, error)) => {
                        tracing::warn!(%error, ?path, "agent and window cannot find each other");
                        return Claim::First(None);
                    }
                }
                // The other process is ending: the place is free in a moment.
                clock.sleep(RETRY).await;
            }
        };
        let claimed = clock.within(TIMEOUT, claimed).await;
        claimed.unwrap_or_else(|| Claim::NotResponding(folder.holder(Role::Window)))
    }

    /// Accepts connections from now on, so that others do not take a process that is starting for one that does not respond.
    fn accept(mut instance: Instance) -> UnboundedReceiver<Connection> {
        let (sender, requests) = unbounded_channel();
        tauri::async_runtime::spawn(async move { while sender.send(instance.accept().await).is_ok() {} });
        requests
    }

    /// Answers later starts and the agent, and keeps this process connected to the agent.
    pub(crate) fn serve(app: &AppHandle<Wry>, place: Option<Box<Place>>, clock: Clock) {
        let Some(place) = place else { return };
        let Place { requests, peer } = *place;
        tauri::async_runtime::spawn(window_requests::run(app.clone(), requests));
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            // The page comes first, so that the agent's start does not delay it.
            let state = app.state::<AppState>();
            if clock.within(PAINT_TIMEOUT, state.page.wait_for_paint()).await.is_none() {
                tracing::warn!("the agent is started before the page was drawn");
            }
            agent_link::run(app.clone(), peer, clock).await;
        });
    }
}
