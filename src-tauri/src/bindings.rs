//! Generates the contract with the window: every command, event and type as TypeScript.
//!
//! `cargo run -p okta-connector-for-radiant --example bindings` writes `ui/src/host/bindings.ts` and needs no display. A
//! refused command throws its `Problem`. A test fails when the file is not current.

use std::path::Path;

use model::check::{OKTA_CHECKS, RADIANT_CHECKS};
use model::rotation_step_marks::NEW_TOKEN_CHECKS;
use specta_typescript::Typescript;
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::commands::{
    actions, app, checks, clipboard, connections, data_retention, diagnostics, guide, links, monitoring, policy,
    practice_controls, radiant, reauthentication, relay, reminders, rotation, setup_report, store_secrets, team_alerts,
    transfer, update_notice,
};
use crate::events::{
    AppInfoChanged, ClipboardCountdown, NavigationRequested, ReauthenticationPrompt, SettingsChanged, StatusChanged,
};

/// Builds the contract for one runtime: the real one, or the mock one of the tests.
macro_rules! builder_for {
    ($runtime:ty) => {
        Builder::<$runtime>::new()
            .commands(collect_commands![
                app::app_info::<$runtime>,
                app::preferences,
                app::set_preferences::<$runtime>,
                app::launch_at_login::<$runtime>,
                app::set_launch_at_login::<$runtime>,
                app::retry_start::<$runtime>,
                app::set_store_aside::<$runtime>,
                app::quit::<$runtime>,
                app::report_first_paint,
                connections::connections,
                connections::connection,
                connections::begin_setup,
                connections::begin_practice,
                connections::remove_connection,
                connections::rename_connection,
                transfer::export_connections::<$runtime>,
                transfer::preview_import::<$runtime>,
                transfer::import_connections,
                guide::read_domain,
                guide::discover_domain,
                guide::set_domain,
                guide::go_to_step,
                guide::begin_replacement,
                guide::set_profile,
                guide::set_names,
                guide::confirm,
                guide::accept_issuer,
                guide::withdraw_issuer,
                guide::finish_setup::<$runtime>,
                store_secrets::keychain_probe,
                store_secrets::store_secret,
                store_secrets::token_shape,
                store_secrets::forget_secret,
                checks::run_checks,
                checks::cancel_checks,
                clipboard::copy_value,
                clipboard::clear_clipboard,
                clipboard::clipboard_holds_secret,
                policy::policy,
                reauthentication::reauthentication_setting,
                reauthentication::set_reauthentication,
                reauthentication::cancel_reauthentication,
                links::open_link::<$runtime>,
                links::copy_link,
                monitoring::monitor_settings,
                monitoring::change_monitor_settings,
                monitoring::pause_notices,
                monitoring::pause_checks,
                monitoring::test_notification,
                monitoring::history,
                monitoring::save_history::<$runtime>,
                monitoring::save_changes::<$runtime>,
                monitoring::landing,
                team_alerts::alerts,
                team_alerts::change_alerts,
                team_alerts::store_alert_secret,
                team_alerts::forget_alert_channel,
                team_alerts::test_alert,
                update_notice::update_notice,
                update_notice::check_for_update,
                radiant::set_radiant_search,
                radiant::discover_radiant,
                radiant::watch_arrival,
                radiant::cancel_arrival,
                radiant::ask_docs,
                reminders::postpone_reminder,
                reminders::dismiss_reminder,
                reminders::confirm_owner,
                data_retention::data_retention::<$runtime>,
                data_retention::keep_history,
                data_retention::copy_place::<$runtime>,
                diagnostics::diagnostics::<$runtime>,
                diagnostics::save_diagnostics::<$runtime>,
                setup_report::setup_report::<$runtime>,
                setup_report::save_report::<$runtime>,
                relay::relay,
                relay::relay_disk_use,
                relay::configure_relay,
                relay::start_relay,
                relay::stop_relay,
                relay::pause_relay,
                relay::resume_relay,
                relay::undeliverable_events,
                relay::undeliverable_event_text,
                relay::requeue_undeliverable_events,
                relay::send_test_event,
                relay::find_test_event,
                relay::audit_relay,
                setup_report::copy_report::<$runtime>,
                setup_report::print_page::<$runtime>,
                rotation::begin_rotation,
                rotation::check_new_token,
                rotation::accept_other_owner,
                rotation::confirm_credential_updated,
                rotation::go_to_rotation_step,
                rotation::watch_rotation,
                rotation::watch_after_rotation,
                rotation::revoke_old_token,
                rotation::old_token_revoked,
                rotation::confirm_old_token_revoked,
                rotation::cancel_rotation,
                actions::action_token,
                actions::use_action_token,
                actions::forget_action_token,
                actions::find_users,
                actions::preview_action,
                actions::preview_undo,
                actions::run_action,
                actions::stop_action,
                actions::action_audit,
                actions::audited_connections,
                actions::verify_audit,
                actions::acknowledge_audit,
                actions::save_audit::<$runtime>,
                actions::resolve_open_actions,
                actions::blocked_now,
                actions::due_action_ends,
                actions::rehearse_actions,
                actions::may_block_ipv6,
                actions::set_may_block_ipv6,
                practice_controls::practice_tokens,
                practice_controls::practice_token,
                practice_controls::practice_new_token,
                practice_controls::practice_old_token,
                practice_controls::practice_copy_token,
                practice_controls::practice_credential,
                practice_controls::practice_radiant_token,
                practice_controls::practice_webhook,
                practice_controls::practice_fault,
                practice_controls::practice_trouble,
            ])
            .error_handling(ErrorHandlingMode::Throw)
            .events(collect_events![
                StatusChanged,
                SettingsChanged,
                AppInfoChanged,
                ClipboardCountdown,
                NavigationRequested,
                ReauthenticationPrompt
            ])
            .constant("OKTA_CHECKS", OKTA_CHECKS)
            .constant("RADIANT_CHECKS", RADIANT_CHECKS)
            .constant("NEW_TOKEN_CHECKS", NEW_TOKEN_CHECKS)
            .disable_serde_phases()
    };
}

/// Returns every command and event of the window.
pub(crate) fn builder() -> Builder<Wry> {
    builder_for!(Wry)
}

/// Returns the same for Tauri's mock runtime.
#[cfg(test)]
pub(crate) fn mock_builder_of_commands() -> Builder<tauri::test::MockRuntime> {
    builder_for!(tauri::test::MockRuntime)
}

/// Writes the TypeScript file.
///
/// # Errors
/// When a type has no TypeScript form, or the file cannot be written.
pub fn write(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    Ok(builder().export(Typescript::default(), file)?)
}
