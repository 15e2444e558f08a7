//! One file per command.

pub(crate) mod act;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod completions_and_man_pages;
pub(crate) mod connections;
pub(crate) mod diagnostics;
pub(crate) mod policy;
pub(crate) mod practice;
pub(crate) mod rehearse;
pub(crate) mod relay;
pub(crate) mod relay_undeliverable;
pub(crate) mod status;
pub(crate) mod watch;
