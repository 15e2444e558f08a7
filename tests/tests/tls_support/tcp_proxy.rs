//! A TCP proxy between the app and a server that can be closed, opened again, and limited to a number of bytes.
#![expect(clippy::disallowed_methods, reason = "the proxy runs outside the product")]

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A proxy to one address. Dropping it closes it.
pub(crate) struct TcpProxy {
    address: SocketAddr,
    to: SocketAddr,
    traffic: Option<JoinHandle<()>>,
}

impl TcpProxy {
    /// Starts a proxy that forwards everything, or this many bytes of the responses on each connection.
    pub(crate) async fn start(to: SocketAddr, bytes: Option<usize>) -> Self {
        let mut proxy = Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), to, traffic: None };
        proxy.open(bytes).await;
        proxy
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection; new connections are refused.
    pub(crate) async fn close(&mut self) {
        if let Some(traffic) = self.traffic.take() {
            traffic.abort();
            // An aborted task always ends with an error.
            drop(traffic.await);
        }
    }

    /// Opens the same port again.
    pub(crate) async fn open(&mut self, bytes: Option<usize>) {
        self.close().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let to = self.to;
        self.traffic = Some(tokio::task::spawn(async move {
            let mut pairs = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                pairs.spawn(forward(near, to, bytes));
            }
        }));
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.traffic.iter().for_each(JoinHandle::abort);
    }
}

/// Forwards both ways until one side ends or the limit is reached.
async fn forward(near: TcpStream, to: SocketAddr, bytes: Option<usize>) {
    let Ok(far) = TcpStream::connect(to).await else { return };
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let asked = tokio::io::copy(&mut near_in, &mut far_out);
    let answered = async {
        let mut left = bytes.unwrap_or(usize::MAX);
        let mut part = [0; 4096];
        while left > 0 {
            let Ok(read @ 1..) = far_in.read(&mut part).await else { return };
            let through = read.min(left);
            if near_out.write_all(&part[..through]).await.is_err() {
                return;
            }
            left -= through;
        }
    };
    tokio::select! {
        _ = asked => {}
        () = answered => {}
    }
}
