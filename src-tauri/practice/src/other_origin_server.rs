//! Another host, which must never receive a token: it counts its requests and notes whether one carried a credential.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Response to every request.
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";

/// A second loopback server; dropping it stops it.
pub struct CredentialTrap {
    url: String,
    requests: Requests,
    task: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Requests(Arc<Mutex<Vec<String>>>);

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialTrap {
    /// Starts the server.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Requests::default();
        let received = requests.clone();
        let task = tokio::task::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = vec![0; 16 * 1024];
                let length = socket.read(&mut request).await.unwrap_or(0);
                received.lock().push(String::from_utf8_lossy(&request[..length]).into_owned());
                // The client may have gone already.
                drop(socket.write_all(RESPONSE).await);
            }
        });
        Ok(Self { url, requests, task })
    }

    /// Returns its origin.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the number of requests it received.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.lock().len()
    }

    /// Tells whether any request carried an `Authorization` header.
    #[must_use]
    pub fn received_token(&self) -> bool {
        self.requests.lock().iter().any(|request| request.to_lowercase().contains("authorization:"))
    }
}

impl Drop for CredentialTrap {
    fn drop(&mut self) {
        self.task.abort();
    }
}
