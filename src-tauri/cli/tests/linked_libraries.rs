//! The libraries that `connectorctl` is linked to: none of a desktop, because a server has none.
#![cfg(target_os = "linux")]

use std::process::Command;

/// Parts of the names of libraries that belong to a desktop.
const FORBIDDEN: &[&str] =
    &["libgtk", "libgdk", "webkit", "javascriptcore", "libX11", "libxcb", "libwayland", "libdbus"];
const PROGRAM: &str = env!("CARGO_BIN_EXE_connectorctl");

/// Returns the lines of `ldd` that name a library of a desktop.
fn forbidden(libraries: &str) -> Vec<&str> {
    libraries.lines().filter(|line| FORBIDDEN.iter().any(|part| line.contains(part))).collect()
}

#[test]
fn the_program_is_linked_to_no_library_of_a_desktop() {
    let output = Command::new("ldd").arg(PROGRAM).output().unwrap();
    let libraries = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && libraries.contains("libc.so"), "{libraries}");
    assert_eq!(forbidden(&libraries), Vec::<&str>::new());
}

#[test]
fn a_library_of_a_desktop_is_found() {
    let libraries = "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibgtk-3.so.0 => /lib/libgtk-3.so.0 (0x2)\n";
    assert_eq!(forbidden(libraries).len(), 1);
}
