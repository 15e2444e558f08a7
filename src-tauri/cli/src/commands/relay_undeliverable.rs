//! `connectorctl relay undeliverable`: the undeliverable events of a relay without a window. Of an event only its id, its time and the
//! reason are printed, because its text is personal data.

use std::collections::BTreeMap;
use std::process::ExitCode;

use connector::HeadlessUndeliverable;
use messages::{Messages, keys};
use model::relay::UndeliverableEvent;
use serde_json::json;

use crate::relay_args::RelayUndeliverable;
use crate::{exit_code, print};

/// Lists the events, or sends them again.
pub(crate) async fn run(args: RelayUndeliverable, messages: &Messages) -> ExitCode {
    match run_or_refuse(&args, messages).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::failed(&error, messages),
    }
}

async fn run_or_refuse(args: &RelayUndeliverable, messages: &Messages) -> anyhow::Result<()> {
    let folder = args.state.display().to_string();
    let Some(events) = HeadlessUndeliverable::open(&args.state).await? else {
        anyhow::bail!(messages.text(keys::CLI_RELAY_NO_STATE, &[("folder", &folder)]));
    };
    let sent_again = if args.send_again { Some(events.send_again().await?) } else { None };
    let left = events.list().await?;
    if args.json {
        print::json(&json!({ "undeliverable": left, "sent_again": sent_again }))?;
        return Ok(());
    }
    if let Some(count) = sent_again {
        print::line(&messages.text(keys::CLI_RELAY_SENT_AGAIN, &[("count", &count.to_string())]))?;
    }
    if left.is_empty() {
        print::line(&messages.text(keys::CLI_RELAY_NO_UNDELIVERABLE_EVENTS, &[]))?;
    }
    for event in &left {
        print::line(&text(event, messages))?;
    }
    Ok(())
}

fn text(event: &UndeliverableEvent, messages: &Messages) -> String {
    let reason: &str = event.reason.into();
    let reason = messages.by_name(&format!("ui.relay.dead.reason.{reason}"), &BTreeMap::new());
    let time = event.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let uuid = event.uuid.as_deref().unwrap_or("-");
    let status = event.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    format!("{time}  {uuid}  {} B  {status}  {reason}", event.bytes)
}
