//! Checks of this computer: its keychain and its clock.

use std::time::Duration;

use super::finding::Finding;
use super::input::ProbeTarget;
use model::check::{FactKey, Skip};
use model::code::Code;
use model::problem::Problem;
use okta::ServerTime;
use secrets::Keychain;

/// Largest difference of the clocks, in seconds, with which log periods and token times are not misleading. Our own choice.
const CLOCK_TOLERANCE_S: i64 = 120;

/// How long a keychain that is not needed may take to answer: nobody may be there to answer its prompt.
const UNNEEDED_KEYCHAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Writes, reads and deletes a secret in the keychain. If it is not needed, as on a server, its failure is no problem.
pub(super) async fn keychain(keychain: &Keychain, target: &ProbeTarget) -> Finding {
    if !target.keeps_secrets {
        return match keychain.clone().with_deadline(UNNEEDED_KEYCHAIN_TIMEOUT).probe().await {
            Ok(name) => Finding::passed().fact(FactKey::Keychain, name),
            Err(error) => {
                tracing::info!(%error, "no keychain is used, because no secret is stored");
                Finding::skipped(Skip::NoSecretStored)
            }
        };
    }
    match keychain.probe().await {
        Ok(name) if target.is_stored_twice => {
            Finding::attention(Code::KeychainStoredTwice).fact(FactKey::Keychain, name)
        }
        Ok(name) => Finding::passed().fact(FactKey::Keychain, name),
        Err(error) => Finding::failed(Problem::from(error).code),
    }
}

/// Compares this computer's clock with the `Date` header of a response of Okta.
pub(super) fn clock(server_time: Option<ServerTime>) -> Finding {
    let Some(server_time) = server_time else { return Finding::unknown(Code::ClockUnknown) };
    let offset = server_time.difference().num_seconds();
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

    /// Returns the row for a clock that is ahead by `ahead` and a response that took `took`.
    fn checked(ahead: TimeDelta, took: TimeDelta) -> CheckRow {
        let okta = DateTime::<Utc>::UNIX_EPOCH;
        let server_time = ServerTime { okta, sent: okta + ahead, received: okta + ahead + took };
        clock(Some(server_time)).row(CheckId::Clock, okta, 0)
    }

    #[test]
    fn a_clock_ten_minutes_off_needs_attention_and_the_row_has_the_difference() {
        let row = checked(TimeDelta::seconds(601), TimeDelta::zero());
        assert_eq!(row.outcome, Outcome::Attention);
        assert_eq!(row.args["minutes"], "10");
        assert_eq!(row.facts[0].value, "600");
        let behind = checked(TimeDelta::minutes(-10), TimeDelta::zero());
        assert_eq!((behind.outcome, behind.facts[0].value.as_str()), (Outcome::Attention, "-600"));
    }

    #[test]
    fn a_slow_response_does_not_mean_a_wrong_clock() {
        assert_eq!(checked(TimeDelta::zero(), TimeDelta::hours(2)).outcome, Outcome::Passed);
    }

    #[test]
    fn a_missing_date_header_is_unknown_not_passed() {
        assert_eq!(clock(None).outcome, Outcome::Unknown);
    }
}
