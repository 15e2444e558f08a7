//! Rules by which the custom events webhook accepts and refuses.

use serde::{Deserialize, Serialize};

/// Form of the events in one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// Every form is accepted.
    #[default]
    Any,
    /// One JSON object.
    Single,
    /// A JSON array.
    Array,
    /// One JSON value in each line.
    Lines,
}

/// How the webhook replies to a request with the right token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum WebhookReply {
    /// It accepts the events with this status.
    #[default]
    Accept,
    /// It accepts the events with another status, for example 202 or 204.
    AcceptWith {
        /// HTTP status.
        status: u16,
    },
    /// It accepts the events and responds late.
    AcceptLate {
        /// Milliseconds.
        ms: u64,
    },
    /// It accepts the events and closes the connection without a response.
    AcceptThenDrop,
    /// It does not accept them, although the status is 200: the body has an error.
    ErrorInside,
    /// It does not accept them: a web page with status 200, as of a network's sign-in page.
    Page,
    /// It does not accept them and redirects.
    Redirect {
        /// Its target.
        to: String,
    },
    /// It does not accept them.
    Refuse {
        /// HTTP status.
        status: u16,
        /// Seconds in `Retry-After`, which is left out when absent.
        retry_after_s: Option<u32>,
    },
    /// It closes the connection before it has read the request.
    Reset,
    /// It never responds and does not accept the events.
    Hang,
}

/// Rules of the webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookRules {
    /// Name of the header with the token; `Authorization` or `x-rs-token` when absent.
    pub header: Option<String>,
    /// Accepted form; another gets 400.
    pub format: WebhookFormat,
    /// Whether a compressed body gets 415.
    pub refuses_gzip: bool,
    /// Largest accepted body as it is sent.
    pub max_body: Option<usize>,
    /// Whether the connection is closed above that size (true) or the status is 413 (false).
    pub resets_larger: bool,
    /// Largest number of events in a request; more get 413.
    pub max_events: Option<usize>,
    /// A request with one of these events gets this status.
    pub refused_events: Vec<RefusedEvent>,
    /// The reply.
    pub reply: WebhookReply,
    /// Number of requests that get this reply, after which all are accepted; unlimited when absent.
    pub times: Option<u32>,
}

/// An event that no request may contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedEvent {
    /// Okta's uuid.
    pub uuid: String,
    /// HTTP status, for example 400, 413 or 422.
    pub status: u16,
}
