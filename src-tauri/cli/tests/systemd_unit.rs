//! The systemd unit of the relay: systemd accepts it, it is started again, and it calls `connectorctl` with options that exist.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_connectorctl");
const UNIT: &str = include_str!("../../linux/okta-connector-relay@.service");

#[test]
fn systemd_accepts_the_unit() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else { return };
    assert!(version.status.success());
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("okta-connector-relay@acme.service");
    std::fs::write(&unit, UNIT.replace("/usr/bin/connectorctl", PROGRAM)).unwrap();
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("okta-connector-relay"), "{said}");
}

#[test]
fn the_unit_is_started_again_for_as_long_as_it_takes() {
    let (unit, service) = UNIT.split_once("[Service]").unwrap();
    assert!(unit.lines().any(|line| line == "StartLimitIntervalSec=0"), "a limit would end it after five attempts");
    for line in ["Restart=on-failure", "RestartSec=30s"] {
        assert!(service.lines().any(|one| one == line), "{line}");
    }
}

#[test]
fn the_unit_calls_the_program_with_options_that_it_has() {
    let line = UNIT.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let mut words = line.split_whitespace();
    assert_eq!(words.next().map(Path::new).and_then(Path::file_name), Some("connectorctl".as_ref()));
    let output = Command::new(PROGRAM).args(["relay", "run", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let options: Vec<&str> = words.filter(|word| word.starts_with("--")).collect();
    assert!(options.len() >= 6 && options.iter().all(|option| help.contains(option)), "{options:?}\n{help}");
}
