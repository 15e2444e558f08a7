//! The speed of the relay beside that of Grove, a public collector of the System Log. `cargo xtask bench relay` runs it (Linux).
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "relay_support/child.rs"]
mod child;
#[path = "relay_bench/grove.rs"]
mod grove;
#[expect(dead_code, reason = "the drill of clients uses more of it")]
#[path = "../../src-tauri/practice/tests/clients/proxy.rs"]
mod proxy;

use std::path::PathBuf;

use serde_json::json;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "cargo xtask bench relay"]
async fn bench_relay() {
    let events = number("CONNECTOR_RELAY_EVENTS", 20_000);
    let mut peers = Vec::new();
    if let Some(environment) = std::env::var_os("CONNECTOR_RELAY_PEER").map(PathBuf::from) {
        for output in [grove::Output::Files, grove::Output::Https] {
            peers.push(grove::measure(&environment, events, output).await);
        }
    }
    println!("{}", json!({"bench": "relay", "peers": peers}));
    assert!(peers.iter().all(|peer| peer["problem"].is_null()), "{peers:?}");
}
