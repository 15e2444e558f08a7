//! The time after which an event proves that Radiant reads with the new token, by Okta's clock, which dates the events.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Rotations, finding_recorder};
use crate::arrival_watch::After;
use crate::run_inputs::RunInputs;
use model::arrival::ArrivalTick;
use model::code::Code;
use model::connection::ConnectionId;
use model::problem::Problem;
use model::rotation::Rotation;
use okta::Okta;

/// How long Okta is asked for its time.
const DEADLINE: Duration = Duration::from_secs(5);
/// The pause before Okta is asked again.
const PAUSE: Duration = Duration::from_secs(5);

impl Rotations {
    /// Returns the time by Okta's clock, from a request without a token.
    pub(super) async fn okta_time(&self, id: &ConnectionId) -> Result<DateTime<Utc>, Problem> {
        let origin = self.records.connection(id).await?.origin.ok_or(Code::DomainUnset)?;
        let accepted = self.access.accepted(id).await?;
        let okta = Okta::new(&origin, None, &accepted, &self.access.http, &self.records.clock)?;
        let answer = self.records.clock.within(DEADLINE, okta.org()).await.ok_or(Code::TimedOut)?;
        let server_time = answer.map_err(|failure| failure.problem())?.server_time.ok_or(Code::ClockUnknown)?;
        // The header omits the fraction of a second.
        Ok(server_time.okta + TimeDelta::seconds(1))
    }

    /// Returns the time after which an event is the proof; `None` when cancelled. If Okta could not be asked when the update
    /// was confirmed, its first answer now is stored: how this computer's clock differed at that time is not known.
    pub(super) async fn start_of_proof(
        &self,
        id: &ConnectionId,
        open: &mut Rotation,
        tokens: &RunInputs,
        cancel: &CancellationToken,
        on_tick: &(dyn Fn(ArrivalTick) + Send + Sync),
    ) -> Result<Option<After>, Problem> {
        let (confirmed_at, mut attempt) = match (open.updated_by_okta, &open.updated) {
            (Some(at), _) => return Ok(Some(After::Okta(at))),
            (None, None) => return Ok(Some(After::Window)),
            (None, Some(confirmed)) => (confirmed.at, 0_u32),
        };
        loop {
            let asked = cancel.run_until_cancelled(self.okta_time(id)).await;
            match asked {
                None => return Ok(None),
                Some(Ok(at)) => {
                    let change = move |open| Rotation { updated_by_okta: Some(at), ..open };
                    match finding_recorder::store(&self.records, id, tokens.clone(), open, change).await {
                        Ok(()) => open.updated_by_okta = Some(at),
                        Err(problem) if problem.code == Code::Cancelled => return Ok(None),
                        Err(problem) => return Err(problem),
                    }
                    return Ok(Some(After::Okta(at)));
                }
                // Okta answers, but something on the way removes its time.
                Some(Err(problem)) if problem.code == Code::ClockUnknown => {
                    return Ok(Some(After::Local(confirmed_at)));
                }
                Some(Err(problem)) => on_tick(failed_attempt(self.records.clock.now(), attempt, problem)),
            }
            attempt = attempt.saturating_add(1);
            if cancel.run_until_cancelled(self.records.clock.sleep(PAUSE)).await.is_none() {
                return Ok(None);
            }
        }
    }
}

fn failed_attempt(at: DateTime<Utc>, attempt: u32, problem: Problem) -> ArrivalTick {
    ArrivalTick {
        at,
        attempt,
        in_okta: 0,
        in_radiant: 0,
        newest_in_okta: None,
        newest_in_radiant: None,
        found: None,
        problem: Some(problem),
    }
}
