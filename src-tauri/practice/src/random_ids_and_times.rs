//! Text and time values: random identifiers, Okta's time format, the system clock.

use chrono::{DateTime, SecondsFormat, Utc};
use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};

/// Returns random letters and digits.
pub(crate) fn random_text(rng: &mut StdRng, length: usize) -> String {
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..length).map(|_| char::from(CHARACTERS[rng.random_range(0..CHARACTERS.len())])).collect()
}

/// Formats a time as Okta does: milliseconds and `Z`.
pub(crate) fn timestamp(at: DateTime<Utc>) -> Value {
    json!(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// Returns this computer's time.
#[expect(clippy::disallowed_methods, reason = "this package depends on none of ours and so has no other clock")]
pub(crate) fn system_now() -> DateTime<Utc> {
    Utc::now()
}
