//! The messages of the channel, as JSON.
//!
//! A message of an unknown kind is an error. A hello may have members that are not known here: another version sends it, and
//! it must be understood to tell which of the two is newer.

use model::connection::ConnectionId;
use model::notification_event::TestNotificationResult;
use serde::{Deserialize, Serialize};

use super::frame::{self, FrameError};
use super::login_session::LoginSession;
use crate::host_context::ShowRequest;

/// The first message of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of the program.
    pub version: String,
    /// The version of the database schema it works with.
    pub schema: u32,
    /// Its process id, for messages to the person.
    pub pid: u32,
    /// Its desktop session; unknown for an earlier version.
    #[serde(default)]
    pub session: LoginSession,
}

impl Hello {
    /// Creates the hello of this process.
    #[must_use]
    pub fn of_this_process(version: &str, schema: u32) -> Self {
        let session = LoginSession::of_environment();
        Self { version: version.to_owned(), schema, pid: std::process::id(), session }
    }
}

/// A message between agent and window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// The first message of both sides.
    Hello(Hello),
    /// These connections changed in the store; `None` if anything may have changed. It is a hint to read them again.
    Changed {
        /// The connections.
        ids: Option<Vec<ConnectionId>>,
    },
    /// The window came to the front, or no longer is.
    Front {
        /// Whether it is in front.
        front: bool,
    },
    /// The window watches a connection itself, or no longer does.
    Host {
        /// The connection.
        id: ConnectionId,
        /// Whether the window watches it.
        hosts: bool,
    },
    /// The agent's tray icon appeared or disappeared.
    Tray {
        /// Whether the desktop shows it.
        shown: bool,
    },
    /// Asks the agent to show a test notification.
    TestNotification,
    /// Says what became of the test notification.
    TestNotificationResult {
        /// What became of it.
        result: TestNotificationResult,
    },
    /// Asks the agent whether it responds; acknowledged at once.
    Ping,
    /// Asks for the window.
    Show {
        /// The place to show.
        request: ShowRequest,
    },
    /// Asks the agent to end for another one, and to leave the window as it is.
    Replace,
    /// Asks the part to end, and the agent to end the window first.
    Quit,
    /// The last request was accepted.
    Ack,
}

/// Why a message cannot be sent or read.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// Its frame is refused.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The content of a frame is no known message.
    #[error("a frame contains no known message")]
    Unknown(#[source] serde_json::Error),
}

impl Message {
    /// Returns the frame of this message. A list of connections that does not fit becomes "anything may have changed".
    pub(super) fn encode(&self) -> Result<Vec<u8>, MessageError> {
        let json = serde_json::to_vec(self).map_err(MessageError::Unknown)?;
        match (frame::encode(&json), self) {
            (Err(FrameError::TooLong), Self::Changed { ids: Some(_) }) => Self::Changed { ids: None }.encode(),
            (encoded, _) => Ok(encoded?),
        }
    }

    /// Reads the message that is the content of a frame.
    pub(super) fn decode(content: &[u8]) -> Result<Self, MessageError> {
        serde_json::from_slice(content).map_err(MessageError::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use model::navigation_target::NavigationTarget;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::super::frame::{FrameDecoder, MAX_FRAME};
    use super::*;

    fn id() -> impl Strategy<Value = ConnectionId> {
        any::<String>().prop_map(ConnectionId)
    }

    fn message() -> impl Strategy<Value = Message> {
        let show = (option::of(option::of(id())), option::of(any::<String>())).prop_map(|(id, activation_token)| {
            let target = id.map(|id| NavigationTarget { id, row: None });
            Message::Show { request: ShowRequest { target, activation_token } }
        });
        prop_oneof![
            (any::<String>(), any::<u32>(), any::<u32>()).prop_map(|(version, schema, pid)| Message::Hello(Hello {
                version,
                schema,
                pid,
                session: LoginSession { x_display: Some(":0".to_owned()), ..LoginSession::default() },
            })),
            option::of(vec(id(), 0..20)).prop_map(|ids| Message::Changed { ids }),
            any::<bool>().prop_map(|front| Message::Front { front }),
            (id(), any::<bool>()).prop_map(|(id, hosts)| Message::Host { id, hosts }),
            any::<bool>().prop_map(|shown| Message::Tray { shown }),
            show,
            Just(Message::Replace),
            Just(Message::TestNotification),
            Just(Message::TestNotificationResult { result: TestNotificationResult::Shown }),
            Just(Message::Ping),
            Just(Message::Quit),
            Just(Message::Ack),
        ]
    }

    fn decode_frame(frame: &[u8]) -> Message {
        let content = FrameDecoder::default().take(&mut &*frame).unwrap().expect("a whole frame");
        Message::decode(&content).unwrap()
    }

    proptest! {
        #[test]
        fn any_message_arrives_as_it_was_sent(message in message()) {
            prop_assert_eq!(decode_frame(&message.encode().unwrap()), message);
        }

        #[test]
        fn the_content_of_any_frame_is_a_message_or_an_error(content in vec(any::<u8>(), 0..500)) {
            if let Ok(message) = Message::decode(&content) {
                prop_assert!(message.encode().is_ok());
            }
        }

        #[test]
        fn a_message_that_is_cut_anywhere_is_an_error(message in message(), at in any::<prop::sample::Index>()) {
            let json = serde_json::to_vec(&message).unwrap();
            prop_assert!(Message::decode(&json[..at.index(json.len())]).is_err());
        }
    }

    #[test]
    fn a_list_that_does_not_fit_means_that_anything_may_have_changed() {
        let ids = |count: usize| (0..count).map(|n| ConnectionId(format!("{n:036}"))).collect::<Vec<_>>();
        let few = Message::Changed { ids: Some(ids(1_000)) };
        assert_eq!(decode_frame(&few.encode().unwrap()), few);
        let many = Message::Changed { ids: Some(ids(2_000)) };
        assert_eq!(decode_frame(&many.encode().unwrap()), Message::Changed { ids: None });
    }

    #[test]
    fn another_message_that_does_not_fit_is_not_sent() {
        let long = Message::Host { id: ConnectionId("x".repeat(MAX_FRAME)), hosts: true };
        assert!(matches!(long.encode(), Err(MessageError::Frame(FrameError::TooLong))));
    }

    #[test]
    fn only_the_hello_of_another_version_may_have_unknown_members() {
        let hello = br#"{"hello":{"version":"9.0.0","schema":9,"pid":7,"since":"9.0.0"}}"#;
        let expected = Hello { version: "9.0.0".to_owned(), schema: 9, pid: 7, session: LoginSession::default() };
        assert_eq!(Message::decode(hello).unwrap(), Message::Hello(expected));
        for other in
            [r#"{"front":{"front":true,"since":1}}"#, r#""restart""#, r#"{"run":{"program":"x"}}"#, "\"quit\" 1"]
        {
            assert!(Message::decode(other.as_bytes()).is_err(), "{other}");
        }
    }
}
