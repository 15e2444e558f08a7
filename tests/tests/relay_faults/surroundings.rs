//! The computer: jumps of its clock, a full disk, a folder that cannot be written.

use std::process::Command;

use chrono::TimeDelta;
use connector::NextStep;
use practice::{Change, Fault, FaultKind, Options, Side, VolumeLog, WebhookReply, WebhookRules};

use crate::harness::{Org, wait_of};

#[tokio::test]
async fn a_clock_that_jumps_ahead_or_back_delays_and_loses_nothing() {
    for jump in [TimeDelta::hours(9), TimeDelta::hours(-9), TimeDelta::days(-40), TimeDelta::minutes(-3)] {
        let mut org = Org::begin().await;
        for _ in 0..3 {
            org.control().emit(1_020);
            org.run(TimeDelta::minutes(2)).await;
        }
        org.clock.advance(jump);
        org.control().emit(1_020);
        let wait = wait_of(org.poll().await);
        assert!(wait <= std::time::Duration::from_secs(120), "{jump}: the next read is in {wait:?}");
        org.run(TimeDelta::minutes(4)).await;
        org.restart().await;
        org.set(Change::ExpireCursors);
        org.pass(TimeDelta::seconds(1));
        org.control().emit(1_020);
        org.run(TimeDelta::minutes(4)).await;
        assert_eq!(org.record().events, 5_100, "{jump}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn a_back_fill_begins_by_the_clock_of_okta_however_far_this_computer_is_ahead() {
    // Okta keeps events for 90 days: by this computer's clock, the period that is asked for is too old in part, or as a whole.
    for ahead in [TimeDelta::hours(89 * 24 + 12), TimeDelta::days(89), TimeDelta::days(200), TimeDelta::days(-200)] {
        let log = VolumeLog { events: 2_400, seconds: 86_400, ..VolumeLog::default() };
        let mut org = Org::with_volume(Options::default(), log).await;
        org.close();
        org.folder = tempfile::tempdir().unwrap();
        org.clock.advance(ahead);
        org.restart().await;
        org.cycle().await;
        let record = org.record();
        assert_eq!((record.volume_events, record.repeated, record.order_breaks), (2_400, 0, 0), "{ahead}");
    }
}

#[tokio::test]
async fn without_a_start_the_log_is_read_from_when_the_relay_was_switched_on_by_the_clock_of_okta() {
    for ahead in [TimeDelta::days(100), TimeDelta::minutes(30), TimeDelta::zero()] {
        let mut org = Org::begin().await;
        org.close();
        org.folder = tempfile::tempdir().unwrap();
        org.settings.since = None;
        org.clock.advance(ahead);
        org.restart().await;
        // Okta cannot be read at first.
        org.pass(TimeDelta::seconds(30));
        org.control().emit(5);
        org.pass(TimeDelta::minutes(5));
        org.cycle().await;
        org.pass(TimeDelta::seconds(30));
        org.cycle().await;
        assert_eq!(org.record().events, 5, "{ahead}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn a_clock_that_is_corrected_after_the_first_response_loses_nothing_since_the_relay_was_switched_on() {
    for ahead in [TimeDelta::hours(1), TimeDelta::hours(-1)] {
        let mut org = Org::begin().await;
        org.close();
        org.folder = tempfile::tempdir().unwrap();
        org.settings.since = None;
        org.clock.advance(ahead);
        org.restart().await;
        org.pass(TimeDelta::seconds(30));
        org.control().emit(5);
        // The first response is a failure that tells Okta's time.
        let down = FaultKind::Status { status: 503, code: "E0000009".to_owned() };
        org.control().fault(Some(Fault::on(Side::Okta, down)));
        org.poll().await;
        org.control().fault(None);
        org.clock.advance(-ahead);
        org.pass(TimeDelta::minutes(5));
        org.cycle().await;
        org.pass(TimeDelta::seconds(30));
        org.cycle().await;
        assert_eq!(org.record().events, 5, "{ahead}");
        org.assert_all_arrived_once();
    }
}

#[tokio::test]
async fn a_clock_that_jumps_back_during_a_back_off_does_not_prolong_it() {
    let org = Org::begin().await;
    org.control().emit(5);
    org.poll().await;
    let refuse = WebhookReply::Refuse { status: 503, retry_after_s: None };
    org.webhook_rules(WebhookRules { reply: refuse, times: Some(3), ..WebhookRules::default() });
    org.run(TimeDelta::seconds(2)).await;
    org.clock.advance(TimeDelta::hours(-2));
    org.run(TimeDelta::minutes(6)).await;
    org.assert_all_arrived_once();
}

/// Runs a scene in a process of its own whose temporary folder is a small disk in memory. Skipped where the system allows no
/// such disk, in one line per scene that can be counted.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn on_a_small_disk(scene: &str, options: &str) {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().to_str().unwrap();
    let test = std::env::current_exe().unwrap();
    let mount = format!("mount -t tmpfs -o {options} tmpfs {disk}");
    let allowed = Command::new("unshare").args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: {scene} needs `unshare` and a disk in memory");
        return;
    }
    let script = format!("{mount} && exec '{}' --ignored --exact --nocapture {scene}", test.display());
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).env("TMPDIR", disk);
    let output = command.output().unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("1 passed"), "{told}{errors}");
}

#[test]
fn a_full_disk_costs_few_requests_and_no_event() {
    on_a_small_disk("surroundings::scene_full_disk", "size=24m");
}

#[tokio::test]
#[ignore = "a scene: fills its disk, for the test above"]
async fn scene_full_disk() {
    let org = Org::begin().await;
    org.control().emit(3_000);
    // Events wait already when the disk becomes full.
    while org.poll().await == NextStep::Now {}
    let ballast = org.folder.path().parent().unwrap().join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    let block = vec![1_u8; 64 * 1024];
    while std::io::Write::write_all(&mut file, &block).is_ok() {}
    let (requests, deliveries) = (org.log_requests(), org.deliveries());
    org.control().emit(3_000);
    org.run(TimeDelta::minutes(10)).await;
    let (requests, deliveries) = (org.log_requests() - requests, org.deliveries() - deliveries);
    assert!(requests <= 125 && deliveries <= 125, "{requests} requests to Okta, {deliveries} to Radiant");
    std::fs::remove_file(&ballast).unwrap();
    drop(file);
    org.run(TimeDelta::minutes(10)).await;
    org.assert_all_arrived();
    assert_eq!(org.view().await.state.poll_hold, None);
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_anything_is_sent() {
    on_a_small_disk("surroundings::scene_read_only", "size=24m");
}

#[tokio::test]
#[ignore = "a scene: makes its disk read-only, for the test above"]
async fn scene_read_only() {
    let mut org = Org::begin().await;
    org.control().emit(10);
    org.cycle().await;
    org.assert_all_arrived_once();
    let disk = org.folder.path().parent().unwrap().to_owned();
    let remount = |mode: &str| {
        let status = Command::new("mount").args(["-o", &format!("remount,{mode}")]).arg(&disk).status();
        status.is_ok_and(|status| status.success())
    };
    org.close();
    assert!(remount("ro"));
    let requests = org.log_requests() + org.deliveries();
    let problem = org.opened().await.err().expect("a read-only folder is refused");
    assert!(!problem.code.as_str().is_empty());
    assert_eq!(org.log_requests() + org.deliveries(), requests);
    assert!(remount("rw"));
    org.control().emit(10);
    org.restart().await;
    org.pass(TimeDelta::seconds(30));
    org.cycle().await;
    org.assert_all_arrived_once();
}
