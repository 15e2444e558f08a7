//! Linux: polkit asks, through the agent of the desktop.
//!
//! The rule it asks by is `polkit/ai.radiantsecurity.okta-connector.policy`, which the packages install; its texts are what
//! the person reads. Source of every name, type and meaning here: polkit's own reference, "org.freedesktop.PolicyKit1.Authority
//! Interface". polkit knows this process by its name on the bus, which the bus vouches for.

use std::collections::HashMap;
use std::time::Duration;

use messages::Messages;
use model::code::Code;
use runtime::Clock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use zbus::zvariant::{DynamicType, Type, Value};
use zbus::{Connection, connection};

use super::{Answer, Later, Purpose, System};

const NAME: &str = "org.freedesktop.PolicyKit1";
const PATH: &str = "/org/freedesktop/PolicyKit1/Authority";
const INTERFACE: &str = "org.freedesktop.PolicyKit1.Authority";
const CANCELLED: &str = "org.freedesktop.PolicyKit1.Error.Cancelled";
/// In a result's details when the person closed the question.
const DISMISSED: &str = "polkit.dismissed";

const COPY_TOKEN: &str = "ai.radiantsecurity.okta-connector.copy-token";
const STOP_ASKING: &str = "ai.radiantsecurity.okta-connector.stop-asking";

const ASK_NOBODY: u32 = 0;
const ALLOW_USER_INTERACTION: u32 = 1;
/// Names the one question of a connection, to take it back by.
const QUESTION: &str = "question";

/// How long polkit has for what asks nobody.
const AT_ONCE: Duration = Duration::from_secs(5);

/// An entry of `EnumerateActions`: id, description, message, vendor, its address, icon, three defaults, annotations.
type Action = (String, String, String, String, String, String, u32, u32, u32, HashMap<String, String>);
/// A result of `CheckAuthorization`: is authorized, would be after a question, details.
type Checked = (bool, bool, HashMap<String, String>);

/// polkit on one bus.
pub(crate) struct Polkit {
    /// The bus's address; the system's bus when absent.
    bus: Option<String>,
}

impl Polkit {
    /// Returns polkit on the system's bus.
    pub(crate) fn of_the_system() -> Self {
        Self { bus: None }
    }

    /// Returns polkit on the bus of that address.
    #[cfg(test)]
    pub(crate) fn on(bus: String) -> Self {
        Self { bus: Some(bus) }
    }

    /// A connection of its own for each question, so that nothing is held while nobody asks.
    async fn connect(&self) -> zbus::Result<Connection> {
        let builder = match &self.bus {
            Some(address) => connection::Builder::address(address.as_str())?,
            None => connection::Builder::system()?,
        };
        builder.build().await
    }

    async fn looked(&self, action: &str) -> Result<(), Code> {
        let missing = |error: zbus::Error| {
            tracing::debug!(%error, "polkit does not answer");
            Code::ReauthenticationMissing
        };
        let bus = self.connect().await.map_err(missing)?;
        let known: Vec<Action> = call(&bus, "EnumerateActions", &("",)).await.map_err(missing)?;
        if known.iter().all(|(id, ..)| id != action) {
            return Err(Code::ReauthenticationNotInstalled);
        }
        let (authorized, ..) = check(&bus, action, ASK_NOBODY).await.map_err(missing)?;
        if authorized { Err(Code::ReauthenticationNeverAsks) } else { Ok(()) }
    }

    async fn asked(&self, action: &str, stop: &CancellationToken) -> Answer {
        let Ok(bus) = self.connect().await else { return Answer::Gone };
        tokio::select! {
            checked = check(&bus, action, ALLOW_USER_INTERACTION) => checked.map_or_else(|error| lost(&error), |result| meaning(&result)),
            () = stop.cancelled() => {
                take_back(&bus).await;
                Answer::Cancelled
            }
        }
    }
}

impl System for Polkit {
    fn would_ask(&self, purpose: Purpose) -> Later<'_, Result<(), Code>> {
        Box::pin(async move {
            let looked = Clock::system().within(AT_ONCE, self.looked(action(purpose))).await;
            looked.unwrap_or(Err(Code::ReauthenticationMissing))
        })
    }

    fn ask<'a>(&'a self, purpose: Purpose, _words: &'a Messages, stop: &'a CancellationToken) -> Later<'a, Answer> {
        Box::pin(self.asked(action(purpose), stop))
    }
}

fn action(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::CopyToken => COPY_TOKEN,
        Purpose::StopAsking => STOP_ASKING,
    }
}

/// Says what a result means. One that still wants a question, although it was allowed, found no agent to ask it.
fn meaning((authorized, challenge, details): &Checked) -> Answer {
    match (authorized, challenge) {
        (true, _) => Answer::Confirmed,
        (false, true) => Answer::NoAgent,
        (false, false) if details.contains_key(DISMISSED) => Answer::Dismissed,
        (false, false) => Answer::Refused,
    }
}

/// Says what it means that there is no result.
fn lost(error: &zbus::Error) -> Answer {
    if matches!(error, zbus::Error::MethodError(name, ..) if name.as_str() == CANCELLED) {
        return Answer::Cancelled;
    }
    tracing::warn!(%error, "polkit did not ask");
    Answer::Gone
}

async fn check(bus: &Connection, action: &str, flags: u32) -> zbus::Result<Checked> {
    let name = bus.unique_name().map(|name| name.to_string()).unwrap_or_default();
    let subject = ("system-bus-name", HashMap::from([("name", Value::from(name))]));
    let details: HashMap<&str, &str> = HashMap::new();
    call(bus, "CheckAuthorization", &(subject, action, details, flags, QUESTION)).await
}

/// Closes the agent's window. Where that fails the window stays, and its answer is not waited for.
async fn take_back(bus: &Connection) {
    let done = Clock::system().within(AT_ONCE, call::<()>(bus, "CancelCheckAuthorization", &(QUESTION,))).await;
    if !matches!(done, Some(Ok(()))) {
        tracing::debug!("polkit did not take its question back");
    }
}

async fn call<T: DeserializeOwned + Type>(
    bus: &Connection,
    method: &str,
    arguments: &(impl Serialize + DynamicType),
) -> zbus::Result<T> {
    bus.call_method(Some(NAME), PATH, Some(INTERFACE), method, arguments).await?.body().deserialize()
}
