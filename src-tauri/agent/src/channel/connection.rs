//! A connection between agent and window: same account, hello both ways, then messages.
//!
//! Whatever is not a known message closes the channel, for both sides.

use std::fmt;
use std::io;

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::deadline::Deadline;
use super::frame::{FrameDecoder, FrameError};
use super::message::{Hello, Message, MessageError};
use super::runtime_folder::{Role, RuntimeFolder};

/// The most bytes that are read at once.
const CHUNK: usize = 4096;
/// Interval between two attempts while the peer has too many waiting connections.
const RETRY_INTERVAL: std::time::Duration = std::time::Duration::from_millis(20);

/// Why a channel was closed.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The peer ended or closed it.
    #[error("the channel is closed")]
    Closed,
    /// The peer did not take or complete a message in time.
    #[error("the other part did not answer in time")]
    TimedOut,
    /// The peer runs under another user id.
    #[error("the other side belongs to another account")]
    OtherAccount,
    /// A frame or its content is not valid.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The first message is no hello, or a later one is.
    #[error("a message came out of order")]
    OutOfOrder,
    /// The system reported an error.
    #[error("the channel failed")]
    Io(#[source] io::Error),
}

impl From<io::Error> for ChannelError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, NotConnected};
        if matches!(error.kind(), BrokenPipe | ConnectionReset | NotConnected) { Self::Closed } else { Self::Io(error) }
    }
}

/// Why there is no connection to a part.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No process serves the part's socket.
    #[error("the {} is not running", .0.as_str())]
    NotRunning(Role),
    /// The part did not answer in time.
    #[error("the {} does not answer", .0.as_str())]
    NotResponding(Role),
    /// The channel was closed before both sides had said hello.
    #[error("the channel was refused")]
    Refused(#[from] ChannelError),
}

/// A channel whose two sides have said hello.
#[derive(Debug)]
pub struct Connection {
    peer: Hello,
    sender: Sender,
    receiver: Receiver,
}

/// The half that sends. Dropping it tells the peer that nothing follows.
#[derive(Debug)]
pub struct Sender {
    stream: OwnedWriteHalf,
    deadline: Deadline,
    /// Whether a message was sent only in part.
    is_broken: bool,
}

/// The half that receives.
pub struct Receiver {
    stream: OwnedReadHalf,
    /// What was read last.
    chunk: Vec<u8>,
    decoder: FrameDecoder,
    deadline: Deadline,
}

impl fmt::Debug for Receiver {
    /// Leaves out what was received.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("decoder", &self.decoder).finish_non_exhaustive()
    }
}

/// Connects to a part and says hello.
///
/// # Errors
/// When the part does not run, or does not answer before the deadline.
pub async fn connect(
    folder: &RuntimeFolder,
    role: Role,
    own: &Hello,
    deadline: &Deadline,
) -> Result<Connection, ConnectError> {
    let connection = async {
        let stream = open(folder, role, deadline).await?;
        Ok(handshake(stream, own, rustix::process::geteuid().as_raw(), deadline).await?)
    };
    match deadline.within(connection).await {
        None | Some(Err(ConnectError::Refused(ChannelError::TimedOut))) => Err(ConnectError::NotResponding(role)),
        Some(connected) => connected,
    }
}

/// Opens the stream. The system refuses it for as long as the peer's queue is full.
async fn open(folder: &RuntimeFolder, role: Role, deadline: &Deadline) -> Result<UnixStream, ConnectError> {
    loop {
        match UnixStream::connect(folder.socket(role)).await {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => deadline.clock.sleep(RETRY_INTERVAL).await,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                return Err(ConnectError::NotRunning(role));
            }
            Err(error) => return Err(ConnectError::Refused(error.into())),
        }
    }
}

/// Checks the peer's user id, and exchanges the hello of both sides before the deadline.
pub(super) async fn handshake(
    stream: UnixStream,
    own: &Hello,
    uid: u32,
    deadline: &Deadline,
) -> Result<Connection, ChannelError> {
    if stream.peer_cred()?.uid() != uid {
        return Err(ChannelError::OtherAccount);
    }
    let (read, write) = stream.into_split();
    let mut sender = Sender { stream: write, deadline: deadline.clone(), is_broken: false };
    let mut receiver =
        Receiver { stream: read, chunk: vec![0; CHUNK], decoder: FrameDecoder::default(), deadline: deadline.clone() };
    sender.send(&Message::Hello(own.clone())).await?;
    match deadline.within(receiver.next_message()).await.ok_or(ChannelError::TimedOut)?? {
        Message::Hello(peer) => Ok(Connection { peer, sender, receiver }),
        Message::Changed { .. }
        | Message::Front { .. }
        | Message::Host { .. }
        | Message::Tray { .. }
        | Message::TestNotification
        | Message::TestNotificationResult { .. }
        | Message::Ping
        | Message::Show { .. }
        | Message::Replace
        | Message::Quit
        | Message::Ack => Err(ChannelError::OutOfOrder),
    }
}

impl Connection {
    /// Returns the peer's hello.
    #[must_use]
    pub fn peer(&self) -> &Hello {
        &self.peer
    }

    /// Sends a message; see [`Sender::send`].
    ///
    /// # Errors
    /// As there.
    pub async fn send(&mut self, message: &Message) -> Result<(), ChannelError> {
        self.sender.send(message).await
    }

    /// Receives a message; see [`Receiver::recv`].
    ///
    /// # Errors
    /// As there.
    pub async fn recv(&mut self) -> Result<Message, ChannelError> {
        self.receiver.recv().await
    }

    /// Sends a request and waits for its acknowledgment, until the deadline. Messages that arrive before it are discarded, so
    /// this is for a connection that is opened for one request.
    ///
    /// # Errors
    /// When the channel ends or the deadline passes before the acknowledgment.
    pub async fn request(&mut self, request: &Message) -> Result<(), ChannelError> {
        self.send(request).await?;
        let deadline = self.receiver.deadline.clone();
        let answer = async {
            while self.receiver.recv().await? != Message::Ack {}
            Ok(())
        };
        let answered = deadline.within(answer).await.unwrap_or(Err(ChannelError::TimedOut));
        if answered.is_err() {
            self.receiver.close();
        }
        answered
    }

    /// Splits it into its two halves, for one task each.
    #[must_use]
    pub fn into_split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

impl Sender {
    /// Sends a message. After an error, or when this future is dropped before its end, the channel can no longer be used.
    ///
    /// # Errors
    /// When the message is too long, the peer is gone, or it does not take the message before the deadline.
    pub async fn send(&mut self, message: &Message) -> Result<(), ChannelError> {
        let frame = message.encode()?;
        if std::mem::replace(&mut self.is_broken, true) {
            return Err(ChannelError::Closed);
        }
        let sent = self.deadline.within(self.stream.write_all(&frame)).await;
        match sent.ok_or(ChannelError::TimedOut).and_then(|written| written.map_err(ChannelError::from)) {
            Ok(()) => self.is_broken = false,
            Err(error) => {
                close(self.stream.as_ref());
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Receiver {
    /// Waits for the next message, without a deadline until its first byte arrives. If this future is dropped before its end,
    /// nothing is lost.
    ///
    /// # Errors
    /// When the channel ends, a message is not completed before the deadline, or something other than a message arrives. The
    /// channel is then closed in both directions.
    pub async fn recv(&mut self) -> Result<Message, ChannelError> {
        let received = match self.next_message().await {
            Ok(Message::Hello(_)) => Err(ChannelError::OutOfOrder),
            other => other,
        };
        if received.is_err() {
            self.close();
        }
        received
    }

    async fn next_message(&mut self) -> Result<Message, ChannelError> {
        let first = if self.decoder.is_between_frames() { self.read().await? } else { None };
        let content = match first {
            Some(content) => content,
            None => {
                let deadline = self.deadline.clone();
                deadline.within(self.rest_of_frame()).await.ok_or(ChannelError::TimedOut)??
            }
        };
        Ok(Message::decode(&content)?)
    }

    async fn rest_of_frame(&mut self) -> Result<Vec<u8>, ChannelError> {
        loop {
            if let Some(content) = self.read().await? {
                return Ok(content);
            }
        }
    }

    /// Reads once, at most to the end of the frame, and returns the frame's content when it is complete.
    async fn read(&mut self) -> Result<Option<Vec<u8>>, ChannelError> {
        let wanted = self.decoder.missing().min(CHUNK);
        let count = self.stream.read(&mut self.chunk[..wanted]).await?;
        if count == 0 {
            let cut = || MessageError::Frame(FrameError::Cut).into();
            return Err(if self.decoder.is_between_frames() { ChannelError::Closed } else { cut() });
        }
        Ok(self.decoder.take(&mut &self.chunk[..count]).map_err(MessageError::Frame)?)
    }

    fn close(&self) {
        close(self.stream.as_ref());
    }
}

/// Ends both directions, so that the peer and the other half notice at once.
fn close(stream: &UnixStream) {
    if let Err(error) = shutdown(stream, Shutdown::Both) {
        tracing::debug!(%error, "the channel had already ended");
    }
}
