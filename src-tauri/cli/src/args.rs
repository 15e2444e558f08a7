//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use connector::model::Profile;

/// Checks the connection between an Okta org and Radiant Security.
#[derive(Debug, Parser)]
#[command(
    name = "connectorctl",
    version,
    about,
    after_help = "Exit codes of check: 0 passed, 1 attention, 2 failed, 3 could not run."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every check once against an Okta org, and against Radiant when a search token is given.
    Check(Check),
    /// Start a practice organisation on loopback and print its addresses and tokens as one JSON line.
    Practice(Practice),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (troff).
    Man,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The Okta domain, for example https://my-org.okta.com (a practice organisation's loopback address is accepted).
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
    /// Read the Okta API token from standard input.
    #[arg(long, required_unless_present = "token_file")]
    pub(crate) token_stdin: bool,
    /// Read the Okta API token from a file.
    #[arg(long, value_name = "F", conflicts_with = "token_stdin")]
    pub(crate) token_file: Option<PathBuf>,
    /// What the token is meant for.
    #[arg(long, value_enum, default_value_t = ProfileArg::Response)]
    pub(crate) profile: ProfileArg,
    /// Read Radiant's search token from a file; without one, arrival is not checked.
    #[arg(long, value_name = "F")]
    pub(crate) radiant_search_token_file: Option<PathBuf>,
    /// Radiant's search address.
    #[arg(long, value_name = "URL")]
    pub(crate) radiant_url: Option<String>,
    /// Radiant's index of raw events.
    #[arg(long, value_name = "INDEX")]
    pub(crate) radiant_index: Option<String>,
    /// Radiant's rs_connectorType for Okta.
    #[arg(long, value_name = "TYPE")]
    pub(crate) radiant_connector_type: Option<String>,
    /// Radiant's timestamp field.
    #[arg(long, value_name = "FIELD")]
    pub(crate) radiant_timestamp_field: Option<String>,
    /// The tenant keeps Log Management in its own bucket.
    #[arg(long)]
    pub(crate) radiant_byob: bool,
    /// A search host outside radiantsecurity.ai, named a second time.
    #[arg(long, value_name = "HOST")]
    pub(crate) radiant_confirm_host: Option<String>,
    /// Send the token although a TLS-inspecting proxy could read it.
    #[arg(long)]
    pub(crate) accept_tls_inspection: bool,
    /// Print JSON lines instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Language of the sentences.
    #[arg(long, value_enum, default_value_t = LanguageArg::En)]
    pub(crate) language: LanguageArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProfileArg {
    /// Radiant reads the System Log.
    Ingestion,
    /// Radiant reads the System Log and carries out response actions.
    Response,
}

impl From<ProfileArg> for Profile {
    fn from(arg: ProfileArg) -> Self {
        match arg {
            ProfileArg::Ingestion => Self::Ingestion,
            ProfileArg::Response => Self::Response,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LanguageArg {
    En,
    De,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Practice {
    /// The same seed makes the same organisation.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of users.
    #[arg(long, default_value_t = 40)]
    pub(crate) users: u32,
    /// Events in the System Log before the start.
    #[arg(long, default_value_t = 400)]
    pub(crate) backfill: u32,
    /// New events per second.
    #[arg(long, default_value_t = 0.5)]
    pub(crate) events_per_second: f64,
    /// Requests per minute the System Log allows.
    #[arg(long, default_value_t = 120)]
    pub(crate) rate_limit: u32,
    /// Milliseconds before every answer.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Answer over TLS with a certificate of its own.
    #[arg(long)]
    pub(crate) tls: bool,
}
