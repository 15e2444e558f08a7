//! Another host, which must never see a token: it counts what reaches it and whether it carried a credential.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A second loopback server.
pub struct Foreign {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Foreign {
    /// Starts it.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let heard = seen.clone();
        let task = tokio::task::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = vec![0; 16 * 1024];
                let read = socket.read(&mut request).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                // Whether the client still listens is no matter.
                drop(
                    socket
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]")
                        .await,
                );
            }
        });
        Ok(Self { url, seen, task })
    }

    /// Returns its origin.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns how many requests reached it.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Tells whether any request carried an `Authorization` header.
    #[must_use]
    pub fn saw_token(&self) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().any(|request| request.to_lowercase().contains("authorization:"))
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.task.abort();
    }
}
