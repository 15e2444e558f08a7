//! The accept loop of each server, plain or TLS, on 127.0.0.1 only. Faults are applied here, at the connection.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{self, Response, header};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use strum::IntoStaticStr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::fault::{Effect, Fault, FaultKind, Side};
use crate::request::IncomingRequest;
use crate::state::SharedState;
use crate::{control_endpoint, okta, radiant};

/// Pause after a connection could not be accepted, and before a truncated response ends.
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
    let request = with_requested_origin(kind, IncomingRequest::read(request, origin).await?);
    let (fault, latency) = {
        let mut state = state.lock();
        state.record_request(request.record(kind.into()), request.authorization.is_some());
        let fault =
            kind.side().and_then(|side| Fault::strike(&mut state.fault, side, request.method.as_str(), &request.path));
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
                    let mut state = state.lock();
                    let request_id = state.next_request_id();
                    okta::set_common_headers(&state, &mut response, &request_id);
                }
                return Ok(response);
            }
            Effect::Close => return Err(io::Error::other("practice fault")),
            Effect::Delay(time) => tokio::time::sleep(time).await,
            Effect::Alter(fault) => alteration = Some(fault),
        }
    }
    let response = match kind {
        ServerKind::Okta => okta::respond(&mut state.lock(), &request, alteration.as_ref()),
        ServerKind::Radiant => radiant::respond(&mut state.lock(), &request),
        ServerKind::Control => control_endpoint::respond(&state, &request),
    };
    match alteration {
        Some(FaultKind::Truncate) => truncated(response).await,
        Some(FaultKind::ResponseLost) => Err(io::Error::other("practice fault")),
        Some(FaultKind::SlowResponse { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(response)
        }
        _ => Ok(response),
    }
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

/// Announces the whole body and sends half of it. A response without a body is not sent at all.
async fn truncated(response: Response<Body>) -> io::Result<Response<Body>> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if whole.is_empty() {
        return Err(io::Error::other("practice fault"));
    }
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let first = Some(whole.slice(..whole.len() / 2));
    let body = TruncatedBody { first, pause: Box::pin(tokio::time::sleep(PAUSE)) };
    Ok(Response::from_parts(parts, Body::new(body)))
}

/// A body that fails after its first part, with a pause so that the first part is sent.
struct TruncatedBody {
    first: Option<Bytes>,
    pause: Pin<Box<tokio::time::Sleep>>,
}

impl hyper::body::Body for TruncatedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.pause.as_mut().poll(context).map(|()| Some(Err(io::Error::other("practice fault"))))
    }
}
