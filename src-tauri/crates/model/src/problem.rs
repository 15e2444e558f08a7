//! A problem in the form in which the window and the command line receive it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// A problem: a code whose title, meaning and remedy are in the message catalog, and the values for their placeholders.
/// `detail` is for experts and never contains a token, a header, a body or a query string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{code}")]
pub struct Problem {
    /// Its code.
    pub code: Code,
    /// Values for the placeholders of its texts.
    pub args: BTreeMap<String, String>,
    /// Technical detail for experts.
    pub detail: Option<String>,
    /// When to retry, if known.
    pub retry_at: Option<DateTime<Utc>>,
    /// Okta's request id, if there was a response.
    pub request_id: Option<String>,
}

impl Problem {
    /// Creates a problem with a code only.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, args: BTreeMap::new(), detail: None, retry_at: None, request_id: None }
    }

    /// Adds a value for a placeholder.
    #[must_use]
    pub fn arg(mut self, key: &str, value: impl Into<String>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }

    /// Adds technical detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}
