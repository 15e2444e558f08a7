//! Faults at random requests of both servers, decided by a seed.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use crate::events_webhook::WebhookReply;
use crate::fault::FaultKind;

/// Faults at random requests for the System Log and to the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RandomFaults {
    /// Decides the faults.
    pub seed: u64,
    /// How many of a thousand requests for the System Log are affected.
    pub log_per_mille: u16,
    /// How many of a thousand requests to the webhook are affected.
    pub webhook_per_mille: u16,
}

/// Running random faults.
pub(crate) struct RunningRandomFaults {
    faults: RandomFaults,
    rng: StdRng,
}

impl RunningRandomFaults {
    pub(crate) fn new(faults: RandomFaults) -> Self {
        Self { rng: StdRng::seed_from_u64(faults.seed), faults }
    }

    /// Returns the fault of one request for the System Log.
    pub(crate) fn log(&mut self) -> Option<FaultKind> {
        if self.rng.random_range(0..1000) >= self.faults.log_per_mille {
            return None;
        }
        let status = |status: u16, code: &str| FaultKind::Status { status, code: code.to_owned() };
        Some(match self.rng.random_range(0..12) {
            0 => status(500, "E0000009"),
            1 => status(503, "E0000010"),
            2 => FaultKind::RateLimited { reset_s: self.rng.random_range(-1..3) },
            3 => FaultKind::Reset,
            4 => FaultKind::Truncate,
            5 => FaultKind::TruncatedGzip,
            6 => FaultKind::Unreadable,
            7 => FaultKind::BrokenEntry,
            8 => FaultKind::Slow { ms: self.rng.random_range(20..400) },
            9 => FaultKind::GarbageRateHeaders,
            10 => FaultKind::NoRateHeaders,
            _ => FaultKind::JoinedLinks,
        })
    }

    /// Returns the reply of the webhook to one request with so many events.
    pub(crate) fn webhook(&mut self, events: usize) -> Option<WebhookReply> {
        if self.rng.random_range(0..1000) >= self.faults.webhook_per_mille {
            return None;
        }
        let refuse = |status: u16| WebhookReply::Refuse { status, retry_after_s: None };
        Some(match self.rng.random_range(0..11) {
            0 => refuse(500),
            1 => refuse(503),
            2 => WebhookReply::Refuse { status: 429, retry_after_s: Some(1) },
            // A single event that is too large is rightly set aside.
            3 if events > 1 => refuse(413),
            4 => WebhookReply::Reset,
            5 => WebhookReply::AcceptThenDrop,
            6 => WebhookReply::ErrorInside,
            7 => WebhookReply::Page,
            8 => WebhookReply::Redirect { to: "https://elsewhere.example/events".to_owned() },
            9 => WebhookReply::AcceptLate { ms: self.rng.random_range(20..400) },
            _ => refuse(401),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_the_faults_and_their_number_follows_the_rate() {
        let faults = RandomFaults { seed: 3, log_per_mille: 100, webhook_per_mille: 100 };
        let draw = || {
            let mut running = RunningRandomFaults::new(faults);
            (0..1000).map(|_| (running.log(), running.webhook(2))).collect::<Vec<_>>()
        };
        let drawn = draw();
        assert_eq!(drawn, draw());
        let struck = drawn.iter().filter(|(log, _)| log.is_some()).count();
        assert!((60..140).contains(&struck), "{struck}");
        let mut none = RunningRandomFaults::new(RandomFaults { log_per_mille: 0, webhook_per_mille: 0, ..faults });
        assert!((0..100).all(|_| none.log().is_none() && none.webhook(1).is_none()));
    }
}
