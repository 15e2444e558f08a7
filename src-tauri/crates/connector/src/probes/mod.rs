//! Probes: the requests to Okta and Radiant behind each check, and what their answers mean.
//!
//! [`run`] runs checks in the order that their dependencies allow; independent ones run side by side, so that a whole report
//! takes about the time of four requests. The token is sent only after the org was recognized and no unaccepted proxy was found
//! on the way; each connection that carries it decides again. Nothing here writes to Okta or Radiant, and a lost response is `unknown`, never guessed.

mod capability_table;
mod finding;
mod heartbeat_and_delivery_probes;
mod host_and_certificates;
mod input;
mod monitoring_token_codes;
mod radiant_search_checks;
mod refused_issuer_row;
mod report_merge;
mod rights_events;
mod row_sink;
mod run;
mod system_log;
mod this_computer;
mod token_list_entry;
mod token_owner;
mod token_rights;

pub(crate) use heartbeat_and_delivery_probes::{
    ProbeResult, delivery_probe, heartbeat, is_small_probe_safe, mark_silence,
};
pub(crate) use input::{OwnerConfirmation, ProbeHandles, ProbeHistory, ProbeInput, ProbeTarget};
pub(crate) use report_merge::{has_event_count, may_ask_more, newest_event, with};
pub(crate) use run::{RunResult, run};
pub(crate) use system_log::newest_page;
