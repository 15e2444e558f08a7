//! The arguments of response actions, of their audit and of the rehearsal.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use model::action::ActionKind;
use model::action_audit::AuditFormat;

use crate::shared_args::Place;

/// Where actions find their connection and their token.
#[derive(Debug, clap::Args)]
pub(crate) struct ActionPlace {
    /// Name or id of the connection; it can be omitted where there is only one.
    #[arg(long, value_name = "NAME")]
    pub(crate) connection: Option<String>,
    /// Read an API token for this command from standard input. It is not stored.
    #[arg(long, conflicts_with = "token_file")]
    pub(crate) token_stdin: bool,
    /// Read an API token for this command from a file. It is not stored.
    #[arg(long, value_name = "F")]
    pub(crate) token_file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// What an action does, and to whom.
#[derive(Debug, clap::Args)]
pub(crate) struct ActionTargets {
    /// The action.
    #[arg(value_enum)]
    pub(crate) action: KindArg,
    /// A user: login, e-mail address, name or id. Can be repeated.
    #[arg(long, value_name = "USER", required_unless_present = "address", conflicts_with = "address")]
    pub(crate) user: Vec<String>,
    /// An address or a range: a, a/n or a-b. Can be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Vec<String>,
}

impl ActionTargets {
    /// Returns the targets as they were typed.
    pub(crate) fn all(&self) -> Vec<String> {
        self.user.iter().chain(&self.address).cloned().collect()
    }
}

/// How a run is approved.
#[derive(Debug, clap::Args)]
pub(crate) struct ApprovalArgs {
    /// Why. It is recorded in the audit.
    #[arg(long)]
    pub(crate) reason: String,
    /// A ticket number for the audit.
    #[arg(long)]
    pub(crate) ticket: Option<String>,
    /// When the app reminds of the end, for example 2026-12-01T18:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) ends_at: Option<DateTime<Utc>>,
    /// Run without asking. It never stands for a typed confirmation.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Confirms a target by its login or range, where the preview asks for it. Can be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) confirm: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// Show what an action would do. Changes nothing.
    Preview {
        #[command(flatten)]
        targets: ActionTargets,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Show what an action will do, ask, and run it.
    Run {
        #[command(flatten)]
        targets: ActionTargets,
        #[command(flatten)]
        approval: ApprovalArgs,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Undo an entry of the audit, if the state is still the one that it left.
    Undo {
        /// The number of the entry.
        entry: u32,
        #[command(flatten)]
        approval: ApprovalArgs,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// List what is blocked now, by this app and by others.
    Blocked {
        #[command(flatten)]
        at: ActionPlace,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List the entries, the newest first.
    List {
        /// Only entries whose target, operator, reason or ticket contain this text.
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
        /// Only entries without an outcome.
        #[arg(long)]
        open: bool,
        /// Most entries.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Check whether the audit is complete and unchanged.
    Verify {
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Acknowledge that the audit was changed, so that the rows after it are checked again. Every later check names the change.
    Acknowledge {
        /// Why the change is known. It is recorded in the audit.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Write the whole audit.
    Export {
        /// The file, which only its owner can read; standard output when omitted or `-`.
        file: Option<PathBuf>,
        /// The format.
        #[arg(long, value_enum, default_value_t = FormatArg::Csv)]
        format: FormatArg,
        #[command(flatten)]
        at: ActionPlace,
    },
    /// Find out what became of the entries that an interrupted run left open.
    Resolve {
        #[command(flatten)]
        at: ActionPlace,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rehearse {
    /// A user who exists for this: login, e-mail address, name or id. The account is suspended for seconds.
    #[arg(long, value_name = "USER", required_unless_present = "address")]
    pub(crate) user: Option<String>,
    /// An address that exists for this.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// The login of the user or the address once more, where the preview asks for it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) confirm: Option<String>,
    /// Also expire the password and reset the factors of the user, which cannot be undone.
    #[arg(long)]
    pub(crate) with_irreversible: bool,
    /// Run without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) at: ActionPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KindArg {
    /// Suspend a user, then end the sessions.
    LockDown,
    /// Unsuspend a user.
    LiftLockdown,
    /// End the sessions of a user.
    EndSessions,
    /// Expire the password of a user.
    ExpirePassword,
    /// Remove every factor of a user.
    ResetFactors,
    /// Block an address or a range.
    BlockAddress,
    /// Remove an entry of this app.
    UnblockAddress,
}

impl From<KindArg> for ActionKind {
    fn from(arg: KindArg) -> Self {
        match arg {
            KindArg::LockDown => Self::LockDown,
            KindArg::LiftLockdown => Self::LiftLockdown,
            KindArg::EndSessions => Self::EndSessions,
            KindArg::ExpirePassword => Self::ExpirePassword,
            KindArg::ResetFactors => Self::ResetFactors,
            KindArg::BlockAddress => Self::BlockAddress,
            KindArg::UnblockAddress => Self::UnblockAddress,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArg {
    Csv,
    Json,
    Report,
}

impl From<FormatArg> for AuditFormat {
    fn from(arg: FormatArg) -> Self {
        match arg {
            FormatArg::Csv => Self::Csv,
            FormatArg::Json => Self::Json,
            FormatArg::Report => Self::Report,
        }
    }
}
