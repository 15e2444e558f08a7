//! Short calls on the channels of team alerts.

use std::time::Duration;

use connector::Connector;
use model::alert::{AlertChannelPatch, AlertChannelView, AlertKind, AlertSecret, AlertSettingsPatch};
use model::code::Code;
use model::status::State;
use practice::Change;

use super::TestConnection;
use super::simulated_process::{SimulatedProcess, make_heartbeat_due};

/// The principal whose token the connection has.
const OWNER: &str = "super_admin";

/// Stores a secret of team alerts.
pub(crate) async fn store(connector: &Connector, name: AlertSecret, value: &str) {
    connector.alerts().store_secret(name, value.to_owned().into()).await.unwrap();
}

/// Turns a channel on.
pub(crate) async fn turn_on(connector: &Connector, kind: AlertKind, change: AlertChannelPatch) {
    let change = AlertChannelPatch { enabled: Some(true), ..change };
    let patch = match kind {
        AlertKind::Webhook => AlertSettingsPatch { webhook: change, ..Default::default() },
        AlertKind::Slack => AlertSettingsPatch { slack: change, ..Default::default() },
    };
    connector.alerts().change(patch).await.unwrap();
}

/// Returns a channel as it is shown.
pub(crate) async fn channel(connector: &Connector, kind: AlertKind) -> AlertChannelView {
    let view = connector.alerts().view().await.unwrap();
    view.channels.into_iter().find(|one| one.kind == kind).unwrap()
}

/// Waits until the channel is as expected.
pub(crate) async fn channel_when(
    connector: &Connector,
    kind: AlertKind,
    is_there: impl Fn(&AlertChannelView) -> bool,
) -> AlertChannelView {
    for _ in 0..600 {
        let view = channel(connector, kind).await;
        if is_there(&view) {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:?}", channel(connector, kind).await);
}

/// Returns the code of a channel's failure, and whether the app gave up.
pub(crate) fn failure(view: &AlertChannelView) -> Option<(Code, bool)> {
    view.failure.as_ref().map(|failure| (failure.problem.code, failure.given_up))
}

/// Makes Okta refuse the token, and finds that.
pub(crate) async fn break_token(story: &TestConnection, process: &SimulatedProcess) {
    story.control().set(Change::Revoke { principal: OWNER.to_owned() });
    make_heartbeat_due(story, &story.id).await;
    assert_eq!(process.pass_until_found().await.after.state, State::Stopped);
}
