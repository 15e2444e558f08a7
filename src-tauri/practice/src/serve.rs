//! One accept loop for each server: plain or TLS, on 127.0.0.1 alone. Faults strike here, where the wire is.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{self, Method, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::control::{self, Request};
use crate::fault::{Fault, FaultKind, Instead, Side};
use crate::world::World;
use crate::{okta, radiant};

/// Largest request that is read.
const LARGEST: usize = 2 * 1024 * 1024;
/// Pause after a connection could not be taken.
const PAUSE: Duration = Duration::from_millis(20);

/// The world, shared by the servers.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request as the answers need it.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) raw_query: String,
    pub(crate) origin: String,
    pub(crate) host: Option<String>,
    pub(crate) browser_origin: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) rs_token: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) byob: bool,
    pub(crate) body: String,
}

/// Which server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Okta,
    Radiant,
    Control,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Radiant => "radiant",
            Self::Control => "control",
        }
    }

    fn side(self) -> Option<Side> {
        match self {
            Self::Okta => Some(Side::Okta),
            Self::Radiant => Some(Side::Radiant),
            Self::Control => None,
        }
    }
}

/// Starts one server; it ends when the handle is aborted.
pub(crate) fn serve(
    role: Role,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Shared,
) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let origin = format!("{scheme}://{address}");
    let handle = tokio::task::spawn(async move {
        // The connections end with the server: a client that keeps one open is not answered after the end.
        let mut talks = JoinSet::new();
        loop {
            tokio::select! {
                socket = listener.accept() => match socket {
                    Ok((socket, _)) => {
                        talks.spawn(welcome(role, socket, tls.clone(), shared.clone(), origin.clone()));
                    }
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                Some(_) = talks.join_next() => {}
            }
        }
    });
    Ok((address, handle))
}

async fn welcome(role: Role, socket: TcpStream, tls: Option<TlsAcceptor>, shared: Shared, origin: String) {
    match tls {
        Some(tls) => {
            if let Ok(socket) = tls.accept(socket).await {
                talk(role, TokioIo::new(socket), shared, origin).await;
            }
        }
        None => talk(role, TokioIo::new(socket), shared, origin).await,
    }
}

async fn talk<I>(role: Role, io: I, shared: Shared, origin: String)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(role, request, shared.clone(), origin.clone()));
    // A connection that breaks is its client's affair.
    drop(http1::Builder::new().serve_connection(io, service).await);
}

async fn answer(
    role: Role,
    request: http::Request<Incoming>,
    shared: Shared,
    origin: String,
) -> Result<Response<Body>, io::Error> {
    let asked = at_its_name(role, read(request, origin).await?);
    let (fault, latency) = {
        let mut world = shared.world();
        let (method, path, query) = (asked.method.to_string(), asked.path.clone(), asked.raw_query.clone());
        world.hear(Request { side: role.word().to_owned(), method, path, query }, asked.authorization.is_some());
        let fault = role.side().and_then(|side| strike(&mut world.fault, side, &asked.path));
        (fault, if role == Role::Control { Duration::ZERO } else { world.options.latency })
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut change = None;
    if let Some(kind) = fault {
        let now = shared.world().now().timestamp();
        match kind.instead(now) {
            Instead::Answer(mut answer) => {
                // What a network puts in Okta's place has none of Okta's headers.
                if role == Role::Okta && !matches!(kind, FaultKind::CaptivePage | FaultKind::Redirect { .. }) {
                    okta::stamp(&mut shared.world(), &mut answer);
                }
                return Ok(answer);
            }
            Instead::Close => return Err(io::Error::other("practice fault")),
            Instead::Wait(time) => tokio::time::sleep(time).await,
            Instead::Change(kind) => change = Some(kind),
        }
    }
    let answer = match role {
        Role::Okta => okta::answer(&mut shared.world(), &asked, change.as_ref()),
        Role::Radiant => radiant::answer(&mut shared.world(), &asked),
        Role::Control => control::answer(&shared, &asked),
    };
    match change {
        Some(FaultKind::Truncate) => Ok(truncated(answer).await),
        _ => Ok(answer),
    }
}

/// Over TLS the org goes by the name it was asked under: its links lead back there, as Okta's do.
fn at_its_name(role: Role, asked: Asked) -> Asked {
    match &asked.host {
        Some(host) if role == Role::Okta && asked.origin.starts_with("https:") => {
            Asked { origin: format!("https://{host}"), ..asked }
        }
        Some(_) | None => asked,
    }
}

/// Uses a fault up, when it is this side's and this path's.
fn strike(fault: &mut Option<Fault>, side: Side, path: &str) -> Option<FaultKind> {
    let one = fault.as_mut()?;
    if one.side != side || one.path.as_ref().is_some_and(|prefix| !path.starts_with(prefix.as_str())) {
        return None;
    }
    let kind = one.kind.clone();
    match one.times.as_mut() {
        None => {}
        Some(0 | 1) => *fault = None,
        Some(times) => *times -= 1,
    }
    Some(kind)
}

/// Promises the whole body and delivers half of it.
async fn truncated(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let whole = to_bytes(body, LARGEST * 8).await.unwrap_or_default();
    parts.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let stream = broken_after(half);
    Response::from_parts(parts, stream)
}

/// A body that breaks after its first part.
fn broken_after(first: Bytes) -> Body {
    Body::new(Broken { first: Some(first), pause: Box::pin(tokio::time::sleep(PAUSE)) })
}

/// Pauses before it breaks, or what came before would never be sent.
struct Broken {
    first: Option<Bytes>,
    pause: Pin<Box<tokio::time::Sleep>>,
}

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(hyper::body::Frame::data(first))));
        }
        self.pause.as_mut().poll(context).map(|()| Some(Err(io::Error::other("practice fault"))))
    }
}

async fn read(request: http::Request<Incoming>, origin: String) -> Result<Asked, io::Error> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), LARGEST).await.map_err(io::Error::other)?;
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let query = parts.uri.query().unwrap_or_default();
    Ok(Asked {
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        raw_query: query.to_owned(),
        origin,
        host: text("host"),
        browser_origin: text("origin"),
        authorization: text("authorization"),
        rs_token: text("x-rs-token"),
        content_type: text("content-type"),
        byob: text("x-rs-is-byob").as_deref() == Some("true"),
        body: String::from_utf8_lossy(&body).into_owned(),
        method: parts.method,
    })
}
