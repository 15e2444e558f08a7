//! Errors of the keychain and of the index, and how those of the keychain library map to them.
//!
//! A keychain library's error may carry the stored bytes (`BadEncoding`, `BadDataFormat`), so only the platform's own part of
//! an error is read, and none of it is kept or logged.
//!
//! On Linux this crate's own credential store carries a [`KeychainError`] as the cause. macOS status numbers are Apple's
//! (SecBase.h).

use keyring_core::Error;

use model::code::Code;
use model::problem::Problem;
use model::secret_name::SecretName;
use store::StoreError;

/// Why the keychain failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// This system has no keychain.
    #[error("there is no keychain")]
    Missing,
    /// There is no session bus, over which Linux's keychain is reached.
    #[error("there is no session bus")]
    NoSessionBus,
    /// The keychain worked in this run and is gone.
    #[error("the keychain stopped")]
    Stopped,
    /// It is locked, or its prompt was dismissed.
    #[error("the keychain is locked")]
    Locked,
    /// It has no default collection, into which entries are put.
    #[error("the keychain has no default collection")]
    NoDefaultCollection,
    /// The secret is longer than an entry may be.
    #[error("the secret is too long for the keychain")]
    TooLong {
        /// The limit in bytes, for the secret with what is stored beside it.
        limit: u32,
    },
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
            Self::NoSessionBus => Code::KeychainNoSessionBus,
            Self::Stopped => Code::KeychainStopped,
            Self::NoDefaultCollection => Code::KeychainNoDefaultCollection,
            Self::TooLong { .. } => Code::KeychainTooLong,
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
            Error::TooLong(_, limit) => Self::TooLong { limit: *limit },
            Error::NoDefaultStore => Self::Missing,
            Error::NoStorageAccess(cause) => Self::from_platform(cause).unwrap_or(Self::Locked),
            Error::PlatformFailure(cause) => Self::from_platform(cause).unwrap_or(Self::Failed),
            // A defect of the entry or of the library; `Error` may gain variants.
            Error::BadEncoding(_)
            | Error::BadDataFormat(..)
            | Error::BadStoreFormat(_)
            | Error::Invalid(..)
            | Error::Ambiguous(_)
            | Error::NotSupportedByStore(_)
            | _ => Self::Failed,
        }
    }

    /// Converts the error of opening a keychain.
    pub(super) fn of_opening(error: &Error) -> Self {
        match Self::of(error) {
            known @ (Self::Locked | Self::Denied | Self::NoSessionBus | Self::NoDefaultCollection) => known,
            Self::Missing
            | Self::Stopped
            | Self::Gone
            | Self::BoundElsewhere { .. }
            | Self::TooLong { .. }
            | Self::Failed
            | Self::NotAnswered => Self::Missing,
        }
    }

    /// Tells whether no keychain can be used at all, so that this process cannot have put an entry into one.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Missing | Self::NoSessionBus | Self::NoDefaultCollection => true,
            Self::Stopped
            | Self::Locked
            | Self::Denied
            | Self::Gone
            | Self::BoundElsewhere { .. }
            | Self::TooLong { .. }
            | Self::Failed
            | Self::NotAnswered => false,
        }
    }

    /// Searches the platform's own text, because most keychain libraries do not export their error types.
    fn from_platform(cause: &keyring_core::error::PlatformError) -> Option<Self> {
        if let Some(own) = cause.downcast_ref::<Self>() {
            return Some(own.clone());
        }
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
            KeychainError::TooLong { limit } => problem.arg("limit", limit.to_string()),
            KeychainError::Missing
            | KeychainError::NoSessionBus
            | KeychainError::Stopped
            | KeychainError::NoDefaultCollection
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
    /// A secret of the connection comes from a file in this run, so that none is changed.
    #[error("the secrets of this connection come from files in this run")]
    Provided,
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
            SecretsError::NotKept(SecretName::EventsWebhookToken) => Self::new(Code::EventsWebhookTokenMissing),
            SecretsError::NotKept(
                SecretName::OktaToken
                | SecretName::NextOktaToken
                | SecretName::PreviousOktaToken
                | SecretName::MonitoringToken,
            ) => Self::new(Code::TokenMissing),
            SecretsError::Provided => Self::new(Code::StepNotReady),
            SecretsError::Keychain(error) => error.into(),
            SecretsError::Store(error) => error.into(),
        }
    }
}
