//! The relay of a connection in the bundle: numbers, times and reasons. Its address, which may carry a secret, is shortened to
//! the host, and of what was typed around the token only whether it is a documented one; no event is included.

use model::relay::RelayView;
use model::relay_settings::TokenHeader;
use serde_json::{Value, json};
use url::Url;

/// Returns a relay that was set up.
pub(super) fn relay(view: &RelayView) -> Value {
    let (settings, state) = (&view.settings, &view.state);
    let webhook = &settings.webhook;
    json!({
        "webhook": {
            "host": host(&webhook.url),
            "is_host_confirmed": webhook.confirmed_host.is_some(),
            "header": TokenHeader::presets().contains(&webhook.header).then_some(&webhook.header),
            "format": webhook.format,
            "gzip": webhook.gzip,
            "has_token": view.has_token,
        },
        "since": settings.since,
        "rate_share": settings.rate_share,
        "poll_seconds": settings.poll_seconds,
        "batch_events": settings.batch_events,
        "batch_kilobytes": settings.batch_kilobytes,
        "dedup_days": settings.dedup_days,
        "max_backlog_megabytes": settings.max_backlog_megabytes,
        "dead_letter_days": settings.undeliverable_days,
        "heartbeat_minutes": settings.heartbeat_minutes,
        "is_only_reader": settings.is_only_reader,
        "phase": view.phase,
        "progress": state,
        "backfill": view.backfill,
        "oldest_waiting": view.oldest_waiting,
        "dead_letters": view.undeliverable,
        "gaps": view.gaps,
        "problems": view.problems,
    })
}

/// Returns the host of the webhook's address.
pub(super) fn host(address: &str) -> Option<String> {
    Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned))
}
