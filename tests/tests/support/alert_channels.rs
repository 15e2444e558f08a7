//! Short calls on the channels of team alerts.

use connector::Connector;
use model::alert::{AlertChannelPatch, AlertChannelView, AlertKind, AlertSecret, AlertSettingsPatch};

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
