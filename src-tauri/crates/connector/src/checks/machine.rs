//! Questions about this computer: its keychain and its clock.

use super::finding::Finding;
use model::check::FactKey;
use model::code::Code;
use model::problem::Problem;
use okta::ServerTime;
use secrets::Keychain;

/// Seconds by which a clock may differ before log windows and token times mislead. Ours; no source.
const CLOCK_TOLERANCE_S: i64 = 120;

/// Can the keychain keep a secret? Writes, reads and deletes one. A run that keeps no secret only wants to know.
pub(super) async fn keychain(vault: &Keychain, needed: bool) -> Finding {
    match vault.probe().await {
        Ok(name) => Finding::passed().fact(FactKey::Keychain, name),
        Err(error) if needed => Finding::failed(Problem::from(error).code),
        Err(error) => Finding::attention(Problem::from(error).code),
    }
}

/// Does this computer's clock agree with the `Date` header of an answer of Okta's?
pub(super) fn clock(told: Option<ServerTime>) -> Finding {
    let Some(told) = told else { return Finding::unknown(Code::ClockUnknown) };
    let offset = told.difference().num_seconds();
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
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use model::check::{CheckId, CheckRow, Outcome};

    /// A clock that is ahead by so much, and an answer that took so long.
    fn judged(ahead: TimeDelta, took: TimeDelta) -> CheckRow {
        let okta = DateTime::<Utc>::UNIX_EPOCH;
        let told = ServerTime { okta, sent: okta + ahead, received: okta + ahead + took };
        clock(Some(told)).row(CheckId::Clock, okta, 0)
    }

    #[test]
    fn a_clock_ten_minutes_off_wants_attention_and_says_how_much() {
        let row = judged(TimeDelta::seconds(601), TimeDelta::zero());
        assert_eq!(row.outcome, Outcome::Attention);
        assert_eq!(row.args["minutes"], "10");
        assert_eq!(row.facts[0].value, "600");
        let behind = judged(TimeDelta::minutes(-10), TimeDelta::zero());
        assert_eq!((behind.outcome, behind.facts[0].value.as_str()), (Outcome::Attention, "-600"));
    }

    #[test]
    fn an_answer_that_was_long_on_its_way_is_no_clock_that_is_off() {
        assert_eq!(judged(TimeDelta::zero(), TimeDelta::hours(2)).outcome, Outcome::Passed);
    }

    #[test]
    fn a_missing_date_header_is_unknown_not_passed() {
        assert_eq!(clock(None).outcome, Outcome::Unknown);
    }
}
