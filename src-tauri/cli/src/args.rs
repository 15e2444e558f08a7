//! The commands and arguments.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use model::connection::Profile;

use crate::action_args::{Act, Audit, Rehearse};
use crate::relay_args::Relay;
pub(crate) use crate::shared_args::{LanguageArg, Place};

/// Checks the connection between an Okta org and Radiant Security.
#[derive(Debug, Parser)]
#[command(
    name = "connectorctl",
    version,
    about,
    after_help = "Exit codes: 0 passed or OK, 1 attention or WARNING, 2 failed or CRITICAL, 3 could not run or UNKNOWN.\n\n\
                  The manual page of a command: connectorctl man COMMAND | man -l -"
)]
pub(crate) struct Args {
    /// Language of the output.
    #[arg(long, value_enum, global = true, default_value_t = LanguageArg::En)]
    pub(crate) language: LanguageArg,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every check once against an Okta org, and against Radiant when a search token is given.
    Check(Check),
    /// Report the status of connections as a monitoring plugin does: exit code, one line, performance data, long text.
    Status(Status),
    /// List, show, export, import or remove connections.
    #[command(subcommand)]
    Connections(Connections),
    /// Monitor connections and print each change of status until interrupted.
    ///
    /// One process at a time watches a connection. For a connection that the app watches, the changes that the app finds are
    /// printed, at most 30 seconds later; when the app ends, this command takes over.
    Watch(Watch),
    /// Relay an org's System Log to Radiant's custom events webhook, as a service on a server does.
    #[command(subcommand)]
    Relay(Relay),
    /// Write a diagnostics bundle for support as JSON: without secrets; people, addresses and orgs as pseudonyms.
    Diagnostics(Diagnostics),
    /// Preview, run or undo a response action in Okta.
    #[command(
        subcommand,
        after_help = "Exit codes: 0 done, or possible; 1 partly done, or unknown; 2 not done, or refused; 3 could not run."
    )]
    Act(Act),
    /// List, check or export the audit of response actions.
    #[command(
        subcommand,
        after_help = "Exit codes of verify: 0 unchanged and sealed, 1 not sealed, 2 changed, 3 could not run."
    )]
    Audit(Audit),
    /// Run every response action and its undo on a user and an address that exist for this.
    Rehearse(Rehearse),
    /// Show what the organization's policy file fixes on this computer, or test a policy file before it is deployed.
    Policy(Policy),
    /// Start a practice organization on loopback and print its addresses and tokens as one JSON line.
    Practice(Practice),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (troff), or that of a command: connectorctl man connections show | man -l -
    Man(Man),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The command, for example: connections show.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// Write the pages of all commands into this folder instead, as a package installs them.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) all_into: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("token").required(true))]
pub(crate) struct Check {
    /// The Okta domain, for example https://my-org.okta.com, or with --practice the address that connectorctl practice printed.
    #[arg(long, value_name = "D")]
    pub(crate) domain: String,
    /// The domain is the loopback address of a practice organization, which may use plain http.
    #[arg(long)]
    pub(crate) practice: bool,
    /// Read the Okta API token from standard input.
    #[arg(long, group = "token")]
    pub(crate) token_stdin: bool,
    /// Read the Okta API token from a file.
    #[arg(long, value_name = "F", group = "token")]
    pub(crate) token_file: Option<PathBuf>,
    /// The purpose of the token.
    #[arg(long, value_enum, default_value_t = ProfileArg::Response)]
    pub(crate) profile: ProfileArg,
    /// Read Radiant's search token from a file; without it, arrival in Radiant is not checked.
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
    /// Confirms a search host outside radiantsecurity.ai by repeating it.
    #[arg(long, value_name = "HOST")]
    pub(crate) radiant_confirm_host: Option<String>,
    /// End the whole check after this time; what was not answered by then is unknown.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) timeout: u32,
    /// Send the tokens although a TLS-inspecting proxy before Okta or Radiant could read them. The rows of the certificates say
    /// which issuer was accepted; a proxy with another issuer gets none.
    #[arg(long)]
    pub(crate) accept_tls_inspection: bool,
    /// Print JSON lines instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProfileArg {
    /// Radiant reads the System Log.
    Ingestion,
    /// Radiant reads the System Log and runs response actions.
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

#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Of several connections the worst counts: \
                        CRITICAL, WARNING, UNKNOWN, OK.")]
pub(crate) struct Status {
    /// Name or id of one connection; all when omitted.
    #[arg(value_name = "NAME")]
    pub(crate) of: Option<String>,
    /// Check the connections first, instead of reporting the stored status.
    #[arg(long, alias = "look")]
    pub(crate) check: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    /// Read the token that Okta is asked with from this file instead of the keychain: a systemd credential, or a file of mode
    /// 0600 of this account. With several connections NAME=FILE, once for each.
    #[arg(long, value_name = "[NAME=]FILE")]
    pub(crate) okta_token_file: Vec<String>,
    /// Read Radiant's search token from such a file.
    #[arg(long, value_name = "[NAME=]FILE")]
    pub(crate) radiant_token_file: Vec<String>,
    #[command(flatten)]
    pub(crate) alerts: AlertFiles,
    /// Print JSON lines.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// The files of team alerts. Each is a systemd credential, or a file of mode 0600 of this account.
#[derive(Debug, clap::Args)]
pub(crate) struct AlertFiles {
    /// Send team alerts to the webhook whose https address is in this file instead of the keychain: a systemd credential, or a
    /// file of mode 0600 of this account.
    #[arg(long, value_name = "FILE")]
    pub(crate) alert_webhook_file: Option<PathBuf>,
    /// Sign the requests to that webhook with the key in such a file.
    #[arg(long, value_name = "FILE", requires = "alert_webhook_file")]
    pub(crate) alert_key_file: Option<PathBuf>,
    /// Send team alerts to the Slack-compatible webhook whose https address is in such a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) alert_slack_file: Option<PathBuf>,
    /// Lowest severity that is sent to the webhooks of these files.
    #[arg(long, value_enum, default_value_t = SeverityArg::InDoubt)]
    pub(crate) alert_minimum: SeverityArg,
    /// Name the connection, the host of its org and the accounts of a problem in these alerts.
    #[arg(long)]
    pub(crate) alert_names: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SeverityArg {
    /// Something needs a decision.
    Attention,
    /// Events may not be arriving.
    InDoubt,
    /// Radiant cannot receive events.
    Stopped,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diagnostics {
    /// The file, which only its owner can read; standard output when omitted or `-`.
    pub(crate) file: Option<PathBuf>,
    /// Keep logins, names and e-mail addresses as they are.
    #[arg(long)]
    pub(crate) keep_people: bool,
    /// Keep IP addresses as they are.
    #[arg(long)]
    pub(crate) keep_addresses: bool,
    /// Keep Okta domains, org ids and names of connections as they are.
    #[arg(long)]
    pub(crate) keep_orgs: bool,
    /// Use this log folder instead of the window's.
    #[arg(long, value_name = "DIR")]
    pub(crate) log_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Connections {
    /// List the connections.
    List {
        /// Print JSON lines.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show one connection.
    Show {
        /// Its name or id.
        name: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Write all connections, without secrets, as one JSON document.
    Export {
        /// The file, which only its owner can read; standard output when omitted or `-`.
        file: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
    /// Create connections from an exported document; the guide of each starts at the Okta domain.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Remove one connection: its secrets from the keychain, then all of its data.
    Remove {
        /// Its name or id.
        name: String,
        /// Confirms the removal.
        #[arg(long, required = true)]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 no policy, or one without findings; 1 findings; 2 not trusted; 3 could not run.")]
pub(crate) struct Policy {
    /// Test this file instead of the policy of this computer. Changes nothing, and does not check who may write the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Practice {
    /// The same seed creates the same organization.
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
    /// Milliseconds before every response.
    #[arg(long, default_value_t = 0)]
    pub(crate) latency_ms: u64,
    /// Respond over TLS with a self-issued certificate; the printed line contains the authority to trust.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Another host name of that certificate, for example acme.okta.com behind a proxy.
    #[arg(long, value_name = "HOST", requires = "tls")]
    pub(crate) tls_name: Vec<String>,
}
