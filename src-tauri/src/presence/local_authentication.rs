//! macOS: LocalAuthentication asks for Touch ID or the account's password, through Tauri's own plugin.
//!
//! The plugin cannot take a question back; one that the app no longer waits for stays until the person closes it, and its
//! answer counts for nothing. Source of the words it answers with: LAError, as the plugin names them.

use messages::{Messages, keys};
use model::code::Code;
use tauri::{AppHandle, Runtime};
use tauri_plugin_biometric::{AuthOptions, BiometricExt as _, Error};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Answer, Later, Purpose, System};

/// The app, whose plugin asks.
pub(super) struct LocalAuthentication<R: Runtime>(AppHandle<R>);

impl<R: Runtime> LocalAuthentication<R> {
    pub(super) fn new(app: AppHandle<R>) -> Self {
        Self(app)
    }

    /// Asks on a thread of its own, since the plugin waits for the answer.
    fn begun(&self, reason: String) -> Option<oneshot::Receiver<Result<(), Error>>> {
        let (tell, told) = oneshot::channel();
        let app = self.0.clone();
        let options = AuthOptions { allow_device_credential: true, ..AuthOptions::default() };
        let thread = std::thread::Builder::new().name("presence".to_owned());
        thread.spawn(move || drop(tell.send(app.biometric().authenticate(reason, options)))).ok()?;
        Some(told)
    }
}

impl<R: Runtime> System for LocalAuthentication<R> {
    /// The plugin looks at Touch ID alone. Without it the account's password is asked for, unless there is none.
    fn would_ask(&self, _purpose: Purpose) -> Later<'_, Result<(), Code>> {
        Box::pin(async move {
            let status = self.0.biometric().status().map_err(|_| Code::ReauthenticationMissing)?;
            let why = status.error_code.as_deref().unwrap_or_default();
            let never = ["passcodeNotSet", "notInteractive", "invalidContext"];
            if status.is_available || !never.contains(&why) { Ok(()) } else { Err(Code::ReauthenticationMissing) }
        })
    }

    fn ask<'a>(&'a self, purpose: Purpose, words: &'a Messages, stop: &'a CancellationToken) -> Later<'a, Answer> {
        // The system writes "<the app> is trying to ..." before it.
        let reason = words.text(
            match purpose {
                Purpose::CopyToken => keys::PRESENCE_COPY_TOKEN_CLAUSE,
                Purpose::StopAsking => keys::PRESENCE_STOP_ASKING_CLAUSE,
            },
            &[],
        );
        Box::pin(async move {
            let Some(told) = self.begun(reason) else { return Answer::Gone };
            tokio::select! {
                answer = told => answer.map_or(Answer::Gone, |answer| answer.map_or_else(|error| meaning(&error), |()| Answer::Confirmed)),
                () = stop.cancelled() => Answer::Cancelled,
            }
        })
    }
}

fn meaning(error: &Error) -> Answer {
    match error {
        Error::AuthenticationFailed { code, .. } => match code.as_deref() {
            Some("userCancel" | "systemCancel" | "appCancel") => Answer::Dismissed,
            Some("passcodeNotSet" | "notInteractive" | "invalidContext") => Answer::Gone,
            Some(_) | None => Answer::Refused,
        },
        Error::Unavailable { .. } | Error::Io(_) => Answer::Gone,
    }
}
