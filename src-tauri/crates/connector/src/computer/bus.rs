//! Linux: logind tells of a wake, NetworkManager of a network that carries to everywhere.
//!
//! Sources: logind's "org.freedesktop.login1" (`PrepareForSleep`, false once the sleep is over) and NetworkManager's D-Bus
//! reference (`StateChanged`; 70 is `NM_STATE_CONNECTED_GLOBAL`). They only tell: nothing is asked of them and neither is
//! started. Where one of them is missing, its signal never comes.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use zbus::{Connection, MatchRule, Message, MessageStream, connection, message::Type};

use super::told::{Happened, Teller};
use runtime::Clock;

/// How long to wait before a bus that was there and went is looked for again.
const AGAIN: Duration = Duration::from_secs(60);
/// `NM_STATE_CONNECTED_GLOBAL`.
const EVERYWHERE: u32 = 70;
/// Signals kept while they are not read yet; they are read at once.
const QUEUE: usize = 16;

/// A signal: who sends it, from which path, its interface and name.
type Signal = [&'static str; 4];
const SLEEP: Signal =
    ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"];
const NETWORK: Signal = [
    "org.freedesktop.NetworkManager",
    "/org/freedesktop/NetworkManager",
    "org.freedesktop.NetworkManager",
    "StateChanged",
];

/// Hears both for as long as there is a bus. One that was never there is not waited for.
pub(super) async fn listen(teller: &Teller, clock: &Clock, tell: &(dyn Fn(Happened) + Send + Sync)) {
    let mut was_there = false;
    loop {
        match heard(teller, tell).await {
            Ok(()) => was_there = true,
            Err(error) => tracing::debug!(%error, "no bus tells of sleep and network"),
        }
        if !was_there {
            return;
        }
        clock.sleep(AGAIN).await;
    }
}

/// Hears both until the bus is gone.
async fn heard(teller: &Teller, tell: &(dyn Fn(Happened) + Send + Sync)) -> zbus::Result<()> {
    let builder = match teller {
        Teller::System => connection::Builder::system()?,
        Teller::Bus(address) => connection::Builder::address(address.as_str())?,
        Teller::Nobody => return Err(zbus::Error::InterfaceNotFound),
    };
    let bus = builder.build().await?;
    let sleep = signals(&bus, SLEEP).await?.map(|told| told.map(Told::Sleep));
    let network = signals(&bus, NETWORK).await?.map(|told| told.map(Told::Network));
    let (mut all, mut state) = (stream::select(sleep, network), 0);
    while let Some(told) = all.next().await {
        let what = match told? {
            Told::Sleep(told) => (told.body().deserialize() == Ok(false)).then_some(Happened::Woke),
            Told::Network(told) => {
                let before = std::mem::replace(&mut state, told.body().deserialize().unwrap_or_default());
                (state == EVERYWHERE && before != EVERYWHERE).then_some(Happened::Network)
            }
        };
        what.into_iter().for_each(tell);
    }
    Ok(())
}

/// One of the two signals.
enum Told {
    Sleep(Message),
    Network(Message),
}

async fn signals(bus: &Connection, [sender, path, interface, member]: Signal) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(sender)?
        .path(path)?
        .interface(interface)?
        .member(member)?
        .build();
    MessageStream::for_match_rule(rule, bus, Some(QUEUE)).await
}
