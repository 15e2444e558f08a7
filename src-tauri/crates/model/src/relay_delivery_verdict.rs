//! The verdict on one delivery: a table from what the receiver did to what happens to the events.
//!
//! An event is settled only by a success with an acceptable body. What concerns the receiver as a whole (401, 403, 404) holds
//! the queue; what concerns the request (413, 400) splits it until the one event is found; that event alone is set aside.

use std::time::Duration;

use serde_json::Value;

use crate::relay::UndeliverableReason;

/// Attempts with one event that the receiver rejects before it is set aside.
const MAX_REJECTIONS: u32 = 3;
/// Resets or time-outs of one request before it is split.
const MAX_RESETS: u32 = 2;
/// Resets of a large event sent alone before it is set aside.
const MAX_RESETS_ALONE: u32 = 6;
/// The size from which the size may be the reason of a reset.
const BIG_BODY: u64 = 64 * 1024;
/// Events set aside in a row, with none accepted between, from which the receiver and not the events is the reason.
const MAX_SET_ASIDE_IN_A_ROW: u32 = 10;
/// Longest body of a success that is read for an error.
const MAX_ANSWER: usize = 64 * 1024;

/// What the receiver did with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The kind of body.
        body: AnswerBody,
    },
    /// The connection ended before a whole answer arrived, after it had been established.
    Reset,
    /// No answer arrived in time.
    TimedOut,
    /// Nothing was sent, or nobody knows: no network, no name, no connection.
    Unreachable,
    /// The certificate was refused before anything was sent.
    Untrusted,
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerBody {
    /// Nothing, or a text that names no error.
    Acceptable,
    /// A web page, which no API answers with.
    Page,
    /// A text that names an error.
    Error,
}

/// One attempt, with what is known of earlier ones with the same events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// What the receiver did.
    pub delivery: Delivery,
    /// Events of the request.
    pub events: u32,
    /// Bytes of its body as they were sent.
    pub bytes: u64,
    /// Attempts in a row that ended by a reset or a time-out, this one included.
    pub resets: u32,
    /// Attempts in a row that were rejected, this one included.
    pub rejections: u32,
    /// Events set aside in a row before this one.
    pub set_aside_in_a_row: u32,
}

/// What happens to the events of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are delivered.
    Settle,
    /// They are sent again after a back-off.
    Retry(RetryReason),
    /// They are sent again in smaller requests.
    Split,
    /// The one event is set aside.
    SetAside(UndeliverableReason),
    /// The queue is held, and somebody has to act. It is tried again now and then.
    Hold(HoldReason),
}

/// Why events are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryReason {
    /// The receiver is busy or broken, or cannot be reached.
    Unavailable,
    /// It answered with a success that is none.
    NotTaken,
    /// It rejected the one event, perhaps by mistake.
    Rejected,
}

/// Why the queue is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    /// The receiver refuses this sender: 401, 403, 404 and the like.
    Refused,
    /// It redirects, which is not followed.
    Redirected,
    /// The certificate is not trusted.
    Untrusted,
    /// It rejects everything.
    EverythingRejected,
}

/// Returns what happens to the events of a request.
#[must_use]
pub fn verdict(attempt: &Attempt) -> Verdict {
    match attempt.delivery {
        Delivery::Answered { status: 200..=299, body: AnswerBody::Acceptable } => Verdict::Settle,
        Delivery::Answered { status: 200..=299, body: AnswerBody::Page } => Verdict::Retry(RetryReason::NotTaken),
        Delivery::Answered { status: 200..=299, body: AnswerBody::Error } => rejected(attempt, RetryReason::NotTaken),
        Delivery::Answered { status: 300..=399, .. } => Verdict::Hold(HoldReason::Redirected),
        Delivery::Answered { status: 401 | 402 | 403 | 404 | 405 | 407 | 410 | 421 | 426 | 451 | 511, .. } => {
            Verdict::Hold(HoldReason::Refused)
        }
        Delivery::Answered { status: 413, .. } => {
            if attempt.events > 1 {
                Verdict::Split
            } else {
                set_aside(attempt, UndeliverableReason::TooLarge)
            }
        }
        Delivery::Answered { status: 408 | 425 | 429, .. } => Verdict::Retry(RetryReason::Unavailable),
        // An edge that answers with a page did not look at the events.
        Delivery::Answered { status: 400..=499, body: AnswerBody::Page } => Verdict::Retry(RetryReason::NotTaken),
        Delivery::Answered { status: 400..=499, .. } => rejected(attempt, RetryReason::Rejected),
        Delivery::Answered { .. } | Delivery::Unreachable => Verdict::Retry(RetryReason::Unavailable),
        Delivery::Untrusted => Verdict::Hold(HoldReason::Untrusted),
        Delivery::Reset | Delivery::TimedOut => interrupted(attempt),
    }
}

fn rejected(attempt: &Attempt, reason: RetryReason) -> Verdict {
    if attempt.events > 1 {
        Verdict::Split
    } else if attempt.rejections < MAX_REJECTIONS {
        Verdict::Retry(reason)
    } else {
        set_aside(attempt, UndeliverableReason::Rejected)
    }
}

fn set_aside(attempt: &Attempt, reason: UndeliverableReason) -> Verdict {
    if attempt.set_aside_in_a_row < MAX_SET_ASIDE_IN_A_ROW {
        Verdict::SetAside(reason)
    } else {
        Verdict::Hold(HoldReason::EverythingRejected)
    }
}

fn interrupted(attempt: &Attempt) -> Verdict {
    let is_big = attempt.bytes >= BIG_BODY;
    if is_big && attempt.events > 1 && attempt.resets >= MAX_RESETS {
        Verdict::Split
    } else if is_big && attempt.events == 1 && attempt.resets >= MAX_RESETS_ALONE && attempt.delivery == Delivery::Reset
    {
        set_aside(attempt, UndeliverableReason::TooLarge)
    } else {
        Verdict::Retry(RetryReason::Unavailable)
    }
}

/// Returns the kind of an answer's body. `is_page` tells that it is a web page.
#[must_use]
pub fn answer_body(body: &[u8], is_page: bool) -> AnswerBody {
    if is_page {
        return AnswerBody::Page;
    }
    let text = body.trim_ascii();
    if text.is_empty() || text.len() > MAX_ANSWER {
        return AnswerBody::Acceptable;
    }
    let names_error = match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(answer)) => answer.iter().any(|(name, value)| is_error(name, value)),
        Ok(Value::Array(entries)) => entries.iter().filter_map(Value::as_object).flatten().any(|(n, v)| is_error(n, v)),
        Ok(Value::String(text)) => starts_with_error(text.as_bytes()),
        Ok(Value::Bool(taken)) => !taken,
        Ok(Value::Null | Value::Number(_)) => false,
        Err(_) => starts_with_error(text),
    };
    if names_error { AnswerBody::Error } else { AnswerBody::Acceptable }
}

/// Returns whether a member of an answer says that events were not taken. No answer is documented (radiant-facts 3), so these
/// are the forms that receivers of this kind commonly use.
fn is_error(name: &str, value: &Value) -> bool {
    let is_something = match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
    };
    match name.to_ascii_lowercase().as_str() {
        "error" | "errors" | "failed" | "rejected" | "failures" | "exception" | "fault" => is_something,
        "success" | "ok" | "accepted" => *value == Value::Bool(false),
        "status" | "statuscode" | "status_code" | "code" => match value {
            Value::Number(status) => status.as_u64().is_some_and(|status| (400..600).contains(&status)),
            Value::String(text) => {
                ["error", "failed", "failure", "rejected"].contains(&text.trim().to_ascii_lowercase().as_str())
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
        },
        _ => false,
    }
}

fn starts_with_error(text: &[u8]) -> bool {
    let start = &text[..text.len().min(16)];
    let start = start.to_ascii_lowercase();
    [&b"error"[..], b"fail", b"reject", b"unauthorized", b"forbidden", b"invalid"]
        .iter()
        .any(|word| start.starts_with(word))
}

/// The waits between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// The wait after the first failure. It doubles with each further one.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(300) }
    }
}

impl BackOff {
    /// Returns the wait after a number of failures in a row: between half and the whole of the doubled first wait, by a random
    /// number, and no shorter than the receiver asked for, which counts up to an hour.
    #[must_use]
    pub fn wait(&self, failures: u32, asked: Option<Duration>, random: u64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1).min(20)));
        let whole = doubled.min(self.longest);
        let half = whole / 2;
        let part = u32::try_from(random % 1_000).unwrap_or(0);
        let wait = half + half.saturating_mul(part) / 1_000;
        wait.max(asked.unwrap_or_default().min(Duration::from_secs(3_600)))
    }
}
