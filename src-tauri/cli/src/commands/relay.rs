//! `connectorctl relay run`: the relay of one org without a window, as a service runs it. The tokens come from files, the position
//! and what waits are in the folder that was named, and nothing else of this computer is used.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use connector::owner_only_files::private_folder;
use connector::{ConnectorConfig, HeadlessRelay, RelaySummary, RelayTiming, Tokens, find_relay_org, paths, policy};
use messages::{Messages, keys};
use model::code::Code;
use model::okta_origin::Origin;
use model::problem::Problem;
use model::relay::{RelayPhase, RelayView};
use model::relay_settings::{EventFormat, RelaySettings, TokenHeader, WebhookSettings};
use model::token_format::is_shape_warning;
use runtime::Clock;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::interrupt::interrupted;
use crate::metrics_server::{MetricsServer, Scrape};
use crate::relay_args::{LogFormat, RelayRun, WebhookFormat};
use crate::service_manager::ServiceManager;
use crate::{exit_code, print, relay_log, relay_metrics, secret_files};

/// How often the state is observed: for the log and the service manager.
const OBSERVE: Duration = Duration::from_secs(2);
/// How often it is observed with `--until-caught-up`.
const OBSERVE_END: Duration = Duration::from_millis(100);
/// How long the state may take to be read before the relay counts as hung.
const STATE_DEADLINE: Duration = Duration::from_secs(30);

/// Relays until it is interrupted, or until everything is delivered.
pub(crate) async fn run(args: RelayRun, messages: &Messages) -> ExitCode {
    relay_log::start(args.log);
    match run_or_refuse(&args, messages).await {
        Ok(code) => code,
        Err(error) => exit_code::failed(&error, messages),
    }
}

async fn run_or_refuse(args: &RelayRun, messages: &Messages) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let relay = open(args, messages).await?;
    let metrics = match args.metrics {
        Some(address) => {
            let (server, scrapes) =
                MetricsServer::bind(address).await.with_context(|| format!("--metrics {address}"))?;
            tracing::info!(address = %server.address()?, "metrics are served");
            Some((server, scrapes))
        }
        None => None,
    };
    let (manager, end) = (ServiceManager::from_environment(), CancellationToken::new());
    manager.ready();
    let relayed = async {
        let summary = relay.run(&end).await;
        end.cancel();
        summary
    };
    let ended = async {
        let is_interrupted = tokio::select! {
            () = interrupted() => true,
            () = end.cancelled() => false,
        };
        manager.stopping();
        end.cancel();
        is_interrupted
    };
    let before = relay.view().await?;
    let observer = Observer { relay: &relay, before, manager: &manager, clock: &clock, end: &end, messages };
    let (summary, is_interrupted, is_refused, ()) = tokio::join!(
        relayed,
        ended,
        observer.observe(args.until_caught_up),
        serve_metrics(metrics, &relay, &clock, &end),
    );
    // A run that ended by itself had everything delivered, whatever Okta has logged since.
    let is_caught_up = args.until_caught_up && !is_interrupted && !is_refused;
    let summary = summary
        .map(|found| if is_caught_up { RelaySummary { phase: RelayPhase::CaughtUp, ..found } } else { found })?;
    print_summary(&summary, args.log, messages);
    let is_complete = !is_interrupted && summary.undeliverable == 0;
    Ok(match (args.until_caught_up, is_refused) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(2),
        (true, false) => ExitCode::from(u8::from(!is_complete)),
    })
}

/// Refuses if the policy of this computer forbids the relay.
fn refuse_if_forbidden(messages: &Messages) -> anyhow::Result<()> {
    let policy = paths::policy().map(|place| policy::read(&place)).unwrap_or_default();
    let place = policy.place.unwrap_or_default();
    anyhow::ensure!(policy.fixed.relay != Some(false), messages.text(keys::CLI_RELAY_FORBIDDEN, &[("place", &place)]));
    Ok(())
}

/// Reads the tokens and opens the state. Nothing is sent to Radiant, and to Okta only for a custom domain.
async fn open(args: &RelayRun, messages: &Messages) -> anyhow::Result<HeadlessRelay> {
    let okta_token = secret_files::read(&args.token_file, messages)?.secret;
    let webhook_token = secret_files::read(&args.webhook_token_file, messages)?.secret;
    if let Some(code) = Tokens::token_shape(&okta_token).filter(|code| !is_shape_warning(*code)) {
        return Err(Problem::new(code).into());
    }
    let config = ConnectorConfig::in_memory(args.state.clone());
    let origin = find_relay_org(&args.domain, args.practice, &config).await?;
    // Where the org is decides, not what was stated about it.
    match origin {
        Origin::Practice(_) => exit_code::report_practice(messages),
        Origin::Okta(_) => refuse_if_forbidden(messages)?,
    }
    let folder = args.state.display().to_string();
    private_folder(&args.state).map_err(|error| {
        anyhow::Error::msg(messages.text(keys::CLI_FILE_FAILED, &[("file", &folder), ("error", &error.to_string())]))
    })?;
    let (settings, timing) = (settings(args), RelayTiming::default());
    let until_caught_up = args.until_caught_up;
    let run = connector::RelayRun { config, origin, okta_token, webhook_token, settings, timing, until_caught_up };
    HeadlessRelay::open(run).await.map_err(|problem| {
        if problem.code == Code::DomainUnset {
            anyhow::Error::msg(messages.text(keys::CLI_RELAY_OTHER_ORG, &[("folder", &folder)]))
        } else {
            problem.into()
        }
    })
}

fn settings(args: &RelayRun) -> RelaySettings {
    let (name, prefix) = args.webhook_header.split_once(':').unwrap_or((&args.webhook_header, ""));
    let prefix = if prefix.trim().is_empty() { String::new() } else { format!("{} ", prefix.trim()) };
    let webhook = WebhookSettings {
        url: args.events_webhook.clone(),
        confirmed_host: args.webhook_confirm_host.clone(),
        header: TokenHeader { name: name.trim().to_owned(), prefix },
        format: match args.webhook_format {
            WebhookFormat::Array => EventFormat::JsonArray,
            WebhookFormat::Ndjson => EventFormat::Ndjson,
            WebhookFormat::Single => EventFormat::Single,
        },
        gzip: !args.no_gzip,
    };
    RelaySettings {
        webhook,
        since: args.since,
        rate_share: args.rate_share,
        max_backlog_megabytes: args.max_backlog,
        is_only_reader: true,
        ..RelaySettings::default()
    }
}

/// Follows the state while the relay runs.
struct Observer<'a> {
    relay: &'a HeadlessRelay,
    /// The state before the run, whose refusals may be over.
    before: RelayView,
    manager: &'a ServiceManager,
    clock: &'a Clock,
    end: &'a CancellationToken,
    messages: &'a Messages,
}

impl Observer<'_> {
    /// Logs each change, and tells the service manager that the relay works as long as its state can be read. With
    /// `until_caught_up` it ends the relay at a refusal, which somebody has to resolve. Returns whether it was one.
    async fn observe(&self, until_caught_up: bool) -> bool {
        let longest = if until_caught_up { OBSERVE_END } else { OBSERVE };
        let interval = self.manager.alive_interval().map_or(longest, |alive| alive.min(longest));
        let (mut phase, mut problems) = (None, BTreeSet::new());
        while !self.end.is_cancelled() {
            if let Some(Ok(view)) = self.clock.within(STATE_DEADLINE, self.relay.view()).await {
                self.manager.alive();
                let now: BTreeSet<Code> = view.problems.iter().map(|problem| problem.code).collect();
                if phase != Some(view.phase) || problems != now {
                    self.log(&view, &problems);
                    (phase, problems) = (Some(view.phase), now);
                }
                if until_caught_up && self.is_refused(&view) {
                    self.end.cancel();
                    return true;
                }
            }
            tokio::select! {
                () = self.clock.sleep(interval) => {}
                () = self.end.cancelled() => {}
            }
        }
        false
    }

    /// Tells whether Okta or Radiant refused in this run: each attempt changes what is stored about a refusal.
    fn is_refused(&self, view: &RelayView) -> bool {
        let (now, before) = (&view.state, &self.before.state);
        match view.phase {
            RelayPhase::HeldByOkta => now.poll_hold != before.poll_hold,
            RelayPhase::HeldByRadiant => now.delivery_hold != before.delivery_hold,
            RelayPhase::Off
            | RelayPhase::Paused
            | RelayPhase::Starting
            | RelayPhase::CatchingUp
            | RelayPhase::CaughtUp
            | RelayPhase::Delivering
            | RelayPhase::Full
            | RelayPhase::Stopped => false,
        }
    }

    fn log(&self, view: &RelayView, logged: &BTreeSet<Code>) {
        let (phase, state): (&str, _) = (view.phase.into(), &view.state);
        tracing::info!(phase, waiting = state.backlog_events, delivered = state.counters.delivered, "relay");
        for problem in view.problems.iter().filter(|problem| !logged.contains(&problem.code)) {
            let text = self.messages.code(problem.code, &problem.args);
            tracing::warn!(code = %problem.code, title = text.title, remedy = text.remedy, "the relay has a problem");
        }
        let problem = view.problems.first().map(|problem| self.messages.code(problem.code, &problem.args).title);
        self.manager.status(&problem.unwrap_or_else(|| format!("{phase}, {} waiting", state.backlog_events)));
    }
}

/// Answers requests for metrics until `end`.
async fn serve_metrics(
    metrics: Option<(MetricsServer, mpsc::Receiver<Scrape>)>,
    relay: &HeadlessRelay,
    clock: &Clock,
    end: &CancellationToken,
) {
    let Some((server, mut scrapes)) = metrics else { return };
    let answer = async {
        while let Some(scrape) = scrapes.recv().await {
            // Without an answer the request is refused.
            if let Some(Ok(view)) = clock.within(STATE_DEADLINE, relay.view()).await {
                let text = relay_metrics::text(&view, relay.used_rate_percent(), clock.now());
                scrape.send(text).unwrap_or_default();
            }
        }
    };
    tokio::select! {
        () = server.run(end.clone()) => {}
        () = answer => {}
        () = end.cancelled() => {}
    }
}

/// Prints what was done in this run. A closed standard output leaves the exit code.
fn print_summary(summary: &RelaySummary, log: LogFormat, messages: &Messages) {
    let RelaySummary { phase, counters, backlog_events, undeliverable } = summary;
    drop(match log {
        LogFormat::Json => print::json(&summary_json(summary)),
        LogFormat::Text => {
            let phase: &str = phase.into();
            let numbers =
                [counters.received, counters.delivered, *backlog_events, *undeliverable].map(|n| n.to_string());
            let [received, delivered, waiting, aside] = &numbers;
            let phase = messages.by_name(&format!("ui.relay.phase.{phase}"), &std::collections::BTreeMap::new());
            let args = [
                ("phase", &*phase),
                ("received", received),
                ("delivered", delivered),
                ("waiting", waiting),
                ("aside", aside),
            ];
            print::line(&messages.text(keys::CLI_RELAY_SUMMARY, &args))
        }
    });
}

fn summary_json(summary: &RelaySummary) -> Value {
    json!({
        "phase": summary.phase, "counters": summary.counters, "waiting": summary.backlog_events,
        "undeliverable": summary.undeliverable,
    })
}
