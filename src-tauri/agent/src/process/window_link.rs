//! The agent's side of the channel: it serves the window's processes and tells them what changed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use model::app_change::AppChange;
use tokio::sync::broadcast::Receiver;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::task::TaskTracker;

use super::agent_host_context::{AgentHostContext, Window};
use crate::channel::{Connection, Instance, Message, Receiver as MessageReceiver};
use crate::coalesce::{ChangeBatch, next_batch};

/// How long a window's process may be silent. It sends a ping every five seconds.
const SILENCE_LIMIT: Duration = Duration::from_secs(20);

/// Serves every window's process until the agent ends.
pub(super) async fn serve(context: &Arc<AgentHostContext>, instance: &mut Instance) {
    let tasks = TaskTracker::new();
    for number in 0_u64.. {
        let connection = instance.accept().await;
        tasks.spawn(serve_window(Arc::clone(context), connection, number));
    }
}

/// Exchanges messages with a window's process until its connection ends. What it said of itself ends with it.
async fn serve_window(context: Arc<AgentHostContext>, connection: Connection, number: u64) {
    let (sender, mut outgoing) = unbounded_channel();
    let (mut send, mut incoming) = connection.into_split();
    drop(sender.send(Message::Tray { shown: context.tray_is_there() }));
    let answers = sender.clone();
    context.windows().insert(number, Window { outgoing: sender, front: false, watched: BTreeSet::new() });
    // What the window changed while there was no connection was not reported.
    context.refresh();
    let sending = async {
        while let Some(message) = outgoing.recv().await {
            if let Err(error) = send.send(&message).await {
                tracing::info!(%error, "a window did not take a message");
                return;
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = receive(&context, &mut incoming, &answers, number) => {}
    }
    context.windows().remove(&number);
    context.refresh();
}

/// Carries out what a window's process says, until its connection ends.
async fn receive(
    context: &AgentHostContext,
    incoming: &mut MessageReceiver,
    answers: &UnboundedSender<Message>,
    number: u64,
) {
    loop {
        let message = match context.clock().within(SILENCE_LIMIT, incoming.recv()).await {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                tracing::info!(%error, "the connection to a window ended");
                return;
            }
            None => {
                // It may have stopped in front of everything, where it would suppress notifications.
                tracing::warn!("a window's process does not respond");
                return;
            }
        };
        match message {
            Message::Changed { .. } => context.refresh(),
            Message::Front { front } => {
                if let Some(window) = context.windows().get_mut(&number) {
                    window.front = front;
                }
            }
            Message::Host { id, hosts } => {
                if let Some(window) = context.windows().get_mut(&number) {
                    if hosts {
                        window.watched.insert(id)
                    } else {
                        window.watched.remove(&id)
                    };
                }
                context.refresh();
            }
            Message::Ping => drop(answers.send(Message::Ack)),
            Message::TestNotification => context.test_notification(answers.clone()),
            Message::Quit => context.quit_app(),
            Message::Replace => context.end.cancel(),
            Message::Hello(_)
            | Message::Show { .. }
            | Message::Tray { .. }
            | Message::TestNotificationResult { .. }
            | Message::Ack => return,
        }
    }
}

/// Tells the windows what changed, until the agent ends.
pub(super) async fn forward_changes(context: &AgentHostContext, mut changes: Receiver<AppChange>) {
    while let Some(batch) = next_batch(&mut changes).await {
        let ids = match batch {
            ChangeBatch::These(changes) if !changes.contains(&AppChange::Settings) => Some(
                changes
                    .into_iter()
                    .filter_map(|change| match change {
                        AppChange::Connection(id) => Some(id),
                        AppChange::Settings | AppChange::Notifications => None,
                    })
                    .collect(),
            ),
            ChangeBatch::These(_) | ChangeBatch::Any => None,
        };
        context.send_to_windows(&Message::Changed { ids });
    }
}
