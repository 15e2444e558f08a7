//! macOS: LocalAuthentication asks for Touch ID or the account's password, through Tauri's plugin.
//!
//! The plugin cannot close a prompt. A prompt that the app no longer waits for stays until the person closes it, and its
//! answer is ignored. Source of the error codes: LAError, as the plugin names them.

use messages::{Messages, keys};
use model::code::Code;
use tauri::{AppHandle, Runtime};
use tauri_plugin_biometric::{AuthOptions, BiometricExt as _, Error};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::prompt::{Answer, BoxFuture, Purpose, SystemPrompt};

/// The prompt of the app's plugin.
pub(super) struct LocalAuthentication<R: Runtime>(AppHandle<R>);

impl<R: Runtime> LocalAuthentication<R> {
    pub(super) fn new(app: AppHandle<R>) -> Self {
        Self(app)
    }

    /// Starts the prompt on a separate thread, because the plugin blocks until the answer.
    fn start(&self, reason: String) -> Option<oneshot::Receiver<Result<(), Error>>> {
        let (sender, answer) = oneshot::channel();
        let app = self.0.clone();
        let options = AuthOptions { allow_device_credential: true, ..AuthOptions::default() };
        let thread = std::thread::Builder::new().name("reauthentication".to_owned());
        thread.spawn(move || drop(sender.send(app.biometric().authenticate(reason, options)))).ok()?;
        Some(answer)
    }
}

impl<R: Runtime> SystemPrompt for LocalAuthentication<R> {
    /// The plugin reports only Touch ID. Without it the system asks for the account's password, unless there is none.
    fn availability(&self, _purpose: Purpose) -> BoxFuture<'_, Result<(), Code>> {
        Box::pin(async move {
            let status = self.0.biometric().status().map_err(|_| Code::ReauthenticationMissing)?;
            let why = status.error_code.as_deref().unwrap_or_default();
            let unavailable = ["passcodeNotSet", "notInteractive", "invalidContext"];
            if status.is_available || !unavailable.contains(&why) { Ok(()) } else { Err(Code::ReauthenticationMissing) }
        })
    }

    fn ask<'a>(
        &'a self,
        purpose: Purpose,
        messages: &'a Messages,
        stop: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        // The system puts "<the app> is trying to ..." before it.
        let reason = messages.text(
            match purpose {
                Purpose::CopyToken => keys::REAUTHENTICATION_COPY_TOKEN_CLAUSE,
                Purpose::StopAsking => keys::REAUTHENTICATION_STOP_ASKING_CLAUSE,
                Purpose::RunAction => keys::REAUTHENTICATION_RUN_ACTION_CLAUSE,
            },
            &[],
        );
        Box::pin(async move {
            let Some(answer) = self.start(reason) else { return Answer::Unavailable };
            tokio::select! {
                answer = answer => answer.map_or(Answer::Unavailable, |answer| {
                    answer.map_or_else(|error| error_answer(&error), |()| Answer::Confirmed)
                }),
                () = stop.cancelled() => Answer::Cancelled,
            }
        })
    }
}

fn error_answer(error: &Error) -> Answer {
    match error {
        Error::AuthenticationFailed { code, .. } => match code.as_deref() {
            Some("userCancel" | "systemCancel" | "appCancel") => Answer::Dismissed,
            Some("passcodeNotSet" | "notInteractive" | "invalidContext") => Answer::Unavailable,
            Some(_) | None => Answer::Refused,
        },
        Error::Unavailable { .. } | Error::Io(_) => Answer::Unavailable,
    }
}
