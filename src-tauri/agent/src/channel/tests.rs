//! Two sides of the channel, over real sockets.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use model::connection::ConnectionId;
use runtime::Clock;
use rustix::process::geteuid;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::connection::handshake;
use super::{
    Acquired, ChannelError, ConnectError, Connection, Deadline, FrameError, Hello, Instance, InstanceError,
    LoginSession, MAX_FRAME, Message, MessageError, Role, RuntimeFolder, connect,
};

mod single_instance;

/// A deadline that a loaded machine keeps.
const LONG: Duration = Duration::from_secs(60);
/// A deadline that a test waits for. Nothing that must succeed has it, because a loaded machine may miss it.
const SHORT: Duration = Duration::from_millis(200);

fn within(limit: Duration) -> Deadline {
    Deadline { clock: Clock::system(), limit }
}

fn hello(pid: u32) -> Hello {
    Hello { version: "0.1.0".to_owned(), schema: 5, pid, session: LoginSession::default() }
}

fn folder() -> (TempDir, RuntimeFolder) {
    let root = tempfile::tempdir().unwrap();
    let folder = RuntimeFolder::create(root.path(), Some(root.path().into()), root.path()).unwrap();
    (root, folder)
}

async fn acquire(folder: &RuntimeFolder, role: Role, limit: Duration) -> Result<Acquired, InstanceError> {
    Instance::acquire(folder, role, hello(1), within(limit)).await
}

async fn instance(folder: &RuntimeFolder) -> Instance {
    match acquire(folder, Role::Agent, LONG).await.unwrap() {
        Acquired::Instance(instance) => instance,
        Acquired::Running(connection) => panic!("{connection:?}"),
    }
}

/// Returns the agent's side and the other side of one channel.
async fn pair(instance: &mut Instance, folder: &RuntimeFolder) -> (Connection, Connection) {
    let (own, deadline) = (hello(2), within(LONG));
    let (server, client) = tokio::join!(instance.accept(), connect(folder, Role::Agent, &own, &deadline));
    (server, client.unwrap())
}

/// Returns a channel's side with a short deadline, and the other side. Whoever misses the deadline of the hello tries again.
async fn hasty_pair() -> (Connection, Connection) {
    let uid = geteuid().as_raw();
    let (own, peer, short, long) = (hello(1), hello(2), within(SHORT), within(LONG));
    loop {
        let (one, other) = UnixStream::pair().unwrap();
        let sides = tokio::join!(handshake(one, &own, uid, &short), handshake(other, &peer, uid, &long));
        if let (Ok(hasty), Ok(other)) = sides {
            return (hasty, other);
        }
    }
}

/// Connects without a hello, and completes the agent's hello.
async fn raw_peer(folder: &RuntimeFolder) -> UnixStream {
    UnixStream::connect(folder.socket(Role::Agent)).await.unwrap()
}

fn frame(json: &str) -> Vec<u8> {
    [&u32::try_from(json.len()).unwrap().to_be_bytes(), json.as_bytes()].concat()
}

#[tokio::test]
async fn both_sides_learn_who_the_other_is_and_exchange_messages() {
    let (_root, folder) = folder();
    let mut instance = instance(&folder).await;
    let (mut server, mut client) = pair(&mut instance, &folder).await;
    assert_eq!([server.peer(), client.peer()], [&hello(2), &hello(1)]);
    let changed = Message::Changed { ids: Some(vec![ConnectionId("one".to_owned())]) };
    server.send(&changed).await.unwrap();
    assert_eq!(client.recv().await.unwrap(), changed);
    let (mut sender, mut receiver) = client.into_split();
    sender.send(&Message::Front { front: true }).await.unwrap();
    assert_eq!(server.recv().await.unwrap(), Message::Front { front: true });
    server.send(&Message::Changed { ids: None }).await.unwrap();
    assert_eq!(receiver.recv().await.unwrap(), Message::Changed { ids: None });
    drop((sender, receiver));
    assert!(matches!(server.recv().await, Err(ChannelError::Closed)), "the peer ended");
}

#[tokio::test]
async fn the_socket_and_the_lock_can_be_opened_by_this_account_alone() {
    let (_root, folder) = folder();
    let _instance = instance(&folder).await;
    for file in [folder.socket(Role::Agent), folder.lock(Role::Agent)] {
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
    assert_eq!(folder.holder(Role::Agent), Some(1));
}

#[tokio::test]
async fn a_request_ends_with_its_acknowledgment_or_with_the_channel() {
    let (_root, folder) = folder();
    let mut instance = instance(&folder).await;
    let (mut server, mut client) = pair(&mut instance, &folder).await;
    let answer = async {
        let request = server.recv().await.unwrap();
        server.send(&Message::Changed { ids: None }).await.unwrap();
        server.send(&Message::Ack).await.unwrap();
        request
    };
    let (answered, request) = tokio::join!(client.request(&Message::Quit), answer);
    assert!(answered.is_ok() && request == Message::Quit);
    drop(server);
    assert!(matches!(client.request(&Message::Quit).await, Err(ChannelError::Closed)));
}

#[tokio::test]
async fn a_request_without_an_answer_ends_at_its_deadline() {
    let (mut client, server) = hasty_pair().await;
    let result = client.request(&Message::Quit).await;
    assert!(matches!(result, Err(ChannelError::TimedOut)), "{result:?}");
    drop(server);
}

#[tokio::test]
async fn a_peer_that_takes_nothing_does_not_block_the_sender() {
    let (mut client, server) = hasty_pair().await;
    let big = Message::Host { id: ConnectionId("x".repeat(MAX_FRAME / 2)), hosts: true };
    let failed = loop {
        if let Err(error) = client.send(&big).await {
            break error;
        }
    };
    assert!(matches!(failed, ChannelError::TimedOut), "{failed:?}");
    assert!(matches!(client.send(&Message::Quit).await, Err(ChannelError::Closed)), "half of a message was sent");
    drop(server);
}

#[tokio::test]
async fn a_wait_for_a_message_that_is_given_up_loses_no_byte() {
    let (_root, folder) = folder();
    let mut instance = instance(&folder).await;
    let mut peer = raw_peer(&folder).await;
    peer.write_all(&frame(r#"{"hello":{"version":"0.1.0","schema":5,"pid":2}}"#)).await.unwrap();
    let mut server = instance.accept().await;
    let clock = Clock::system();
    for byte in frame("\"quit\"") {
        assert!(clock.within(Duration::from_millis(2), server.recv()).await.is_none());
        peer.write_all(&[byte]).await.unwrap();
    }
    assert_eq!(server.recv().await.unwrap(), Message::Quit);
}

#[tokio::test]
async fn whatever_is_no_message_closes_the_channel_for_both_sides() {
    let (_root, folder) = folder();
    let mut instance = instance(&folder).await;
    let too_long = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes().to_vec();
    let hello = frame(r#"{"hello":{"version":"0.1.0","schema":5,"pid":2}}"#);
    for bytes in [frame("\"restart\""), frame("{"), vec![0; 4], too_long, hello.clone()] {
        let mut peer = raw_peer(&folder).await;
        peer.write_all(&hello).await.unwrap();
        let (mut sender, mut receiver) = instance.accept().await.into_split();
        peer.write_all(&bytes).await.unwrap();
        let error = receiver.recv().await.unwrap_err();
        assert!(matches!(error, ChannelError::Message(_) | ChannelError::OutOfOrder), "{error:?}");
        let mut rest = Vec::new();
        peer.read_to_end(&mut rest).await.unwrap();
        assert!(matches!(sender.send(&Message::Ack).await, Err(ChannelError::Closed)), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_frame_that_is_cut_anywhere_is_an_error_or_the_end() {
    let (_root, folder) = folder();
    let mut instance = instance(&folder).await;
    let quit = frame("\"quit\"");
    for at in 0..quit.len() {
        let mut peer = raw_peer(&folder).await;
        peer.write_all(&frame(r#"{"hello":{"version":"0.1.0","schema":5,"pid":2}}"#)).await.unwrap();
        let mut server = instance.accept().await;
        peer.write_all(&quit[..at]).await.unwrap();
        peer.shutdown().await.unwrap();
        let error = server.recv().await.unwrap_err();
        let is_cut = matches!(error, ChannelError::Message(MessageError::Frame(FrameError::Cut)));
        let is_end = matches!(error, ChannelError::Closed);
        assert!(if at == 0 { is_end } else { is_cut }, "{at}: {error:?}");
    }
}

/// Connects again whenever the other side gives up, for as long as it is awaited.
async fn keep_connecting(folder: &RuntimeFolder) {
    let (own, deadline) = (hello(2), within(LONG));
    loop {
        if let Ok(mut connection) = connect(folder, Role::Agent, &own, &deadline).await {
            assert!(connection.recv().await.is_err(), "the other side sends nothing");
        }
    }
}

#[tokio::test]
async fn a_silent_or_wrong_peer_is_dropped_and_keeps_nobody_waiting() {
    let (_root, folder) = folder();
    let mut instance = match Instance::acquire(&folder, Role::Agent, hello(1), within(SHORT)).await.unwrap() {
        Acquired::Instance(instance) => instance,
        Acquired::Running(_) => panic!("there is no other"),
    };
    let silent = raw_peer(&folder).await;
    let mut wrong = raw_peer(&folder).await;
    wrong.write_all(&frame("\"quit\"")).await.unwrap();
    let server = tokio::select! {
        server = instance.accept() => server,
        () = keep_connecting(&folder) => panic!("it has no end"),
    };
    assert_eq!(server.peer(), &hello(2));
    for (mut dropped, what) in [(silent, "silent"), (wrong, "wrong")] {
        let mut bytes = Vec::new();
        tokio::select! {
            other = instance.accept() => panic!("nobody else said hello: {:?}", other.peer()),
            ended = dropped.read_to_end(&mut bytes) => assert!(ended.is_ok(), "{what}: {ended:?}"),
        }
        assert!(bytes.len() > 4, "{what}: it got a hello, then the end");
    }
}

#[tokio::test]
async fn a_peer_of_another_account_is_refused_before_any_message() {
    let (one, mut other) = UnixStream::pair().unwrap();
    let uid = rustix::process::geteuid().as_raw();
    let refused = handshake(one, &hello(1), uid + 1, &within(LONG)).await;
    assert!(matches!(refused, Err(ChannelError::OtherAccount)));
    let mut bytes = Vec::new();
    other.read_to_end(&mut bytes).await.unwrap();
    assert!(bytes.is_empty());
}

#[tokio::test]
async fn a_part_that_does_not_run_is_told_from_one_that_does_not_answer() {
    let (_root, folder) = folder();
    let (own, deadline) = (hello(2), within(SHORT));
    let none = connect(&folder, Role::Agent, &own, &deadline).await;
    assert!(matches!(none, Err(ConnectError::NotRunning(Role::Agent))), "{none:?}");
    let instance = instance(&folder).await;
    let silent = connect(&folder, Role::Agent, &own, &deadline).await;
    assert!(matches!(silent, Err(ConnectError::NotResponding(Role::Agent))), "{silent:?}");
    let second = acquire(&folder, Role::Agent, SHORT).await;
    assert!(matches!(second, Err(InstanceError::NotResponding { role: Role::Agent, pid: Some(1) })), "{second:?}");
    drop(instance);
    let left = connect(&folder, Role::Agent, &own, &deadline).await;
    assert!(matches!(left, Err(ConnectError::NotRunning(Role::Agent))), "{left:?}");
}

#[tokio::test]
async fn a_queue_of_silent_peers_that_is_full_ends_at_the_deadline() {
    let (_root, folder) = folder();
    let _instance = instance(&folder).await;
    let mut waiting = Vec::new();
    let clock = Clock::system();
    while let Some(Ok(stream)) = clock.within(SHORT, UnixStream::connect(folder.socket(Role::Agent))).await {
        waiting.push(stream);
        assert!(waiting.len() < 100_000, "the queue has an end");
    }
    let refused = connect(&folder, Role::Agent, &hello(2), &within(SHORT)).await;
    assert!(matches!(refused, Err(ConnectError::NotResponding(_))), "{refused:?}");
}
