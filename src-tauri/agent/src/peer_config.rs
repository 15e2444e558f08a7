//! How agent and window find, greet and start each other (Linux).

use crate::channel::{Deadline, Hello, RuntimeFolder};
use crate::start_program::Programs;

/// What one of the two processes needs for the other.
pub struct PeerConfig {
    /// Where the sockets are.
    pub folder: RuntimeFolder,
    /// What this process says of itself.
    pub hello: Hello,
    /// How long a call waits.
    pub deadline: Deadline,
    /// How the other one is started.
    pub programs: Programs,
}
