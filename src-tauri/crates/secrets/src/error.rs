//! What can be wrong with the keychain, one word each, and how the keychain library's errors map to it.
//!
//! Pure. A keychain library's error may carry the stored bytes (`BadEncoding`, `BadDataFormat`), so only the platform's
//! own part of an error is ever read, and none of it is kept or logged.
//!
//! Observed on Secret Service (gnome-keyring): no bus, or no service on it, fails at opening; a locked collection, a
//! dismissed prompt and a missing default collection are `NoStorageAccess`, or the same words inside a platform failure
//! when an entry is made. macOS status numbers are Apple's (SecBase.h).

use keyring_core::Error;

use model::code::Code;
use model::problem::Problem;

/// Why the vault could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There is no keychain on this system.
    #[error("there is no keychain")]
    Missing,
    /// It is locked, has no default collection yet, or its prompt was dismissed.
    #[error("the keychain is locked")]
    Locked,
    /// It refused.
    #[error("the keychain refused")]
    Denied,
    /// The entry is not there.
    #[error("the secret is not in the keychain")]
    Gone,
    /// The secret belongs to another origin and was not given.
    #[error("the secret is bound to another origin")]
    BoundElsewhere {
        /// The origin it is bound to.
        bound_to: String,
    },
    /// It failed, or holds something this app did not write.
    #[error("the keychain failed")]
    Failed,
    /// No answer came before the deadline; probably a prompt waits for the administrator.
    #[error("the keychain did not answer")]
    NotAnswered,
}

impl SecretsError {
    /// Returns the code a person is told.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Missing => Code::KeychainMissing,
            Self::Locked | Self::NotAnswered => Code::KeychainLocked,
            Self::Denied => Code::KeychainDenied,
            Self::Gone => Code::KeychainEntryGone,
            Self::BoundElsewhere { .. } => Code::TokenBoundElsewhere,
            Self::Failed => Code::KeychainFailed,
        }
    }

    /// Says what an operation's error means.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::NoEntry => Self::Gone,
            Error::NoDefaultStore => Self::Missing,
            Error::NoStorageAccess(cause) => Self::told(cause).unwrap_or(Self::Locked),
            Error::PlatformFailure(cause) => Self::told(cause).unwrap_or(Self::Failed),
            // A fault of the entry or of the library; `Error` is open to new variants.
            Error::BadEncoding(_)
            | Error::BadDataFormat(..)
            | Error::BadStoreFormat(_)
            | Error::TooLong(..)
            | Error::Invalid(..)
            | Error::Ambiguous(_)
            | Error::NotSupportedByStore(_)
            | _ => Self::Failed,
        }
    }

    /// Says what it means that no store could be opened.
    pub(super) fn of_opening(error: &Error) -> Self {
        match Self::of(error) {
            Self::Locked => Self::Locked,
            Self::Denied => Self::Denied,
            Self::Missing | Self::Gone | Self::BoundElsewhere { .. } | Self::Failed | Self::NotAnswered => {
                Self::Missing
            }
        }
    }

    /// Looks for the platform's own words. The stores do not export their error types, so text is all there is.
    fn told(cause: &keyring_core::error::PlatformError) -> Option<Self> {
        let text = format!("{cause} {cause:?}");
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&["AccessDenied", "code: -25293", "code: -128,", "code: -25244"]) {
            Some(Self::Denied)
        } else if says(&["prompt dismissed", "object locked", "IsLocked", "code: -25308"]) {
            Some(Self::Locked)
        } else if says(&["ServiceUnknown", "code: -25291", "code: -25294", "code: -25307"]) {
            Some(Self::Missing)
        } else {
            None
        }
    }
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        let problem = Self::new(error.code());
        match error {
            SecretsError::BoundElsewhere { bound_to } => problem.arg("bound_to", bound_to),
            SecretsError::NotAnswered => problem.detail("no answer from the keychain before the deadline"),
            SecretsError::Missing
            | SecretsError::Locked
            | SecretsError::Denied
            | SecretsError::Gone
            | SecretsError::Failed => problem,
        }
    }
}
