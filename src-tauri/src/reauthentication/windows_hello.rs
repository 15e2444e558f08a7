//! Windows: Windows Hello asks for PIN, fingerprint or face.
//!
//! The prompt has no parent window, because the call of Windows for that has no safe form. It can therefore open behind the
//! app's window; the page says so. Source of names and meanings: Windows.Security.Credentials.UI, "UserConsentVerifier".

use messages::{Messages, keys};
use model::code::Code;
use tokio_util::sync::CancellationToken;
use windows::Security::Credentials::UI::{
    UserConsentVerificationResult as Verification, UserConsentVerifier, UserConsentVerifierAvailability as Availability,
};
use windows::core::HSTRING;

use super::prompt::{Answer, BoxFuture, Purpose, SystemPrompt};

/// Windows Hello of this account.
pub(super) struct WindowsHello;

impl SystemPrompt for WindowsHello {
    fn availability(&self, _purpose: Purpose) -> BoxFuture<'_, Result<(), Code>> {
        Box::pin(async {
            match available().await {
                Ok(Availability::Available | Availability::DeviceBusy) => Ok(()),
                Ok(_) | Err(_) => Err(Code::ReauthenticationMissing),
            }
        })
    }

    fn ask<'a>(
        &'a self,
        purpose: Purpose,
        messages: &'a Messages,
        stop: &'a CancellationToken,
    ) -> BoxFuture<'a, Answer> {
        let message = messages.text(
            match purpose {
                Purpose::CopyToken => keys::REAUTHENTICATION_COPY_TOKEN_SENTENCE,
                Purpose::StopAsking => keys::REAUTHENTICATION_STOP_ASKING_SENTENCE,
                Purpose::RunAction => keys::REAUTHENTICATION_RUN_ACTION_SENTENCE,
            },
            &[],
        );
        Box::pin(async move {
            let Ok(prompt) = UserConsentVerifier::RequestVerificationAsync(&HSTRING::from(message)) else {
                return Answer::Unavailable;
            };
            let answer = prompt.clone();
            tokio::select! {
                verification = async { answer.await } => verification.map_or(Answer::Unavailable, answer_of),
                () = stop.cancelled() => {
                    // A prompt that Windows does not cancel stays until the person closes it, and its answer is ignored.
                    prompt.Cancel().ok();
                    Answer::Cancelled
                }
            }
        })
    }
}

async fn available() -> windows::core::Result<Availability> {
    UserConsentVerifier::CheckAvailabilityAsync()?.await
}

fn answer_of(verification: Verification) -> Answer {
    match verification {
        Verification::Verified => Answer::Confirmed,
        Verification::Canceled => Answer::Dismissed,
        Verification::RetriesExhausted => Answer::Refused,
        // No device, not set up, forbidden by policy, busy.
        _ => Answer::Unavailable,
    }
}
