//! A CONNECT proxy that leads some host names to the practice organization and refuses every other.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A running proxy; dropping it stops it.
pub(crate) struct Proxy {
    url: String,
    refused: Arc<Mutex<BTreeSet<String>>>,
    // Its task ends with it.
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Starts a proxy that connects each host with its target.
    pub(crate) async fn start(targets: &[(&str, SocketAddr)]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let refused = Arc::<Mutex<BTreeSet<String>>>::default();
        let targets: Vec<_> = targets.iter().map(|(host, target)| (format!("{host}:443"), *target)).collect();
        let (targets, list) = (Arc::new(targets), Arc::clone(&refused));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (targets, list) = (Arc::clone(&targets), Arc::clone(&list));
                // A connection that breaks is the client's to report.
                connections.spawn(async move { drop(serve(socket, &targets, &list).await) });
            }
        });
        Ok(Self { url, refused, _tasks: tasks })
    }

    /// Returns its address, as `HTTPS_PROXY` names it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the addresses that it was asked for and refused.
    pub(crate) fn refused(&self) -> BTreeSet<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(
    mut socket: TcpStream,
    targets: &[(String, SocketAddr)],
    refused: &Mutex<BTreeSet<String>>,
) -> io::Result<()> {
    let request = head(&mut socket).await?;
    let mut words = request.split_whitespace();
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let target = targets.iter().find(|(allowed, _)| method == "CONNECT" && address == allowed);
    let Some((_, target)) = target else {
        refused.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{method} {address}"));
        return socket.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    };
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
