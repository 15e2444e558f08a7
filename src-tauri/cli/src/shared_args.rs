//! Arguments that many commands share: the data folder and practice, and the language of all.

use std::path::PathBuf;

use clap::ValueEnum;
use model::preferences::Language;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LanguageArg {
    En,
    De,
}

impl From<LanguageArg> for Language {
    fn from(arg: LanguageArg) -> Self {
        match arg {
            LanguageArg::En => Self::En,
            LanguageArg::De => Self::De,
        }
    }
}

/// The location of the connections.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// Use this data folder instead of the window's.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The line that `connectorctl practice` printed: uses that organization instead of real connections, with secrets in memory.
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) practice_card: Option<PathBuf>,
    /// Keep the secrets of practice in its own part of the keychain, so that the next command finds them.
    #[arg(long, requires_all = ["practice_card", "data_dir"], hide = true)]
    pub(crate) practice_keychain: bool,
}
