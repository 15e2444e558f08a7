//! The hosts of this process: one for practice, and one for the real connections as far as no agent does their work.

use std::sync::{Arc, OnceLock};

use agent::host::Host;

/// The hosts that were started, each once.
#[derive(Default)]
pub(crate) struct Hosts {
    /// That of the real connections.
    pub(crate) real: OnceLock<Arc<Host>>,
    /// That of practice.
    pub(crate) practice: OnceLock<Arc<Host>>,
}

impl Hosts {
    /// Applies a change of what is hosted, of the language, or of a connector that can be used now.
    pub(crate) fn refresh(&self) {
        self.all().for_each(|host| host.refresh());
    }

    /// Wakes the workers of the real connections.
    #[cfg(target_os = "linux")]
    pub(crate) fn wake(&self) {
        if let Some(host) = self.real.get() {
            host.wake();
        }
    }

    /// Tells whether the tray shows an icon of this process.
    pub(crate) fn tray_is_there(&self) -> bool {
        self.all().any(|host| host.tray_is_there())
    }

    /// Ends all work, cancels the probes in progress and removes the icons.
    pub(crate) fn end(&self) {
        self.all().for_each(|host| host.end());
    }

    fn all(&self) -> impl Iterator<Item = &Arc<Host>> {
        self.real.get().into_iter().chain(self.practice.get())
    }
}
