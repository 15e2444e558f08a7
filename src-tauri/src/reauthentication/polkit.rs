//! Linux: polkit asks through the authentication agent of the desktop.
//!
//! The packages install its rule, `linux/ai.radiantsecurity.okta-connector.policy`, whose texts the person reads. Source of
//! every name, type and meaning here: polkit's reference, "org.freedesktop.PolicyKit1.Authority Interface". polkit identifies
//! this process by its unique bus name, which the bus itself assigns.

use std::collections::HashMap;
use std::time::Duration;

use messages::Messages;
use model::code::Code;
use runtime::Clock;
use tokio_util::sync::CancellationToken;
use zbus::zvariant::Value;
use zbus::{Connection, connection};

use super::prompt::{Answer, BoxFuture, Purpose, SystemPrompt};

const CANCELLED: &str = "org.freedesktop.PolicyKit1.Error.Cancelled";
/// Key in the details of a result when the person closed the prompt.
const DISMISSED: &str = "polkit.dismissed";

const COPY_TOKEN: &str = "ai.radiantsecurity.okta-connector.copy-token";
const STOP_ASKING: &str = "ai.radiantsecurity.okta-connector.stop-asking";
const RUN_ACTION: &str = "ai.radiantsecurity.okta-connector.run-action";

const NO_INTERACTION: u32 = 0;
const ALLOW_USER_INTERACTION: u32 = 1;
/// Id by which the only prompt of a connection is canceled.
const CANCELLATION_ID: &str = "question";

/// How long polkit may take for calls that show no prompt.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// An entry of `EnumerateActions`: id, description, message, vendor, its address, icon, three defaults, annotations.
type Action = (String, String, String, String, String, String, u32, u32, u32, HashMap<String, String>);
/// A result of `CheckAuthorization`: is authorized, would be authorized after a prompt, details.
type Authorization = (bool, bool, HashMap<String, String>);

#[zbus::proxy(
    interface = "org.freedesktop.PolicyKit1.Authority",
    default_service = "org.freedesktop.PolicyKit1",
    default_path = "/org/freedesktop/PolicyKit1/Authority",
    gen_blocking = false
)]
trait Authority {
    fn enumerate_actions(&self, locale: &str) -> zbus::Result<Vec<Action>>;

    fn check_authorization(
        &self,
        subject: &(&str, HashMap<&str, Value<'_>>),
        action_id: &str,
        details: HashMap<&str, &str>,
        flags: u32,
        cancellation_id: &str,
    ) -> zbus::Result<Authorization>;

    fn cancel_check_authorization(&self, cancellation_id: &str) -> zbus::Result<()>;
}

/// polkit on one bus.
pub(crate) struct Polkit {
    /// The bus's address; the system bus when absent.
    bus: Option<String>,
}

impl Polkit {
    /// Returns polkit on the system bus.
    pub(crate) fn on_system_bus() -> Self {
        Self { bus: None }
    }

    /// Returns polkit on the bus with this address.
    #[cfg(test)]
    pub(crate) fn on(bus: String) -> Self {
        Self { bus: Some(bus) }
    }

    /// Opens a connection for one prompt, so that none stays open while nobody is asked.
    async fn connect(&self) -> zbus::Result<AuthorityProxy<'static>> {
        let builder = match &self.bus {
            Some(address) => connection::Builder::address(address.as_str())?,
            None => connection::Builder::system()?,
        };
        AuthorityProxy::new(&builder.build().await?).await
    }

    async fn check_available(&self, action: &str) -> Result<(), Code> {
        let missing = |error: zbus::Error| {
            tracing::debug!(%error, "polkit does not answer");
            Code::ReauthenticationMissing
        };
        let authority = self.connect().await.map_err(missing)?;
        let actions = authority.enumerate_actions("").await.map_err(missing)?;
        if actions.iter().all(|(id, ..)| id != action) {
            return Err(Code::ReauthenticationNotInstalled);
        }
        let (authorized, ..) = check(&authority, action, NO_INTERACTION).await.map_err(missing)?;
        if authorized { Err(Code::ReauthenticationNeverAsks) } else { Ok(()) }
    }

    async fn show(&self, action: &str, stop: &CancellationToken) -> Answer {
        let Ok(authority) = self.connect().await else { return Answer::Unavailable };
        tokio::select! {
            result = check(&authority, action, ALLOW_USER_INTERACTION) => {
                result.map_or_else(|error| error_answer(&error), |result| answer(&result))
            }
            () = stop.cancelled() => {
                cancel(&authority).await;
                Answer::Cancelled
            }
        }
    }
}

impl SystemPrompt for Polkit {
    fn availability(&self, purpose: Purpose) -> BoxFuture<'_, Result<(), Code>> {
        Box::pin(async move {
            let available = Clock::system().within(CALL_TIMEOUT, self.check_available(action_id(purpose))).await;
            available.unwrap_or(Err(Code::ReauthenticationMissing))
        })
    }

    fn ask<'a>(
        &'a self,
        purpose: Purpose,
        _messages: &'a Messages,
        stop: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        Box::pin(self.show(action_id(purpose), stop))
    }
}

fn action_id(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::CopyToken => COPY_TOKEN,
        Purpose::StopAsking => STOP_ASKING,
        Purpose::RunAction => RUN_ACTION,
    }
}

/// Converts a result. One that still requires a prompt, although prompts were allowed, found no agent to show it.
fn answer((authorized, challenge, details): &Authorization) -> Answer {
    match (authorized, challenge) {
        (true, _) => Answer::Confirmed,
        (false, true) => Answer::NoAgent,
        (false, false) if details.contains_key(DISMISSED) => Answer::Dismissed,
        (false, false) => Answer::Refused,
    }
}

/// Converts an error of the call.
fn error_answer(error: &zbus::Error) -> Answer {
    if matches!(error, zbus::Error::MethodError(name, ..) if name.as_str() == CANCELLED) {
        return Answer::Cancelled;
    }
    tracing::warn!(%error, "polkit did not ask");
    Answer::Unavailable
}

async fn check(authority: &AuthorityProxy<'_>, action: &str, flags: u32) -> zbus::Result<Authorization> {
    let connection: &Connection = authority.inner().connection();
    let name = connection.unique_name().map(|name| name.to_string()).unwrap_or_default();
    let subject = ("system-bus-name", HashMap::from([("name", Value::from(name))]));
    authority.check_authorization(&subject, action, HashMap::new(), flags, CANCELLATION_ID).await
}

/// Closes the agent's prompt. If that fails, the prompt stays open and its answer is ignored.
async fn cancel(authority: &AuthorityProxy<'_>) {
    let done = Clock::system().within(CALL_TIMEOUT, authority.cancel_check_authorization(CANCELLATION_ID)).await;
    if !matches!(done, Some(Ok(()))) {
        tracing::debug!("polkit did not close its prompt");
    }
}
