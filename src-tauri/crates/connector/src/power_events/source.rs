//! Power events and where the system reports them.

/// Something that happened to this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerEvent {
    /// It woke from sleep.
    Woke,
    /// Its network returned, or is another one.
    NetworkReturned,
}

/// Where the system reports power events.
#[derive(Debug, Clone, Default)]
pub enum EventSource {
    /// The system's own bus, if there is one.
    #[default]
    SystemBus,
    /// The bus at this address.
    Bus(String),
    /// Nowhere: power events are only polled.
    Polling,
}
