//! Drops what was proven with a token that is replaced or forgotten: only a run with the current token counts as proof.

use model::check::{CheckId, CheckReport};
use model::connection::ConnectionId;
use model::guide::GuideState;
use model::monitor::MonitorState;
use model::secret_name::SecretName;
use store::{StoreError, WriteTx};

use crate::run_inputs::okta_token_name;

/// Drops what was proven with the token that `name` held before another one was stored under it.
pub(crate) fn drop_replaced(tx: &mut WriteTx<'_>, id: &ConnectionId, name: SecretName) -> Result<(), StoreError> {
    match name {
        SecretName::RadiantSearchToken => drop_delivery(tx, id),
        SecretName::OktaToken | SecretName::MonitoringToken => {
            if okta_token_name(&tx.connection(id)?) == name {
                drop_findings(tx, id)?;
            }
            // Radiant's own token is another one too, so an event that arrived before proves nothing about it.
            if name == SecretName::OktaToken { forget_arrival(tx, id) } else { Ok(()) }
        }
        // A token of a rotation is checked by a report of its own, and no check uses that of the webhook.
        SecretName::NextOktaToken | SecretName::PreviousOktaToken | SecretName::EventsWebhookToken => Ok(()),
    }
}

/// Drops what was found with another token than the one that Okta is asked with from now on.
pub(crate) fn drop_findings(tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), StoreError> {
    tx.drop_reports(id)?;
    tx.update::<MonitorState>(id, without_findings).map(drop)
}

/// Returns the state without what Okta said to the token. What was proven on this computer and in Radiant stays.
fn without_findings(mut state: MonitorState) -> MonitorState {
    state.answered = None;
    state.conditions.retain(|one| !one.row.needs_okta_token() && !one.is_pending());
    state
}

/// Drops what was found in Radiant: the first event of the guide, and the rows that needed the search token.
pub(crate) fn drop_delivery(tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), StoreError> {
    forget_arrival(tx, id)?;
    let Some(report) = tx.report(id)? else { return Ok(()) };
    let needed_token = |check| matches!(check, CheckId::RadiantSearch | CheckId::Arrival);
    if report.rows.iter().all(|row| !needed_token(row.check)) {
        return Ok(());
    }
    let rows = report.rows.into_iter().filter(|row| !needed_token(row.check)).collect();
    tx.add_report(id, &CheckReport { rows, ..report })
}

fn forget_arrival(tx: &mut WriteTx<'_>, id: &ConnectionId) -> Result<(), StoreError> {
    tx.update::<GuideState>(id, |state| GuideState { arrival: None, ..state })?;
    tx.update::<MonitorState>(id, |state| MonitorState { delivery_proof: None, ..state }).map(drop)
}
