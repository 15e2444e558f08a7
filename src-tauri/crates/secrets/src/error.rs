//! Errors of the keychain and of the index, and how those of the keychain library map to them.
//!
//! A keychain library's error may carry the stored bytes (`BadEncoding`, `BadDataFormat`), so only the platform's own part of
//! an error is read, and none of it is kept or logged.
//!
//! Observed on Secret Service (gnome-keyring): without a bus, or a service on it, opening fails; a locked collection, a
//! dismissed prompt and a missing default collection are `NoStorageAccess`, or the same text inside a platform failure when an
//! entry is created. macOS status numbers are Apple's (SecBase.h).

use keyring_core::Error;

use model::code::Code;
use model::problem::Problem;
use model::secret::SecretName;
use store::StoreError;

/// Why the keychain failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This system has no keychain.
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
    /// The secret is bound to another origin and was not returned.
    #[error("the secret is bound to another origin")]
    BoundElsewhere {
        /// The origin it is bound to.
        bound_to: String,
    },
    /// It failed, or contains something this app did not write.
    #[error("the keychain failed")]
    Failed,
    /// It did not answer before the deadline; probably a prompt waits for the administrator.
    #[error("the keychain did not answer")]
    NotAnswered,
}

impl KeychainError {
    /// Returns the code of the problem that is shown.
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

    /// Converts the error of an operation.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::NoEntry => Self::Gone,
            Error::NoDefaultStore => Self::Missing,
            Error::NoStorageAccess(cause) => Self::from_platform(cause).unwrap_or(Self::Locked),
            Error::PlatformFailure(cause) => Self::from_platform(cause).unwrap_or(Self::Failed),
            // A defect of the entry or of the library; `Error` may gain variants.
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

    /// Converts the error of opening a keychain.
    pub(super) fn of_opening(error: &Error) -> Self {
        match Self::of(error) {
            Self::Locked => Self::Locked,
            Self::Denied => Self::Denied,
            Self::Missing | Self::Gone | Self::BoundElsewhere { .. } | Self::Failed | Self::NotAnswered => {
                Self::Missing
            }
        }
    }

    /// Searches the platform's own text, because the keychain libraries do not export their error types.
    fn from_platform(cause: &keyring_core::error::PlatformError) -> Option<Self> {
        let text = format!("{cause} {cause:?}");
        let contains = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        if contains(&["AccessDenied", "code: -25293", "code: -128,", "code: -25244"]) {
            Some(Self::Denied)
        } else if contains(&["prompt dismissed", "object locked", "IsLocked", "code: -25308"]) {
            Some(Self::Locked)
        } else if contains(&["ServiceUnknown", "code: -25291", "code: -25294", "code: -25307"]) {
            Some(Self::Missing)
        } else {
            None
        }
    }
}

impl From<KeychainError> for Problem {
    fn from(error: KeychainError) -> Self {
        let problem = Self::new(error.code());
        match error {
            KeychainError::BoundElsewhere { bound_to } => problem.arg("bound_to", bound_to),
            KeychainError::NotAnswered => problem.detail("no answer from the keychain before the deadline"),
            KeychainError::Missing
            | KeychainError::Locked
            | KeychainError::Denied
            | KeychainError::Gone
            | KeychainError::Failed => problem,
        }
    }
}

/// Why a secret could not be kept, returned or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The index does not name the secret.
    #[error("the secret is not kept")]
    NotKept(SecretName),
    /// The keychain failed.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        match error {
            SecretsError::NotKept(SecretName::RadiantSearchToken) => Self::new(Code::RadiantTokenMissing),
            SecretsError::NotKept(
                SecretName::OktaToken
                | SecretName::NextOktaToken
                | SecretName::PreviousOktaToken
                | SecretName::MonitoringToken,
            ) => Self::new(Code::TokenMissing),
            SecretsError::Keychain(error) => error.into(),
            SecretsError::Store(error) => error.into(),
        }
    }
}
