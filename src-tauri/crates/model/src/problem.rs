//! What is told at the door when something did not work.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::code::Code;

/// A problem as a person meets it: a code whose title, meaning and remedy are in the message catalogue, and the values
/// for their placeholders. `detail` is for experts and never holds a token, a header, a body or a query string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type, thiserror::Error)]
#[error("{code}")]
pub struct Problem {
    /// What it is.
    pub code: Code,
    /// Values for the placeholders of its sentences.
    pub args: BTreeMap<String, String>,
    /// A technical line for experts.
    pub detail: Option<String>,
    /// When trying again makes sense, where that is known.
    pub retry_at: Option<DateTime<Utc>>,
    /// Okta's request id, where there was an answer.
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem with nothing but its code.
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

    /// Adds a technical line.
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
