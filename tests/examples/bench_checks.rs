//! `cargo xtask bench checks`: how long all checks take when every answer takes 100 ms.
//!
//! The last line is JSON; `latency_multiple` is the median time of a run divided by the latency of one answer. Nothing here
//! passes or fails: speed is measured, never asserted.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use connector::clock::Clock;
use connector::model::{Profile, RadiantSearch};
use connector::vault::Vault;
use connector::web::Web;
use connector::{Once, check_once};
use practice::{Options, Practice};
use tokio_util::sync::CancellationToken;

const LATENCY: Duration = Duration::from_millis(100);
const RUNS: usize = 7;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let practice = Practice::start(Options { latency: LATENCY, rate_limit: 10_000, ..Options::default() }).await?;
    let mut times = Vec::with_capacity(RUNS);
    let mut rows = 0;
    for _ in 0..RUNS {
        let started = Instant::now();
        let report = check_once(once(&practice), &CancellationToken::new(), &|_| {}).await.context("the checks could not run")?;
        times.push(started.elapsed());
        rows = report.rows.len();
    }
    practice.stop().await;
    times.sort();
    let median = times[RUNS / 2].as_secs_f64() * 1000.0;
    let latency = LATENCY.as_secs_f64() * 1000.0;
    println!(
        "{}",
        serde_json::json!({
            "bench": "checks", "runs": RUNS, "checks": rows, "latency_ms": latency, "median_ms": median.round(),
            "latency_multiple": (median / latency * 100.0).round() / 100.0,
        })
    );
    Ok(())
}

fn once(practice: &Practice) -> Once {
    let card = practice.card();
    Once {
        domain: card.okta.clone(),
        token: card.tokens.super_admin.clone().into(),
        profile: Profile::Response,
        radiant: RadiantSearch { url: card.radiant.search.clone(), ..RadiantSearch::default() },
        radiant_token: Some(card.radiant_search_token.clone().into()),
        inspection_accepted: false,
        vault: Vault::memory(),
        web: Web::default(),
        clock: Clock::system(),
    }
}
