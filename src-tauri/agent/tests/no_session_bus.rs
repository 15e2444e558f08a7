//! The agent's program without a session bus, as in a container or after sudo: it works all the same, and the log has the reason
//! why there is no tray icon.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use runtime::Clock;

/// Long enough for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The agent, killed when it is dropped.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn start(home: &Path, bus: Option<&str>) -> Agent {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okta-connector-agent"));
    command
        .env_clear()
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("share"))
        .env("XDG_RUNTIME_DIR", home)
        .envs(bus.map(|address| ("DBUS_SESSION_BUS_ADDRESS", address)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Agent(command.spawn().unwrap())
}

/// Returns everything that was logged.
fn log(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    files.map(|file| fs::read_to_string(file.path()).unwrap_or_default()).collect()
}

#[tokio::test]
async fn the_agent_works_without_a_session_bus_and_logs_why_there_is_no_icon() {
    let clock = Clock::system();
    for bus in [None, Some("disabled:"), Some("unix:path=/nonexistent/bus"), Some("nonsense")] {
        let home = tempfile::tempdir().unwrap();
        let mut agent = start(home.path(), bus);
        let logs = home.path().join("share/ai.radiantsecurity.okta-connector/logs");
        let reported = async {
            while !log(&logs).contains("the tray icon is not shown") {
                clock.sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(clock.within(PATIENCE, reported).await.is_some(), "{bus:?}: {}", log(&logs));
        assert!(agent.0.try_wait().unwrap().is_none(), "{bus:?}: it ended: {}", log(&logs));
    }
}
