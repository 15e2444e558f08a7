//! Questions about this computer: its keychain and its clock.

use chrono::{DateTime, Utc};

use super::finding::Finding;
use crate::model::{Code, FactKey, Problem};
use crate::vault::Vault;

/// Seconds by which a clock may differ before log windows and token times mislead. Ours; no source.
const CLOCK_TOLERANCE_S: i64 = 120;

/// Can the keychain keep a secret? Writes, reads and deletes one. A run that keeps no secret only wants to know.
pub(super) async fn keychain(vault: &Vault, needed: bool) -> Finding {
    match vault.probe().await {
        Ok(name) => Finding::passed().fact(FactKey::Keychain, name),
        Err(error) if needed => Finding::failed(Problem::from(error).code),
        Err(error) => Finding::attention(Problem::from(error).code),
    }
}

/// Does this computer's clock agree with the `Date` header of Okta's answer?
pub(super) fn clock(here: DateTime<Utc>, okta: Option<DateTime<Utc>>) -> Finding {
    let Some(okta) = okta else { return Finding::unknown(Code::ClockUnknown) };
    let offset = (here - okta).num_seconds();
    let finding = if offset.abs() <= CLOCK_TOLERANCE_S {
        Finding::passed()
    } else {
        Finding::attention(Code::ClockOff)
            .arg("seconds", offset.abs().to_string())
            .arg("minutes", ((offset.abs() + 30) / 60).to_string())
    };
    finding.fact(FactKey::ClockOffset, offset.to_string())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::Outcome;

    #[test]
    fn a_clock_ten_minutes_off_wants_attention_and_says_how_much() {
        let now = DateTime::UNIX_EPOCH;
        let row = clock(now + TimeDelta::minutes(10), Some(now)).row(crate::model::CheckId::Clock, now, 0);
        assert_eq!(row.outcome, Outcome::Attention);
        assert_eq!(row.args["minutes"], "10");
        assert_eq!(row.facts[0].value, "600");
    }

    #[test]
    fn a_missing_date_header_is_unknown_not_passed() {
        assert_eq!(clock(DateTime::UNIX_EPOCH, None).outcome, Outcome::Unknown);
    }
}
