//! The arguments of `connectorctl relay`.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};

use crate::shared_args::LanguageArg;

#[derive(Debug, Subcommand)]
pub(crate) enum Relay {
    /// Read the System Log of one org and deliver each event to Radiant, until interrupted. Needs no keychain and no desktop.
    ///
    /// Relayed events skip Radiant's AI triage and appear under custom_events_webhook. If Radiant's own connector reads the same
    /// org, Radiant has each event twice.
    Run(RelayRun),
    /// List the undeliverable events, which Radiant does not accept, or send them again. The relay may be running.
    #[command(after_help = "Exit codes: 0 done; 3 could not run.")]
    Undeliverable(RelayUndeliverable),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RelayUndeliverable {
    /// The folder of the relay, as connectorctl relay run has it.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// Send all of them again, after the events that wait. One that is not JSON stays.
    #[arg(long)]
    pub(crate) send_again: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Language of the output.
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    pub(crate) language: LanguageArg,
}

/// The form of the log on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines of text.
    Text,
    /// JSON lines.
    Json,
}

/// How several events are put into one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WebhookFormat {
    /// One JSON array.
    Array,
    /// One event per line.
    Ndjson,
    /// One event per request.
    Single,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 interrupted, or with --until-caught-up everything is delivered; 1 with --until-caught-up, \
                        and events could not be delivered or may be missing; 2 with --until-caught-up, and Okta or Radiant refuses; \
                        3 could not run."
)]
pub(crate) struct RelayRun {
    /// The Okta domain, for example https://my-org.okta.com, or with --practice the address that connectorctl practice printed.
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
    /// Read the Okta API token from this file: a systemd credential, or a file of mode 0600 of this account.
    #[arg(long, value_name = "F")]
    pub(crate) token_file: PathBuf,
    /// The address of Radiant's custom events webhook.
    #[arg(long, value_name = "URL")]
    pub(crate) events_webhook: String,
    /// Read the webhook's token from such a file.
    #[arg(long, value_name = "F")]
    pub(crate) webhook_token_file: PathBuf,
    /// The folder of the events that wait and of the position in the log. It must be the same at each start.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// Begin with the events of this time, at most 90 days ago, for example 2026-11-01T00:00:00Z. Counts at the first start only;
    /// without it the relay begins with the events of that start.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// End when everything is read and delivered.
    #[arg(long)]
    pub(crate) until_caught_up: bool,
    /// Serve metrics for Prometheus at this loopback address, for example 127.0.0.1:9187.
    #[arg(long, value_name = "ADDRESS", value_parser = crate::metrics_server::parse_address)]
    pub(crate) metrics: Option<SocketAddr>,
    /// The form of the log on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log: LogFormat,
    /// The header that carries the webhook's token, with the text before the token, for example "Authorization: Bearer".
    #[arg(long, value_name = "HEADER", default_value = "Authorization")]
    pub(crate) webhook_header: String,
    /// How several events are put into one request.
    #[arg(long, value_enum, default_value_t = WebhookFormat::Array)]
    pub(crate) webhook_format: WebhookFormat,
    /// Confirms a webhook host outside radiantsecurity.ai by repeating it.
    #[arg(long, value_name = "HOST")]
    pub(crate) webhook_confirm_host: Option<String>,
    /// Send requests to the webhook uncompressed.
    #[arg(long)]
    pub(crate) no_gzip: bool,
    /// The share of the System Log's rate limit that the relay may use, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) rate_share: u32,
    /// The most megabytes of events that wait. At this bound the relay stops reading until there is room: Okta keeps events for
    /// 90 days.
    #[arg(long, value_name = "MB", default_value_t = 2_048, value_parser = clap::value_parser!(u32).range(16..=1_048_576))]
    pub(crate) max_backlog: u32,
    /// The domain is the loopback address of a practice organization, which may use plain http.
    #[arg(long)]
    pub(crate) practice: bool,
    /// Language of the output.
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    pub(crate) language: LanguageArg,
}

/// Parses a time of RFC 3339.
fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc()).map_err(|_| "give a time as 2026-11-01T00:00:00Z".to_owned())
}
