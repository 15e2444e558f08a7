//! Remembers what was decided about each server certificate, so that a response can say who sent it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use model::certificate_issuer::Issuer;

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

/// The decisions of one client. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct HandshakeRecord(Arc<Mutex<VecDeque<Judged>>>);

/// A server certificate (DER), its host, and what was decided about it.
#[derive(Debug)]
struct Judged {
    certificate: Vec<u8>,
    host: String,
    handshake: Handshake,
}

impl HandshakeRecord {
    pub(crate) fn record(&self, certificate: &[u8], host: &str, handshake: Handshake) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|one| one.certificate != certificate || one.host != host);
        known.push_back(Judged { certificate: certificate.to_vec(), host: host.to_owned(), handshake });
        if known.len() > MAX_REMEMBERED {
            known.pop_front();
        }
    }

    /// Returns what was decided about the server of a host with this certificate. Through a proxy's tunnel a response does not
    /// show its certificate: then the least trusted server of the host that this client met counts.
    pub(crate) fn find(&self, certificate: Option<&[u8]>, host: &str) -> Option<Handshake> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_host = || known.iter().filter(|one| one.host == host);
        let found = match certificate {
            Some(certificate) => of_host().find(|one| one.certificate == certificate),
            None => of_host().min_by_key(|one| trust(one.handshake.answered_by)),
        };
        found.map(|one| one.handshake.clone())
    }
}

fn trust(answered_by: AnsweredBy) -> u8 {
    match answered_by {
        AnsweredBy::Unknown => 0,
        AnsweredBy::AcceptedInspection => 1,
        AnsweredBy::Host | AnsweredBy::Loopback => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_without_a_certificate_counts_as_from_the_least_trusted_server_of_its_host() {
        let handshakes = HandshakeRecord::default();
        let by = |answered_by| Handshake { answered_by, issuer: Issuer { name: "?".to_owned(), key: None } };
        let found = |certificate: Option<&[u8]>| {
            handshakes.find(certificate, "acme.okta.com").map(|handshake| handshake.answered_by)
        };
        handshakes.record(b"proxy", "proxy.example.com", by(AnsweredBy::Unknown));
        assert_eq!(found(None), None, "a proxy on the way is not the host");
        handshakes.record(b"one", "acme.okta.com", by(AnsweredBy::Host));
        assert_eq!(found(None), Some(AnsweredBy::Host));
        handshakes.record(b"two", "acme.okta.com", by(AnsweredBy::AcceptedInspection));
        assert_eq!(found(None), Some(AnsweredBy::AcceptedInspection));
        assert_eq!(found(Some(b"one")), Some(AnsweredBy::Host));
        assert_eq!(found(Some(b"three")), None);
    }
}
