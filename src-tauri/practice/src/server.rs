//! The accept loop of each server, plain or TLS, on 127.0.0.1 only. Faults are applied here, at the connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{self, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use strum::IntoStaticStr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::fault::{Effect, Fault, Side};
use crate::request::IncomingRequest;
use crate::state::SharedState;
use crate::{altered_body, control, events_webhook, okta, radiant};

/// Pause after a connection could not be accepted.
const PAUSE: Duration = Duration::from_millis(20);

/// The kind of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum ServerKind {
    Okta,
    Radiant,
    Control,
}

impl ServerKind {
    fn side(self) -> Option<Side> {
        match self {
            Self::Okta => Some(Side::Okta),
            Self::Radiant => Some(Side::Radiant),
            Self::Control => None,
        }
    }
}

/// Starts one server; it stops when the handle is aborted.
pub(crate) fn serve(
    kind: ServerKind,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: SharedState,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let origin = format!("{scheme}://{address}");
    let handle = tokio::task::spawn(async move {
        // The connections end with the server, so that a client with an open connection gets no response after the end.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                socket = listener.accept() => match socket {
                    Ok((socket, _)) => {
                        connections.spawn(accept(kind, socket, tls.clone(), state.clone(), origin.clone()));
                    }
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok((address, handle))
}

async fn accept(kind: ServerKind, socket: TcpStream, tls: Option<TlsAcceptor>, state: SharedState, origin: String) {
    match tls {
        Some(tls) => {
            if let Ok(socket) = tls.accept(socket).await {
                serve_connection(kind, TokioIo::new(socket), state, origin).await;
            }
        }
        None => serve_connection(kind, TokioIo::new(socket), state, origin).await,
    }
}

async fn serve_connection<I>(kind: ServerKind, io: I, state: SharedState, origin: String)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| respond(kind, request, state.clone(), origin.clone()));
    // A broken connection is reported to its client only.
    drop(http1::Builder::new().serve_connection(io, service).await);
}

async fn respond(
    kind: ServerKind,
    request: http::Request<Incoming>,
    state: SharedState,
    origin: String,
) -> io::Result<Response<Body>> {
    let is_delivery =
        kind == ServerKind::Radiant && events_webhook::is_delivery(request.method(), request.uri().path());
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if is_delivery && events_webhook::closes_before_reading(&state.lock(), length) {
        return Err(io::Error::other("practice fault"));
    }
    let request = with_requested_origin(kind, IncomingRequest::read(request, origin).await?);
    let (fault, latency) = {
        let mut state = state.lock();
        state.record_request(request.record(kind.into()), request.authorization.is_some());
        let fault = kind.side().and_then(|side| Fault::strike(&mut state.fault, side, &request.path));
        let fault = fault.or_else(|| state.random_log_fault(kind == ServerKind::Okta, &request.path));
        (fault, if kind == ServerKind::Control { Duration::ZERO } else { state.options.latency })
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut alteration = None;
    if let Some(fault) = fault {
        let now = state.lock().okta_now().timestamp();
        match fault.effect(now) {
            Effect::Respond(mut response) => {
                if kind == ServerKind::Okta && !fault.lacks_okta_headers() {
                    okta::set_common_headers(&mut state.lock(), &mut response);
                }
                return Ok(response);
            }
            Effect::Close => return Err(io::Error::other("practice fault")),
            Effect::Hang => std::future::pending().await,
            Effect::Delay(time) => tokio::time::sleep(time).await,
            Effect::Alter(fault) => alteration = Some(fault),
        }
    }
    let response = match kind {
        ServerKind::Okta => okta::respond(&mut state.lock(), &request, alteration.as_ref()),
        ServerKind::Radiant if is_delivery => events_webhook::respond(&state, &request).await?,
        ServerKind::Radiant => radiant::respond(&state.lock(), &request),
        ServerKind::Control => control::respond(&state, &request),
    };
    Ok(match alteration {
        Some(fault) => altered_body::alter(response, &fault).await,
        None => response,
    })
}

/// Sets the origin to the requested host when Okta is reached over TLS, so that its links lead back there as Okta's do.
fn with_requested_origin(kind: ServerKind, request: IncomingRequest) -> IncomingRequest {
    match &request.host {
        Some(host) if kind == ServerKind::Okta && request.origin.starts_with("https:") => {
            IncomingRequest { origin: format!("https://{host}"), ..request }
        }
        Some(_) | None => request,
    }
}
