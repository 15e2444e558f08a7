//! Finds the System Log events of a run and links them to their entries.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::action_rules;
use model::action_run::{ActionEvent, PartResult, TargetResult};
use model::log_event::LogEvent;
use store::AuditRow;

use super::run_client::RunClient;
use super::runner::Runner;

/// How often the log is read until it has every event, and the pause between: events appear seconds after the answer.
const ATTEMPTS: (u32, Duration) = (3, Duration::from_secs(1));

impl Runner {
    /// Finds the events of a run by the ids of its requests, and adds them to results and audit. An event that is not found is no
    /// error: the log may show it later.
    pub(super) async fn link_events(
        &self,
        run_client: &RunClient,
        started: DateTime<Utc>,
        results: &mut [TargetResult],
    ) {
        let types =
            results.iter().flat_map(|result| &result.parts).flat_map(|part| action_rules::event_types(part.part));
        let mut types: Vec<String> = types.map(|one| format!("eventType eq \"{one}\"")).collect();
        types.sort_unstable();
        types.dedup();
        if types.is_empty() {
            return;
        }
        let filter = format!("actor.id eq \"{}\" and ({})", run_client.owner.id, types.join(" or "));
        let (attempts, pause) = ATTEMPTS;
        for attempt in 1..=attempts {
            let events = match run_client.events_since(started, filter.clone()).await {
                Ok(events) => events,
                Err(problem) => {
                    tracing::debug!(code = %problem.code, "the events of a run were not read");
                    return;
                }
            };
            let mut is_complete = true;
            for result in results.iter_mut() {
                is_complete &= self.link(run_client, result, &events).await;
            }
            if is_complete || attempt == attempts {
                return;
            }
            self.journal.records.clock.sleep(pause).await;
        }
    }

    /// Links the events of one result. Returns whether every request has one.
    async fn link(&self, run_client: &RunClient, result: &mut TargetResult, events: &[LogEvent]) -> bool {
        let Some(entry) = result.entry else { return true };
        for event in events.iter().filter(|event| result.parts.iter().any(|part| belongs_to(event, part))) {
            if result.events.iter().any(|known| known.uuid == event.uuid) {
                continue;
            }
            let found =
                ActionEvent { uuid: event.uuid.clone(), event_type: event.event_type.clone(), at: event.published };
            let row = AuditRow::Event { entry, at: self.journal.now(), event: found.clone() };
            if let Err(problem) = self.journal.append(&run_client.connection.id, row).await {
                tracing::warn!(code = %problem.code, "an event was not added to the audit");
            }
            result.events.push(found);
        }
        let is_linked = |part: &PartResult| events.iter().any(|event| belongs_to(event, part));
        result.parts.iter().filter(|part| part.request_id.is_some() && part.problem.is_none()).all(is_linked)
    }
}

/// Returns whether an event is that of a part: Okta records the id of the request that caused it (REAL).
fn belongs_to(event: &LogEvent, part: &PartResult) -> bool {
    let is_type = action_rules::event_types(part.part).contains(&event.event_type.as_str());
    is_type && part.request_id.is_some() && event.text("/debugContext/debugData/requestId") == part.request_id
}
