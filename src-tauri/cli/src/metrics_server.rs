//! `GET /metrics` on loopback, for a Prometheus on the same host. Other paths, methods and host names are refused.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// The content type of the text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The number of requests that wait for their text; further ones are refused.
const MAX_WAITING: usize = 8;

/// A request for the text, answered by whoever knows the numbers.
pub(crate) type Scrape = oneshot::Sender<String>;

/// A server that is bound to its address.
pub(crate) struct MetricsServer {
    listener: TcpListener,
    scrapes: mpsc::Sender<Scrape>,
}

/// Returns the address to listen on.
///
/// # Errors
/// When it is no IP address with a port, or not on loopback.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr =
        text.parse().map_err(|_| "give an IP address and a port, as 127.0.0.1:9187".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err("only a loopback address is allowed".to_owned()) }
}

impl MetricsServer {
    /// Binds the address. The receiver gets one message per request.
    ///
    /// # Errors
    /// Why the address cannot be bound.
    pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<(Self, mpsc::Receiver<Scrape>)> {
        let listener = TcpListener::bind(address).await?;
        let (scrapes, receiver) = mpsc::channel(MAX_WAITING);
        Ok((Self { listener, scrapes }, receiver))
    }

    /// Returns the address that is bound.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests until `end`.
    pub(crate) async fn run(self, end: CancellationToken) {
        let router = Router::new().route("/metrics", get(metrics)).with_state(self.scrapes);
        let serve = axum::serve(self.listener, router);
        // A request in progress is not waited for: whoever asks again gets the numbers of the next process.
        let ended = tokio::select! {
            ended = async { serve.await } => ended,
            () = end.cancelled() => Ok(()),
        };
        if let Err(error) = ended {
            tracing::error!(%error, "the metrics server ended");
        }
    }
}

async fn metrics(State(scrapes): State<mpsc::Sender<Scrape>>, headers: HeaderMap) -> Response {
    // A page in a browser can reach loopback under a name of its own, and would then be allowed to read the answer.
    if !is_loopback_host(headers.get(header::HOST).and_then(|host| host.to_str().ok())) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (sender, text) = oneshot::channel();
    if scrapes.try_send(sender).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match text.await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Tells whether the `Host` header names this computer.
fn is_loopback_host(host: Option<&str>) -> bool {
    let Some(host) = host else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name,
        Some(_) | None => host,
    };
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || literal.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_bound() {
        assert!(parse_address("127.0.0.1:9187").is_ok() && parse_address("[::1]:9187").is_ok());
        for refused in ["0.0.0.0:9187", "192.168.1.5:9187", "[::]:9187", "localhost:9187", "9187", "127.0.0.1"] {
            assert!(parse_address(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn only_a_request_to_this_computer_is_answered() {
        for own in ["127.0.0.1:9187", "127.0.0.1", "localhost:9187", "[::1]:9187", "[::1]"] {
            assert!(is_loopback_host(Some(own)), "{own}");
        }
        for other in [Some("evil.example.com:9187"), Some("10.0.0.1"), Some(""), Some("localhost.evil.com"), None] {
            assert!(!is_loopback_host(other), "{other:?}");
        }
    }
}
