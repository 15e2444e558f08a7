//! A receiver of team alerts on loopback: it answers as told and keeps every request as it came over the wire.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How the receiver treats a request.
#[derive(Debug, Clone)]
pub(crate) enum Behavior {
    /// Answers with a status.
    Status(u16),
    /// Redirects to an address.
    Redirect(String),
    /// Closes the connection after it read the request.
    Close,
    /// Reads the request and never answers.
    Silence,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        &self.headers["idempotency-key"]
    }

    /// Tells whether the request is signed with a key: HMAC-SHA256 (RFC 2104) of `<timestamp>.<body>`, computed here.
    pub(crate) fn is_signed_with(&self, key: &str) -> bool {
        let text = format!("{}.{}", self.headers["okta-connector-timestamp"], self.body);
        let mut block = key.as_bytes().to_vec();
        assert!(block.len() <= 64, "a longer key would be hashed first");
        block.resize(64, 0);
        let padded = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
        let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
        let outer = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
        let expected: String = outer.iter().map(|byte| format!("{byte:02x}")).collect();
        self.headers.get("okta-connector-signature").is_some_and(|given| *given == format!("v1={expected}"))
    }
}

/// The receiver. It answers 200 unless told otherwise.
#[derive(Clone)]
pub(crate) struct AlertReceiver {
    pub(crate) origin: String,
    received: Arc<Mutex<Vec<Received>>>,
    behavior: Arc<Mutex<VecDeque<Behavior>>>,
}

impl AlertReceiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let this = Self { origin, received: Arc::default(), behavior: Arc::default() };
        let server = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().serve(stream));
            }
        });
        this
    }

    /// Its address, whose path is a secret.
    pub(crate) fn url(&self) -> String {
        format!("{}/services/T0CANARY/secret-path", self.origin)
    }

    /// Treats the next requests so, one after the other.
    pub(crate) fn then(&self, behavior: impl IntoIterator<Item = Behavior>) {
        self.behavior.lock().unwrap().extend(behavior);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until it received so many requests.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        for _ in 0..600 {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} requests were received", self.received().len());
    }

    async fn serve(self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream).await else { return };
        let behavior = self.behavior.lock().unwrap().pop_front().unwrap_or(Behavior::Status(200));
        self.received.lock().unwrap().push(request);
        let answer = match behavior {
            Behavior::Status(status) => format!("HTTP/1.1 {status} Status\r\ncontent-length: 2\r\n\r\nok"),
            Behavior::Redirect(to) => format!("HTTP/1.1 307 Moved\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"),
            Behavior::Close => return,
            Behavior::Silence => return std::future::pending().await,
        };
        stream.write_all(answer.as_bytes()).await.unwrap_or_default();
        stream.shutdown().await.unwrap_or_default();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
        if body.len() >= length {
            return Some(Received { path, headers, body: body.to_owned() });
        }
    }
}
