//! Messages to the service manager that started this process (sd_notify(3)): ready, status, alive, stopping.
//!
//! systemd names a datagram socket in `NOTIFY_SOCKET` for a service of `Type=notify`. Without one, and on other systems, every
//! message is dropped.

use std::ffi::OsString;
use std::time::Duration;

use model::sanitized_text::single_line;

/// The longest status in characters.
const MAX_STATUS: usize = 200;

/// The service manager, if there is one that listens.
#[derive(Debug, Default)]
pub(crate) struct ServiceManager {
    #[cfg(target_os = "linux")]
    socket: Option<linux::Socket>,
    watchdog: Option<Duration>,
}

/// What systemd passes in the environment.
#[derive(Debug, Default)]
struct Environment {
    socket: Option<OsString>,
    watchdog_usec: Option<String>,
    watchdog_pid: Option<String>,
}

impl ServiceManager {
    /// Returns the service manager that the environment names.
    pub(crate) fn from_environment() -> Self {
        let text = |name| std::env::var(name).ok();
        Self::of(Environment {
            socket: std::env::var_os("NOTIFY_SOCKET"),
            watchdog_usec: text("WATCHDOG_USEC"),
            watchdog_pid: text("WATCHDOG_PID"),
        })
    }

    fn of(environment: Environment) -> Self {
        let Environment { socket, watchdog_usec, watchdog_pid } = environment;
        let Some(_address) = socket.as_deref().filter(|address| !address.is_empty()) else { return Self::default() };
        let is_for_us = watchdog_pid.is_none_or(|pid| pid == std::process::id().to_string());
        let usec = watchdog_usec.and_then(|text| text.parse().ok()).filter(|usec| *usec > 0);
        Self {
            #[cfg(target_os = "linux")]
            socket: linux::Socket::open(_address),
            watchdog: usec.filter(|_| is_for_us).map(Duration::from_micros),
        }
    }

    /// Returns the interval at which the service manager wants a sign of life: half of the time after which it would restart this
    /// process (sd_watchdog_enabled(3)). `None` without a watchdog.
    pub(crate) fn alive_interval(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / 2)
    }

    /// Says that the service has started.
    pub(crate) fn ready(&self) {
        self.send("READY=1");
    }

    /// Says that the service works.
    pub(crate) fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// Says that the service ends.
    pub(crate) fn stopping(&self) {
        self.send("STOPPING=1");
    }

    /// Says in one line what the service does. Line breaks, which would begin another message, are removed.
    pub(crate) fn status(&self, text: &str) {
        self.send(&format!("STATUS={}", single_line(text, MAX_STATUS)));
    }

    #[cfg(target_os = "linux")]
    fn send(&self, message: &str) {
        if let Some(socket) = &self.socket {
            socket.send(message);
        }
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "on Linux the socket is used")]
    fn send(&self, _message: &str) {}
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    /// The socket of the service manager.
    #[derive(Debug)]
    pub(super) struct Socket(UnixDatagram);

    impl Socket {
        /// Connects to a socket by its path, or by its abstract name, which begins with `@`.
        pub(super) fn open(address: &OsStr) -> Option<Self> {
            let address = match address.as_bytes().strip_prefix(b"@") {
                Some(name) => SocketAddr::from_abstract_name(name),
                None => SocketAddr::from_pathname(address),
            };
            let socket = UnixDatagram::unbound().ok()?;
            let connected = address.and_then(|address| socket.connect_addr(&address));
            if let Err(error) = connected {
                tracing::warn!(%error, "the service manager cannot be reached");
                return None;
            }
            // A message that does not fit into the manager's queue is dropped instead of stopping the relay.
            socket.set_nonblocking(true).ok()?;
            Some(Self(socket))
        }

        pub(super) fn send(&self, message: &str) {
            if let Err(error) = self.0.send(message.as_bytes()) {
                tracing::debug!(%error, "a message to the service manager was not sent");
            }
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use super::*;

    fn received(socket: &UnixDatagram) -> String {
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut bytes = [0; 1_024];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    fn environment(socket: impl Into<OsString>) -> Environment {
        Environment { socket: Some(socket.into()), ..Environment::default() }
    }

    #[test]
    fn each_message_is_one_datagram() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let manager = ServiceManager::of(environment(&path));
        manager.ready();
        manager.status("caught up\nWATCHDOG=trigger");
        manager.alive();
        manager.stopping();
        let expected = ["READY=1", "STATUS=caught upWATCHDOG=trigger", "WATCHDOG=1", "STOPPING=1"];
        assert_eq!(expected.map(|_| received(&socket)), expected);
    }

    #[test]
    fn an_abstract_socket_is_reached() {
        let name = format!("okta-connector-test-{}", std::process::id());
        let socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        ServiceManager::of(environment(format!("@{name}"))).ready();
        assert_eq!(received(&socket), "READY=1");
    }

    #[test]
    fn the_interval_is_half_of_the_time_and_only_for_this_process() {
        let of = |usec: &str, pid: Option<String>| {
            let (watchdog_usec, watchdog_pid) = (Some(usec.to_owned()), pid);
            let environment = Environment { socket: Some("/none".into()), watchdog_usec, watchdog_pid };
            ServiceManager::of(environment).alive_interval()
        };
        let own = std::process::id().to_string();
        assert_eq!(of("120000000", None), Some(Duration::from_secs(60)));
        assert_eq!(of("120000000", Some(own)), Some(Duration::from_secs(60)));
        assert_eq!(of("120000000", Some("1".to_owned())), None);
        assert_eq!(of("0", None), None);
        assert_eq!(of("soon", None), None);
    }

    #[test]
    fn without_a_service_manager_nothing_is_sent() {
        for manager in [ServiceManager::of(Environment::default()), ServiceManager::of(environment("/no/such/socket"))]
        {
            manager.ready();
            assert_eq!(manager.alive_interval(), None);
        }
    }
}
