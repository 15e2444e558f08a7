//! The words between those who tell and those who are told.

/// Something that happened to this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It woke from sleep.
    Woke,
    /// Its network came back, or became another.
    Network,
}

/// Where the system tells such things.
#[derive(Debug, Clone, Default)]
pub enum Teller {
    /// On the system's own bus, where there is one.
    #[default]
    System,
    /// On the bus of this address.
    Bus(String),
    /// Nowhere: only what is noticed here counts.
    Nobody,
}
