//! The agent's program loads no desktop toolkit and no web view: 41 MB before its first line, and an end with the display.
#![cfg(target_os = "linux")]

use std::process::Command;

/// Parts of the names of libraries that belong to a window.
const FORBIDDEN: &[&str] = &["libgtk", "libgdk", "webkit", "javascriptcore", "libX11", "libwayland"];

/// Returns the lines of `ldd` that name a library of a window.
fn forbidden(libraries: &str) -> Vec<&str> {
    libraries.lines().filter(|line| FORBIDDEN.iter().any(|part| line.contains(part))).collect()
}

#[test]
fn the_program_is_linked_to_no_library_of_a_window() {
    let output = Command::new("ldd").arg(env!("CARGO_BIN_EXE_okta-connector-agent")).output().unwrap();
    let libraries = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && libraries.contains("libc.so"), "{libraries}");
    assert_eq!(forbidden(&libraries), Vec::<&str>::new());
}

#[test]
fn a_library_of_a_window_is_found() {
    let libraries =
        "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibwebkit2gtk-4.1.so.0 => /lib/libwebkit2gtk-4.1.so.0 (0x2)\n";
    assert_eq!(forbidden(libraries).len(), 1);
}
