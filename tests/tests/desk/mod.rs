//! A session bus and a keyring of its own for one scene: an ignored test of the same file, run in a process of its own.
//!
//! Works when `CONNECTOR_DESK=1` says that dbus, gnome-keyring, libsecret-tools and glib's tools are there; prints a line
//! otherwise.
#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each file needs its own kinds of desk")]

use std::process::Command;

/// A session bus that starts no service by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// Unlocks a new keyring, then runs the scene. The daemon ends with its bus.
const UNLOCKED: &str = r#"printf test-pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "$@""#;

/// What is on the desk.
#[derive(Clone, Copy)]
pub(crate) enum Desk {
    Unlocked,
    NoService,
    NoBus,
}

/// Runs one ignored test of this file on a desk of its own, and passes its verdict on. Returns what it said; `None` when
/// there is nothing to make a desk of.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn on_desk(desk: Desk, scene: &str) -> Option<String> {
    if std::env::var_os("CONNECTOR_DESK").is_none_or(|value| value != "1") {
        eprintln!("skipped: {scene} needs CONNECTOR_DESK=1 and a Secret Service");
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    let (run, bus) = (home.path().join("run"), home.path().join("bus.conf"));
    std::fs::create_dir(&run).unwrap();
    std::fs::write(&bus, BUS).unwrap();
    let exe = std::env::current_exe().unwrap();
    let mut command =
        Command::new(if matches!(desk, Desk::NoBus) { exe.as_os_str() } else { "dbus-run-session".as_ref() });
    if !matches!(desk, Desk::NoBus) {
        command.arg("--config-file").arg(&bus).arg("--");
        if matches!(desk, Desk::Unlocked) {
            command.args(["bash", "-c", UNLOCKED, "desk"]);
        }
        command.arg(&exe);
    }
    let told = command
        .args(["--ignored", "--exact", "--nocapture", scene])
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("share"))
        .env("XDG_RUNTIME_DIR", &run)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("GNOME_KEYRING_CONTROL")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&told.stdout) + String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success() && said.contains("1 passed"), "{scene}: {said}");
    Some(said.into_owned())
}
