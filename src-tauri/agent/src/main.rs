//! `okta-connector-agent`: monitors, owns the tray icon and shows notifications, without a window (Linux).

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    {
        agent::process::run()
    }
    // On other systems the app's own process does this work, and this program is in no package.
    #[cfg(not(target_os = "linux"))]
    {
        std::process::ExitCode::from(2)
    }
}
