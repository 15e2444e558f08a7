//! The rate at which the practice organization serves the System Log to a client that only reads.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

/// Reads all pages from a time on, over one connection, and returns their number and the seconds.
pub(crate) fn read_all(address: SocketAddr, token: &str, since: &str) -> (u64, f64) {
    let mut stream = BufReader::with_capacity(1 << 18, TcpStream::connect(address).unwrap());
    let mut path = format!("/api/v1/logs?since={since}&sortOrder=ASCENDING&limit=1000");
    let (start, mut pages, mut body) = (Instant::now(), 0, Vec::new());
    loop {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: SSWS {token}\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (length, next) = read_head(&mut stream);
        body.resize(length, 0);
        stream.read_exact(&mut body).unwrap();
        if length < 3 {
            return (pages, start.elapsed().as_secs_f64());
        }
        pages += 1;
        path = next.unwrap();
    }
}

/// Reads the head of a response and returns the length of its body and the path of the next page.
fn read_head(stream: &mut BufReader<TcpStream>) -> (usize, Option<String>) {
    let (mut length, mut next, mut line) = (0, None, String::new());
    loop {
        line.clear();
        stream.read_line(&mut line).unwrap();
        let (name, value) = line.trim_end().split_once(": ").unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "link" if value.contains("rel=\"next\"") => {
                let url = value
                    .split('<')
                    .filter(|link| link.contains("rel=\"next\""))
                    .find_map(|link| link.split('>').next());
                next = url.and_then(|url| Some(url[url.find("/api/")?..].to_owned()));
            }
            _ if line.trim_end().is_empty() => return (length, next),
            _ => {}
        }
    }
}
