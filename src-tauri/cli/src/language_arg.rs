//! The language of the output, as an argument of every command that prints text.

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
