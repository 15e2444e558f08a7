//! Runs a scene, an ignored test of the same file, in its own process on its own session bus with its own keyring.
//!
//! Needs `CONNECTOR_PRIVATE_DESKTOP=1`, which promises dbus, gnome-keyring, libsecret-tools and glib's tools; skipped
//! otherwise.
#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "each file uses its own part")]

use std::process::Command;

/// A session bus that starts no service by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// Unlocks a new keyring, then runs the scene and says whether the daemon is still there. It ends with its bus.
const UNLOCKED: &str = r#"printf test-pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null &&
gdbus wait --session --timeout 60 org.freedesktop.secrets && "$@"
code=$?
gdbus wait --session --timeout 1 org.freedesktop.secrets || echo 'the keyring daemon is gone'
exit $code"#;

/// What [`UNLOCKED`] says of a daemon that ended.
const GONE: &str = "the keyring daemon is gone";

/// Starts a keyring daemon that has no keyring, then runs the scene.
const NO_COLLECTION: &str = r#"gnome-keyring-daemon --start --components=secrets >/dev/null &&
gdbus wait --session --timeout 60 org.freedesktop.secrets && "$@""#;

/// What the bus offers.
#[derive(Clone, Copy)]
pub(crate) enum BusSetup {
    Unlocked,
    NoCollection,
    NoService,
    NoBus,
}

/// Runs one ignored test of this file on its own bus and asserts that it passed. Returns its output; `None` when the bus
/// cannot be started.
///
/// A scene that failed and lost its keyring daemon runs once more on another bus: gnome-keyring 42 itself crashes, rarely, while
/// requests follow each other fast (`trap int3` in glib, in the kernel's log).
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn run_on_private_bus(keychain: BusSetup, scene: &str) -> Option<String> {
    if std::env::var_os("CONNECTOR_PRIVATE_DESKTOP").is_none_or(|value| value != "1") {
        eprintln!("skipped: {scene} needs CONNECTOR_PRIVATE_DESKTOP=1 and a Secret Service");
        return None;
    }
    let (mut passed, mut said) = run_once(keychain, scene);
    if !passed && said.contains(GONE) {
        eprintln!("{scene} runs again, because the keyring daemon is gone: {said}");
        (passed, said) = run_once(keychain, scene);
    }
    assert!(passed, "{scene}: {said}");
    Some(said)
}

/// Runs a scene and returns whether it passed, and its output.
fn run_once(keychain: BusSetup, scene: &str) -> (bool, String) {
    let home = tempfile::tempdir().unwrap();
    let (run, bus) = (home.path().join("run"), home.path().join("bus.conf"));
    std::fs::create_dir(&run).unwrap();
    std::fs::write(&bus, BUS).unwrap();
    let exe = std::env::current_exe().unwrap();
    let mut command =
        Command::new(if matches!(keychain, BusSetup::NoBus) { exe.as_os_str() } else { "dbus-run-session".as_ref() });
    if !matches!(keychain, BusSetup::NoBus) {
        command.arg("--config-file").arg(&bus).arg("--");
        match keychain {
            BusSetup::Unlocked => drop(command.args(["bash", "-c", UNLOCKED, "scene"])),
            BusSetup::NoCollection => drop(command.args(["bash", "-c", NO_COLLECTION, "scene"])),
            BusSetup::NoService | BusSetup::NoBus => {}
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
    (told.status.success() && said.contains("1 passed"), said.into_owned())
}
