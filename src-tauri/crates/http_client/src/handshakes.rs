//! Remembers what was decided about each server certificate, so that a response can say who sent it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use model::inspection::Issuer;

use crate::AnsweredBy;

/// Most certificates that are remembered. A client talks to one host, perhaps behind a balancer.
const MAX_REMEMBERED: usize = 32;

/// What was decided about the server of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// Who it is.
    pub answered_by: AnsweredBy,
    /// The issuer of its certificate.
    pub issuer: Issuer,
}

/// The decisions of one client, by server certificate. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Handshakes(Arc<Mutex<VecDeque<Judged>>>);

/// A server certificate (DER) and what was decided about it.
type Judged = (Vec<u8>, Handshake);

impl Handshakes {
    pub(crate) fn record(&self, certificate: &[u8], handshake: Handshake) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(other, _)| other != certificate);
        known.push_back((certificate.to_vec(), handshake));
        if known.len() > MAX_REMEMBERED {
            known.pop_front();
        }
    }

    pub(crate) fn find(&self, certificate: &[u8]) -> Option<Handshake> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(other, _)| other == certificate).map(|(_, handshake)| handshake.clone())
    }
}
