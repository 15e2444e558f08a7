//! A CONNECT proxy that leads one host name to the practice organization and refuses every other.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A running proxy; dropping it stops it.
pub struct Proxy {
    url: String,
    refused: Arc<Mutex<BTreeSet<String>>>,
    // Its task ends with it.
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy that connects `host` with `target`.
    pub async fn start(host: &str, target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let refused = Arc::<Mutex<BTreeSet<String>>>::default();
        let (allowed, list) = (format!("{host}:443"), Arc::clone(&refused));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (allowed, list) = (allowed.clone(), Arc::clone(&list));
                // A connection that breaks is the client's to report.
                connections.spawn(async move { drop(serve(socket, &allowed, target, &list).await) });
            }
        });
        Ok(Self { url, refused, _tasks: tasks })
    }

    /// Returns its address, as `HTTPS_PROXY` names it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the addresses that it was asked for and refused.
    pub fn refused(&self) -> BTreeSet<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    mut socket: TcpStream,
    allowed: &str,
    target: SocketAddr,
    refused: &Mutex<BTreeSet<String>>,
) -> io::Result<()> {
    let request = head(&mut socket).await?;
    let mut words = request.split_whitespace();
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if method != "CONNECT" || address != allowed {
        refused.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{method} {address}"));
        return socket.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    }
    let mut server = TcpStream::connect(target).await?;
    socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    tokio::io::copy_bidirectional(&mut socket, &mut server).await.map(|_| ())
}

/// Reads a request up to the empty line after its headers.
async fn head(socket: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
        head.push(socket.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
