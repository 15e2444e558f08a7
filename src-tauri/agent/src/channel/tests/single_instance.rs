//! Only one process is a part, whatever became of the others.

use std::collections::HashSet;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use runtime::Clock;
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use super::super::{Acquired, Hello, Instance, InstanceError, LoginSession, Message, Role, RuntimeFolder, connect};
use super::{LONG, SHORT, acquire, folder, hello, instance, pair, within};

#[tokio::test]
async fn a_start_takes_over_what_a_killed_process_left() {
    let (_root, folder) = folder();
    drop(std::os::unix::net::UnixListener::bind(folder.socket(Role::Agent)).unwrap());
    fs::write(folder.lock(Role::Agent), "4194304000").unwrap();
    assert!(folder.socket(Role::Agent).exists());
    let mut instance = instance(&folder).await;
    let (server, _client) = pair(&mut instance, &folder).await;
    assert_eq!(server.peer(), &hello(2));
    assert_eq!(folder.holder_hello(Role::Agent), Some(hello(1)));
}

#[tokio::test]
async fn a_lock_file_names_the_version_of_its_holder_and_that_of_an_earlier_version_only_its_process() {
    let (_root, folder) = folder();
    assert_eq!(folder.holder_hello(Role::Window), None);
    for (text, holder) in [
        (r#"{"version":"0.2.0","schema":9,"pid":17}"#, Some(("0.2.0", 9, 17))),
        ("4711", Some(("", 0, 4711))),
        ("", None),
        ("{", None),
    ] {
        fs::write(folder.lock(Role::Window), text).unwrap();
        let of = |(version, schema, pid): (&str, u32, u32)| {
            let session = LoginSession::default();
            Hello { version: version.to_owned(), schema, pid, session }
        };
        let holder = holder.map(of);
        assert_eq!(folder.holder_hello(Role::Window), holder, "{text:?}");
        assert_eq!(folder.holder(Role::Window), holder.map(|holder| holder.pid), "{text:?}");
    }
}

/// A process of a test, killed when it is dropped.
struct Process(Child);

impl Process {
    /// Stops it, and waits until it has: the signal stops its threads one by one, and the one that serves may be the last.
    fn stop(&self) {
        let pid = Pid::from_child(&self.0);
        kill_process(pid, Signal::STOP).unwrap();
        let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
        assert!(status.stopped(), "{status:?}");
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Runs itself again as a process that holds the agent's lock.
#[tokio::test]
async fn a_stopped_process_is_reported_by_its_id_and_a_killed_one_is_replaced() {
    const FOLDER: &str = "OKTA_CONNECTOR_TEST_FOLDER";
    const NAME: &str =
        "channel::tests::single_instance::a_stopped_process_is_reported_by_its_id_and_a_killed_one_is_replaced";
    if let Some(root) = std::env::var_os(FOLDER) {
        let folder = RuntimeFolder::create(root.as_ref(), Some(root.clone()), root.as_ref()).unwrap();
        let mut instance = instance(&folder).await;
        loop {
            drop(instance.accept().await);
        }
    }
    let (root, folder) = folder();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", NAME]).env(FOLDER, root.path()).stdout(Stdio::null());
    let mut process = Process(command.spawn().unwrap());
    let clock = Clock::system();
    while connect(&folder, Role::Agent, &hello(2), &within(LONG)).await.is_err() {
        assert!(process.0.try_wait().unwrap().is_none(), "it ended");
        clock.sleep(Duration::from_millis(5)).await;
    }
    process.stop();
    let stopped = acquire(&folder, Role::Agent, SHORT).await;
    assert!(matches!(stopped, Err(InstanceError::NotResponding { pid: Some(1), .. })), "{stopped:?}");
    process.kill();
    assert!(
        folder.socket(Role::Agent).exists() && folder.lock(Role::Agent).exists(),
        "a killed process removes nothing"
    );
    let mut instance = instance(&folder).await;
    let (server, _client) = pair(&mut instance, &folder).await;
    assert_eq!(server.peer(), &hello(2));
}

#[tokio::test]
async fn a_held_lock_without_a_socket_is_waited_for_until_it_is_released() {
    let (_root, folder) = folder();
    let lock = File::create(folder.lock(Role::Agent)).unwrap();
    lock.lock().unwrap();
    let release = async {
        Clock::system().sleep(Duration::from_millis(60)).await;
        drop(lock);
    };
    let (acquired, ()) = tokio::join!(acquire(&folder, Role::Agent, LONG), release);
    assert!(matches!(acquired.unwrap(), Acquired::Instance(_)));
}

/// Starts a part as a process would, until every other start of it has an answer. Returns whether it became the instance.
fn start(folder: &RuntimeFolder, role: Role, own: Hello, barrier: &Barrier) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    barrier.wait();
    runtime.block_on(async {
        match Instance::acquire(folder, role, own.clone(), within(LONG)).await.unwrap() {
            Acquired::Instance(mut instance) => {
                let mut other = instance.accept().await;
                assert_ne!(other.peer(), &own);
                assert_eq!(other.recv().await.unwrap(), Message::Quit);
                other.send(&Message::Ack).await.unwrap();
                true
            }
            Acquired::Running(mut connection) => {
                connection.request(&Message::Quit).await.unwrap();
                false
            }
        }
    })
}

#[test]
fn of_two_starts_at_once_one_becomes_the_part_and_answers_the_other() {
    let (_root, folder) = folder();
    for round in 0..50 {
        let barrier = Arc::new(Barrier::new(4));
        let starts = [(Role::Agent, 1), (Role::Agent, 2), (Role::Window, 3), (Role::Window, 4)].map(|(role, pid)| {
            let (folder, barrier) = (folder.clone(), Arc::clone(&barrier));
            std::thread::spawn(move || start(&folder, role, hello(pid), &barrier).then_some(role))
        });
        let parts: Vec<Role> = starts.into_iter().filter_map(|start| start.join().unwrap()).collect();
        assert_eq!(parts.len(), 2, "round {round}: {parts:?}");
        assert_eq!(HashSet::from_iter(parts), HashSet::from([Role::Agent, Role::Window]), "round {round}");
    }
}
