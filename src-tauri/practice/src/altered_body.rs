//! Bodies that break off, never come, or come slowly.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, Response, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Frame;

use crate::fault::FaultKind;

/// Pause before a truncated response ends.
const PAUSE: Duration = Duration::from_millis(20);

/// Returns the response with the body that the fault makes of it.
pub(crate) async fn alter(response: Response<Body>, fault: &FaultKind) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let slow = |parts: Vec<Bytes>, pause: Duration, breaks_off: bool| {
        Body::new(SlowBody { parts: parts.into(), pause, wait: None, breaks_off })
    };
    let (length, mut announced) = (whole.len(), true);
    let body = match fault {
        // Announces the whole body and sends half of it.
        FaultKind::Truncate => slow(vec![whole.slice(..length / 2)], PAUSE, true),
        FaultKind::HeadersOnly => slow(Vec::new(), Duration::MAX, true),
        FaultKind::Trickle { ms } => {
            slow(whole.chunks(1).map(Bytes::copy_from_slice).collect(), Duration::from_millis(*ms), false)
        }
        FaultKind::TruncatedGzip => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            announced = false;
            let compressed = compressed(&whole).unwrap_or_default();
            Body::from(compressed[..compressed.len() / 2].to_vec())
        }
        FaultKind::BrokenEntry => {
            announced = false;
            let broken = whole.strip_suffix(b"}]").map(|start| [start, b"]"].concat());
            Body::from(broken.unwrap_or_else(|| b"[{".to_vec()))
        }
        FaultKind::Status { .. }
        | FaultKind::Reset
        | FaultKind::Slow { .. }
        | FaultKind::Redirect { .. }
        | FaultKind::OktaRedirect { .. }
        | FaultKind::ForeignNext { .. }
        | FaultKind::CaptivePage
        | FaultKind::Edge { .. }
        | FaultKind::RateLimited { .. }
        | FaultKind::GarbageRateHeaders
        | FaultKind::GarbageDate
        | FaultKind::Unreadable
        | FaultKind::Hang
        | FaultKind::NoRateHeaders
        | FaultKind::JoinedLinks => return Response::from_parts(parts, Body::from(whole)),
    };
    if announced {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, body)
}

fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A body whose parts come with a pause after each.
struct SlowBody {
    parts: std::collections::VecDeque<Bytes>,
    pause: Duration,
    wait: Option<Pin<Box<tokio::time::Sleep>>>,
    /// Whether it fails after the last part.
    breaks_off: bool,
}

impl hyper::body::Body for SlowBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.wait.is_none() && self.pause == Duration::MAX {
            return Poll::Pending;
        }
        if let Some(wait) = self.wait.as_mut() {
            std::task::ready!(wait.as_mut().poll(context));
        }
        self.wait = Some(Box::pin(tokio::time::sleep(self.pause)));
        match self.parts.pop_front() {
            Some(part) => Poll::Ready(Some(Ok(Frame::data(part)))),
            None if self.breaks_off => Poll::Ready(Some(Err(io::Error::other("practice fault")))),
            None => Poll::Ready(None),
        }
    }
}
