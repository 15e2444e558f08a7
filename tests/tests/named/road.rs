//! The road between the app and a server: it can be cut, mended, and closed after so many bytes.
#![expect(clippy::disallowed_methods, reason = "a road of its own, without the product's clock")]

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A road to one address. Dropping it cuts it.
pub(crate) struct Road {
    address: SocketAddr,
    to: SocketAddr,
    traffic: Option<JoinHandle<()>>,
}

impl Road {
    /// Opens a road that lets everything through, or so many bytes of every connection's answers.
    pub(crate) async fn to(to: SocketAddr, bytes: Option<usize>) -> Self {
        let mut road = Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), to, traffic: None };
        road.mend(bytes).await;
        road
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the port and every connection; whoever comes is refused.
    pub(crate) async fn cut(&mut self) {
        if let Some(traffic) = self.traffic.take() {
            traffic.abort();
            // An aborted task has nothing to say.
            drop(traffic.await);
        }
    }

    /// Opens the same port again.
    pub(crate) async fn mend(&mut self, bytes: Option<usize>) {
        self.cut().await;
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.address = listener.local_addr().unwrap();
        let to = self.to;
        self.traffic = Some(tokio::task::spawn(async move {
            let mut pairs = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                pairs.spawn(carry(near, to, bytes));
            }
        }));
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.traffic.iter().for_each(JoinHandle::abort);
    }
}

/// Carries both ways until one side ends or the bytes are used up.
async fn carry(near: TcpStream, to: SocketAddr, bytes: Option<usize>) {
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
