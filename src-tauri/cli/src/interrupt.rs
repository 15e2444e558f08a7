//! The request to end this process.

/// Waits for Ctrl-C or a request to end: SIGTERM on Unix; Ctrl-Break, the closing of the console or a shutdown on Windows.
pub(crate) async fn interrupted() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
        if let (Ok(mut interrupted), Ok(mut closed), Ok(mut shutdown)) = (ctrl_break(), ctrl_close(), ctrl_shutdown()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = interrupted.recv() => {}
                _ = closed.recv() => {}
                _ = shutdown.recv() => {}
            }
            return;
        }
    }
    drop(tokio::signal::ctrl_c().await);
}
