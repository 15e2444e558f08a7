//! The single instance of a part: a file lock held for life, and the socket that only its holder serves.
//!
//! The system releases the lock when the process ends, whatever ended it. The files may remain: the lock file names the
//! process that last held it and its version, and the next holder replaces the socket.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::task::JoinSet;

use super::connection::{ChannelError, Connection, connect, handshake};
use super::deadline::Deadline;
use super::message::Hello;
use super::runtime_folder::{Role, RuntimeFolder};

/// Interval between two attempts to become or to reach the instance, and after a failed accept.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);
/// The most peers that may be in the middle of their hello; others wait in the system's queue.
const MAX_HANDSHAKES: usize = 16;

/// What a start has become.
#[derive(Debug)]
pub enum Acquired {
    /// This process is the instance.
    Instance(Instance),
    /// Another process is. It has said hello on this connection.
    Running(Connection),
}

/// Why a start became nothing.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// Another process holds the lock and does not answer.
    #[error("the running {} does not answer (process {})", .role.as_str(), .pid.map_or("unknown".to_owned(), |pid| pid.to_string()))]
    NotResponding {
        /// The part.
        role: Role,
        /// The process that wrote its id into the lock file.
        pid: Option<u32>,
    },
    /// The lock or the socket cannot be created.
    #[error("{} cannot be used", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// The only running process of a part. Dropping it, or the end of the process, lets another one take its place.
#[derive(Debug)]
pub struct Instance {
    listener: UnixListener,
    handshakes: JoinSet<Result<Connection, ChannelError>>,
    own: Hello,
    uid: u32,
    deadline: Deadline,
    socket: PathBuf,
    /// The lock belongs to the open file. It is declared last, so that it is released last.
    _lock: InstanceLock,
}

/// The lock of a part.
#[derive(Debug)]
struct InstanceLock {
    _file: File,
    /// A shared lock on the folder: cleaners of temporary files leave a locked folder alone (systemd-tmpfiles, tmpfiles.d(5)).
    _folder: Option<File>,
}

impl Instance {
    /// Becomes the instance of a part, or connects to the one that is running. The caller must soon call
    /// [`Instance::accept`], because a second start waits for its answer.
    ///
    /// # Errors
    /// [`InstanceError::NotResponding`] when another process holds the lock and does not answer before the deadline.
    pub async fn acquire(
        folder: &RuntimeFolder,
        role: Role,
        own: Hello,
        deadline: Deadline,
    ) -> Result<Acquired, InstanceError> {
        let attempts = async {
            loop {
                if let Some(lock) = InstanceLock::take(folder, role, &own)? {
                    return Self::serve(folder, role, &own, &deadline, lock).map(Acquired::Instance);
                }
                // The holder may be between its lock and its socket, or about to end: both are tried again.
                match connect(folder, role, &own, &deadline).await {
                    Ok(connection) => return Ok(Acquired::Running(connection)),
                    Err(error) => tracing::debug!(%error, role = role.as_str(), "no answer yet"),
                }
                deadline.clock.sleep(RETRY_INTERVAL).await;
            }
        };
        let acquired = deadline.within(attempts).await;
        acquired.unwrap_or_else(|| Err(InstanceError::NotResponding { role, pid: folder.holder(role) }))
    }

    /// Replaces whatever socket a previous holder left.
    fn serve(
        folder: &RuntimeFolder,
        role: Role,
        own: &Hello,
        deadline: &Deadline,
        lock: InstanceLock,
    ) -> Result<Self, InstanceError> {
        let socket = folder.socket(role);
        let listener = bind(&socket).map_err(|error| InstanceError::Io(socket.clone(), error))?;
        let (own, deadline, uid) = (own.clone(), deadline.clone(), rustix::process::geteuid().as_raw());
        Ok(Self { listener, handshakes: JoinSet::new(), own, uid, deadline, socket, _lock: lock })
    }

    /// Returns the next peer that has the same user id and has said hello. Peers say hello at the same time, so a slow one
    /// does not keep others waiting; one that fails is dropped. If this future is dropped before its end, nothing is lost.
    pub async fn accept(&mut self) -> Connection {
        loop {
            tokio::select! {
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Ok(connection)) => return connection,
                    Ok(Err(error)) => tracing::debug!(%error, "a peer was dropped"),
                    Err(error) => tracing::error!(%error, "a hello failed"),
                },
                accepted = self.listener.accept(), if self.handshakes.len() < MAX_HANDSHAKES => match accepted {
                    Ok((stream, _)) => {
                        let (own, uid, deadline) = (self.own.clone(), self.uid, self.deadline.clone());
                        self.handshakes.spawn(async move { handshake(stream, &own, uid, &deadline).await });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no connection could be accepted");
                        self.deadline.clock.sleep(RETRY_INTERVAL).await;
                    }
                },
            }
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.socket) {
            tracing::debug!(%error, "the socket was already removed");
        }
    }
}

impl InstanceLock {
    /// Takes the lock of a part and writes this process' hello into its file, for those that it cannot answer while it is
    /// stopped; `None` while another process holds it.
    fn take(folder: &RuntimeFolder, role: Role, own: &Hello) -> Result<Option<Self>, InstanceError> {
        let path = folder.lock(role);
        let failed = |error| InstanceError::Io(path.clone(), error);
        let mut options = OpenOptions::new();
        let mut file =
            options.create(true).truncate(false).read(true).write(true).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let hello = serde_json::to_string(own).map_err(|error| failed(error.into()))?;
        file.set_len(0).and_then(|()| file.write_all(hello.as_bytes())).map_err(failed)?;
        let shared = File::open(folder.path()).ok().filter(|folder| folder.try_lock_shared().is_ok());
        Ok(Some(Self { _file: file, _folder: shared }))
    }
}

/// Binds a socket that only this account can open. Until its mode is set, the folder's mode protects it.
fn bind(socket: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}
