//! `connectorctl practice`: runs an Okta org and a Radiant tenant on loopback until it is interrupted.

use std::process::ExitCode;
use std::time::Duration;

use practice::{Options, Tls};

use crate::args::Practice;
use crate::{exit_code, print};

/// Starts the practice organization, prints its card as one JSON line and waits.
pub(crate) async fn run(args: Practice) -> ExitCode {
    let options = Options {
        seed: args.seed,
        users: args.users,
        backfill: args.backfill,
        events_per_second: args.events_per_second,
        rate_limit: args.rate_limit,
        latency: Duration::from_millis(args.latency_ms),
        tls: args.tls.then(|| Tls { names: args.tls_name, ..Tls::default() }),
        ..Options::default()
    };
    let practice = match practice::Practice::start(options).await {
        Ok(practice) => practice,
        Err(error) => return exit_code::could_not_run(&format!("{error:#}")),
    };
    let line = serde_json::to_string(practice.card()).unwrap_or_default();
    if print::json(&line).is_err() {
        return exit_code::could_not_run("standard output is closed");
    }
    let ended = tokio::signal::ctrl_c().await;
    practice.stop().await;
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit_code::could_not_run(&error.to_string()),
    }
}
