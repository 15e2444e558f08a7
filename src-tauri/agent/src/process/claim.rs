//! How the agent becomes the only one of its data folder.

use std::time::Duration;

use crate::channel::{Acquired, Connection, Instance, InstanceError, Message, Role};
use crate::peer_config::PeerConfig;
use crate::version_order::{VersionOrder, compare};

/// How long an agent of an earlier login may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// Becomes the agent; `None` where there is another one. At a login, an agent that another login of this account left running is
/// asked to end, because windows and icons that it opens belong to a display that may no longer exist. An agent that a window
/// starts leaves it alone: a window of an earlier login would take the place back from the later one.
pub(super) async fn claim(peer: &PeerConfig, is_login: bool) -> Result<Option<Instance>, InstanceError> {
    let acquire = || Instance::acquire(&peer.folder, Role::Agent, peer.hello.clone(), peer.deadline.clone());
    let running = match acquire().await? {
        Acquired::Instance(instance) => return Ok(Some(instance)),
        Acquired::Running(running) => running,
    };
    let is_newer = compare(&running.peer().version, &peer.hello.version) == VersionOrder::Newer;
    if !is_login || is_newer || !peer.hello.session.replaces(&running.peer().session) {
        return Ok(None);
    }
    end(running, peer).await;
    Ok(match acquire().await? {
        Acquired::Instance(instance) => Some(instance),
        Acquired::Running(_) => None,
    })
}

/// Asks an agent to end, and waits until it closes the connection.
async fn end(mut running: Connection, peer: &PeerConfig) {
    tracing::info!(pid = running.peer().pid, "the agent of an earlier login is asked to end");
    let ended = async {
        if running.send(&Message::Replace).await.is_ok() {
            while running.recv().await.is_ok() {}
        }
    };
    if peer.deadline.clock.within(END_TIMEOUT, ended).await.is_none() {
        tracing::warn!("the agent of an earlier login did not end");
    }
}

#[cfg(test)]
mod tests {
    use runtime::Clock;
    use tokio::task::JoinSet;

    use super::*;
    use crate::channel::{Deadline, Hello, LoginSession, RuntimeFolder};
    use crate::start_program::Programs;

    fn peer(root: &std::path::Path, version: &str, session: &str) -> PeerConfig {
        let folder = RuntimeFolder::create(root, Some(root.into()), root).unwrap();
        let display = Some(":0".to_owned());
        let session = LoginSession { id: Some(session.to_owned()), x_display: display, ..LoginSession::default() };
        let hello = Hello { session, ..Hello::of_this_process(version, 1) };
        let deadline = Deadline { clock: Clock::system(), limit: Duration::from_secs(60) };
        PeerConfig { folder, hello, deadline, programs: Programs::find().unwrap() }
    }

    /// Serves as an agent until it is asked to end. Returns whether it was.
    async fn serve(mut instance: Instance) -> bool {
        loop {
            match instance.accept().await.recv().await {
                Ok(Message::Replace) => return true,
                Ok(_) => return false,
                // A start that leaves it alone says nothing.
                Err(_) => {}
            }
        }
    }

    #[tokio::test]
    async fn the_agent_of_an_earlier_login_is_replaced_and_that_of_this_login_or_of_a_newer_version_is_not() {
        let root = tempfile::tempdir().unwrap();
        let first = claim(&peer(root.path(), "0.2.0", "2"), false).await.unwrap().expect("there is no other one");
        let mut running = JoinSet::new();
        running.spawn(serve(first));
        for (version, session, is_login) in [("0.2.0", "2", true), ("0.1.0", "5", true), ("0.2.0", "5", false)] {
            let claimed = claim(&peer(root.path(), version, session), is_login).await.unwrap();
            assert!(claimed.is_none(), "{version} {session} {is_login}");
        }
        let second = claim(&peer(root.path(), "0.2.0", "5"), true).await.unwrap();
        assert!(second.is_some(), "a later login");
        assert!(running.join_next().await.unwrap().unwrap(), "the first one was asked to end");
    }
}
