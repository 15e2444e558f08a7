//! The local channel between the agent and the window: a Unix socket per part, in a folder that only its account can open.
//!
//! Each part is a single [`Instance`]: it holds a file lock for life, and only the holder serves the part's socket. A peer
//! must have the same user id and begin with a [`Hello`]. Every call has a [`Deadline`]. No secret travels here.

#![cfg_attr(not(unix), allow(dead_code, reason = "other systems have one process"))]

#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod deadline;
mod frame;
mod login_session;
mod message;
#[cfg(unix)]
mod runtime_folder;
#[cfg(unix)]
mod single_instance;

#[cfg(unix)]
pub use connection::{ChannelError, ConnectError, Connection, Receiver, Sender, connect};
#[cfg(unix)]
pub use deadline::{ANSWER_LIMIT, Deadline};
pub use frame::{FrameError, MAX_FRAME};
pub use login_session::LoginSession;
pub use message::{Hello, Message, MessageError};
#[cfg(unix)]
pub use runtime_folder::{Role, RuntimeFolder, RuntimeFolderError};
#[cfg(unix)]
pub use single_instance::{Acquired, Instance, InstanceError};

#[cfg(test)]
#[cfg(unix)]
mod tests;
