//! Changes that come in a rush, as when a hundred connections were looked at: taken together, none lost.

use model::connection::ConnectionId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::doors::Doors;

/// What changed since the last time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Changed {
    /// These, each once, in the order they came.
    These(Vec<ConnectionId>),
    /// More than were kept: any of them may have.
    Any,
}

impl Changed {
    /// Returns which connections to ask for anew.
    pub(crate) async fn ids(self, doors: &Doors) -> Vec<ConnectionId> {
        match self {
            Self::These(ids) => ids,
            Self::Any => {
                let views = doors.connections().await.unwrap_or_default();
                views.into_iter().map(|view| view.connection.id).collect()
            }
        }
    }
}

/// Waits for a change and takes with it all that have come by then; `None` when there will be no more.
pub(crate) async fn next(changes: &mut Receiver<ConnectionId>) -> Option<Changed> {
    let mut ids = match changes.recv().await {
        Ok(id) => vec![id],
        Err(RecvError::Lagged(_)) => return Some(all(changes)),
        Err(RecvError::Closed) => return None,
    };
    loop {
        match changes.try_recv() {
            Ok(id) if !ids.contains(&id) => ids.push(id),
            Ok(_) => {}
            Err(TryRecvError::Lagged(_)) => return Some(all(changes)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(Changed::These(ids)),
        }
    }
}

/// What is kept is among all, so it is dropped.
fn all(changes: &mut Receiver<ConnectionId>) -> Changed {
    while !matches!(changes.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    Changed::Any
}

#[cfg(test)]
mod tests {
    use tokio::sync::broadcast::channel;

    use super::{Changed, ConnectionId, next};

    fn id(name: &str) -> ConnectionId {
        ConnectionId(name.to_owned())
    }

    #[tokio::test]
    async fn what_came_at_once_is_taken_together_and_each_once() {
        let (tell, mut changes) = channel(8);
        for name in ["a", "b", "a"] {
            tell.send(id(name)).unwrap();
        }
        assert_eq!(next(&mut changes).await, Some(Changed::These(vec![id("a"), id("b")])));
        tell.send(id("c")).unwrap();
        assert_eq!(next(&mut changes).await, Some(Changed::These(vec![id("c")])));
    }

    #[tokio::test]
    async fn more_than_were_kept_may_be_any_and_what_comes_after_is_told() {
        let (tell, mut changes) = channel(4);
        for n in 0..100 {
            tell.send(id(&n.to_string())).unwrap();
        }
        assert_eq!(next(&mut changes).await, Some(Changed::Any));
        tell.send(id("after")).unwrap();
        assert_eq!(next(&mut changes).await, Some(Changed::These(vec![id("after")])));
        drop(tell);
        assert_eq!(next(&mut changes).await, None);
    }
}
