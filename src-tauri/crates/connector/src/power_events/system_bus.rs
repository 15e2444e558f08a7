//! Linux: logind reports a wake, NetworkManager a network that reaches everywhere.
//!
//! Sources: logind's "org.freedesktop.login1" (`PrepareForSleep`, false once the sleep is over) and NetworkManager's D-Bus
//! reference (`StateChanged`; 70 is `NM_STATE_CONNECTED_GLOBAL`). Neither is started or called. If one is missing, its signal
//! never comes.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use runtime::Clock;
use zbus::{connection, proxy};

use super::source::{EventSource, PowerEvent};

/// The wait before a bus that was lost is connected again.
const RECONNECT_AFTER: Duration = Duration::from_secs(60);
/// `NM_STATE_CONNECTED_GLOBAL`.
const CONNECTED_GLOBAL: u32 = 70;

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Logind {
    #[zbus(signal)]
    fn prepare_for_sleep(&self, starts: bool) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.freedesktop.NetworkManager",
    default_service = "org.freedesktop.NetworkManager",
    default_path = "/org/freedesktop/NetworkManager",
    gen_blocking = false
)]
trait NetworkManager {
    #[zbus(signal)]
    fn state_changed(&self, state: u32) -> zbus::Result<()>;
}

/// Reports events for as long as there is a bus. A bus that was never there is not awaited.
pub(super) async fn listen(source: &EventSource, clock: &Clock, report: &(dyn Fn(PowerEvent) + Send + Sync)) {
    let mut was_connected = false;
    loop {
        match listen_once(source, report).await {
            Ok(()) => was_connected = true,
            Err(error) => tracing::debug!(%error, "no bus reports sleep and network"),
        }
        if !was_connected {
            return;
        }
        clock.sleep(RECONNECT_AFTER).await;
    }
}

/// Reports events until the bus is lost.
async fn listen_once(source: &EventSource, report: &(dyn Fn(PowerEvent) + Send + Sync)) -> zbus::Result<()> {
    let builder = match source {
        EventSource::SystemBus => connection::Builder::system()?,
        EventSource::Bus(address) => connection::Builder::address(address.as_str())?,
        EventSource::Polling => return Err(zbus::Error::InterfaceNotFound),
    };
    let bus = builder.build().await?;
    let sleep = LogindProxy::new(&bus).await?.receive_prepare_for_sleep().await?;
    let network = NetworkManagerProxy::new(&bus).await?.receive_state_changed().await?;
    let woke = sleep.map(|signal| signal.args().is_ok_and(|args| !args.starts).then_some(PowerEvent::Woke));
    let mut state = 0;
    let returned = network.map(|signal| {
        let before = std::mem::replace(&mut state, signal.args().map(|args| args.state).unwrap_or_default());
        (state == CONNECTED_GLOBAL && before != CONNECTED_GLOBAL).then_some(PowerEvent::NetworkReturned)
    });
    let mut events = stream::select(woke, returned);
    while let Some(event) = events.next().await {
        event.into_iter().for_each(report);
    }
    Ok(())
}
