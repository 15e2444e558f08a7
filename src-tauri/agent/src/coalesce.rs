//! Takes changes that arrive together as one batch, for example after a hundred connections were probed. None is lost.

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use model::app_change::AppChange;

/// The changes since the previous batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeBatch {
    /// These changes, each once, in the order in which they arrived.
    These(Vec<AppChange>),
    /// More changes than the channel keeps: anything may have changed.
    Any,
}

/// Waits for a change and returns it with all others that have arrived by then; `None` when the channel is closed.
pub async fn next_batch(changes: &mut Receiver<AppChange>) -> Option<ChangeBatch> {
    let mut batch = match changes.recv().await {
        Ok(change) => vec![change],
        Err(RecvError::Lagged(_)) => return Some(any(changes)),
        Err(RecvError::Closed) => return None,
    };
    loop {
        match changes.try_recv() {
            Ok(change) if !batch.contains(&change) => batch.push(change),
            Ok(_) => {}
            Err(TryRecvError::Lagged(_)) => return Some(any(changes)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(ChangeBatch::These(batch)),
        }
    }
}

/// Drains the channel, because `Any` includes whatever it still holds.
fn any(changes: &mut Receiver<AppChange>) -> ChangeBatch {
    while !matches!(changes.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
    ChangeBatch::Any
}

#[cfg(test)]
mod tests {
    use model::connection::ConnectionId;
    use tokio::sync::broadcast::channel;

    use super::{AppChange, ChangeBatch, next_batch};

    fn connection(name: &str) -> AppChange {
        AppChange::Connection(ConnectionId(name.to_owned()))
    }

    #[tokio::test]
    async fn changes_that_arrive_together_are_one_batch_and_each_is_in_it_once() {
        let (sender, mut changes) = channel(8);
        for name in ["a", "b", "a"] {
            sender.send(connection(name)).unwrap();
        }
        let both = vec![connection("a"), connection("b")];
        assert_eq!(next_batch(&mut changes).await, Some(ChangeBatch::These(both)));
        sender.send(connection("c")).unwrap();
        assert_eq!(next_batch(&mut changes).await, Some(ChangeBatch::These(vec![connection("c")])));
    }

    #[tokio::test]
    async fn more_changes_than_the_channel_keeps_are_any_and_later_ones_are_received() {
        let (sender, mut changes) = channel(4);
        for n in 0..100 {
            sender.send(connection(&n.to_string())).unwrap();
        }
        assert_eq!(next_batch(&mut changes).await, Some(ChangeBatch::Any));
        sender.send(connection("after")).unwrap();
        assert_eq!(next_batch(&mut changes).await, Some(ChangeBatch::These(vec![connection("after")])));
        drop(sender);
        assert_eq!(next_batch(&mut changes).await, None);
    }
}
