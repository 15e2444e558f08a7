//! Windows: Windows Hello asks for PIN, fingerprint or face.
//!
//! The question belongs to no window of ours (that call of Windows has no safe form), so it can open behind it; the page says
//! so. Source of names and meanings: Windows.Security.Credentials.UI, "UserConsentVerifier".

use messages::{Messages, keys};
use model::code::Code;
use tokio_util::sync::CancellationToken;
use windows::Security::Credentials::UI::{
    UserConsentVerificationResult as Verification, UserConsentVerifier, UserConsentVerifierAvailability as Availability,
};
use windows::core::HSTRING;

use super::{Answer, Later, Purpose, System};

/// Windows Hello of this account.
pub(super) struct WindowsHello;

impl System for WindowsHello {
    fn would_ask(&self, _purpose: Purpose) -> Later<'_, Result<(), Code>> {
        Box::pin(async {
            match available().await {
                Ok(Availability::Available | Availability::DeviceBusy) => Ok(()),
                Ok(_) | Err(_) => Err(Code::ReauthenticationMissing),
            }
        })
    }

    fn ask<'a>(&'a self, purpose: Purpose, words: &'a Messages, stop: &'a CancellationToken) -> Later<'a, Answer> {
        let message = words.text(
            match purpose {
                Purpose::CopyToken => keys::PRESENCE_COPY_TOKEN_SENTENCE,
                Purpose::StopAsking => keys::PRESENCE_STOP_ASKING_SENTENCE,
            },
            &[],
        );
        Box::pin(async move {
            let Ok(question) = UserConsentVerifier::RequestVerificationAsync(&HSTRING::from(message)) else {
                return Answer::Gone;
            };
            let answer = question.clone();
            tokio::select! {
                verification = async { answer.await } => verification.map_or(Answer::Gone, meaning),
                () = stop.cancelled() => {
                    // A question Windows does not take back stays until it is closed; its answer counts for nothing.
                    question.Cancel().ok();
                    Answer::Cancelled
                }
            }
        })
    }
}

async fn available() -> windows::core::Result<Availability> {
    UserConsentVerifier::CheckAvailabilityAsync()?.await
}

fn meaning(verification: Verification) -> Answer {
    match verification {
        Verification::Verified => Answer::Confirmed,
        Verification::Canceled => Answer::Dismissed,
        Verification::RetriesExhausted => Answer::Refused,
        // No device, not set up, forbidden by policy, busy.
        _ => Answer::Gone,
    }
}
