//! The end of a process by force.

use std::process::Child;

/// Kills a process (SIGKILL) and waits for its end.
pub(crate) fn kill(child: &mut Child) {
    // It may have ended by itself.
    drop(child.kill());
    child.wait().expect("a killed process ends");
}
