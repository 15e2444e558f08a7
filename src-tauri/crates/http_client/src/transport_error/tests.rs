//! Which class a failure has, by its causes and by whether the connection stood.

use std::sync::Arc;

use reqwest::dns::{Name, Resolve, Resolving};

use super::*;

#[test]
fn certificate_errors_are_classified_by_type() {
    use rustls::CertificateError as Invalid;
    let classified = |invalid| tls_error(&rustls::Error::InvalidCertificate(invalid));
    assert_eq!(classified(Invalid::UnknownIssuer), TransportError::Untrusted);
    assert_eq!(classified(Invalid::NotValidForName), TransportError::WrongHost);
    assert_eq!(classified(Invalid::NotValidYet), TransportError::Expired);
    assert_eq!(classified(Invalid::Expired), TransportError::Expired);
    let other = rustls::OtherError(Arc::new(io::Error::other("a self-signed authority as a server")));
    assert_eq!(classified(Invalid::Other(other)), TransportError::Untrusted);
    assert_eq!(tls_error(&rustls::Error::HandshakeNotComplete), TransportError::Tls);
}

#[test]
fn a_certificate_error_that_names_a_proxy_is_no_failure_of_a_proxy() {
    use rustls::pki_types::{ServerName, UnixTime};
    let for_other = rustls::CertificateError::NotValidForNameContext {
        expected: ServerName::try_from("proxy.example.com").unwrap(),
        presented: vec!["DnsName(\"proxy.example\")".to_owned()],
    };
    let expired = rustls::CertificateError::ExpiredContext {
        time: UnixTime::since_unix_epoch(std::time::Duration::from_secs(2)),
        not_after: UnixTime::since_unix_epoch(std::time::Duration::from_secs(1)),
    };
    for (invalid, class) in [(for_other, TransportError::WrongHost), (expired, TransportError::Expired)] {
        let inner = io::Error::other(rustls::Error::InvalidCertificate(invalid));
        assert_eq!(TransportError::of_causes(&io::Error::other(inner), false), class);
    }
    let alert = io::Error::other(io::Error::other(rustls::Error::General("proxy".to_owned())));
    assert_eq!(TransportError::of_causes(&alert, false), TransportError::Tls);
    for text in ["tunnel error: unsuccessful", "proxy authentication required"] {
        let failed = io::Error::other(io::Error::other(text));
        assert_eq!(TransportError::of_causes(&failed, false), TransportError::Proxy, "{text}");
    }
}

#[test]
fn an_error_wrapped_in_an_io_error_is_found() {
    let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
    let outer = io::Error::other(inner);
    assert!(causes(&outer).any(|cause| cause.downcast_ref::<rustls::Error>().is_some()));
    assert_eq!(texts(&outer).matches("decrypt").count(), 2, "{}", texts(&outer));
}

#[test]
fn a_missing_host_is_distinguished_from_a_name_server_that_does_not_respond() {
    assert_eq!(
        dns_error("dns error / failed to lookup address information: name or service not known"),
        TransportError::HostNotFound
    );
    assert_eq!(
        dns_error("failed to lookup address information: zu diesem hostnamen gehört keine adresse"),
        TransportError::HostNotFound
    );
    assert_eq!(dns_error("dns error / temporary failure in name resolution"), TransportError::NoResolver);
    assert_eq!(dns_error("dns error / temporärer fehler bei der namensauflösung"), TransportError::NoResolver);
}

/// Returns every class, with the class that a change has whose connection stood.
fn classes() -> [(TransportError, TransportError); 17] {
    use TransportError as Class;
    let inspected = || {
        let issuer = model::certificate_issuer::Issuer { name: "Inspection".to_owned(), key: None };
        Class::Inspected(Box::new(RefusedIssuer { host: "acme.okta.com".to_owned(), issuer }))
    };
    [
        (Class::NoNetwork, Class::Reset),
        (Class::HostNotFound, Class::Reset),
        (Class::NoResolver, Class::Reset),
        (Class::Refused, Class::Reset),
        (Class::Tls, Class::Reset),
        (Class::Untrusted, Class::Reset),
        (Class::IncompleteChain, Class::Reset),
        (Class::Expired, Class::Reset),
        (Class::WrongHost, Class::Reset),
        (Class::Proxy, Class::Reset),
        (Class::InvalidRequest, Class::Reset),
        (Class::Reset, Class::Reset),
        (Class::TimedOut, Class::TimedOut),
        (Class::Truncated, Class::Truncated),
        (Class::TooLarge, Class::TooLarge),
        (Class::NotHttp, Class::NotHttp),
        (inspected(), inspected()),
    ]
}

#[test]
fn after_the_connection_stood_no_class_says_that_a_change_was_not_sent() {
    for (class, after) in classes() {
        assert_eq!(class.clone().after_connect(), after, "{class:?}");
    }
}

/// Starts a server that accepts one connection, reads a request, replies and closes the connection. Returns its address.
fn server(reply: &'static [u8]) -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/api/v1/zones", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(io::Read::read(&mut stream, &mut request).unwrap() > 0, "the request was sent");
        io::Write::write_all(&mut stream, reply).unwrap();
    });
    address
}

/// Sends a change and returns the class of its failure.
async fn class_of_change(client: reqwest::ClientBuilder, address: &str) -> TransportError {
    let client = client.no_proxy().build().unwrap();
    TransportError::from_change(&client.post(address).body("{}").send().await.unwrap_err())
}

/// A name server whose every answer is this error.
struct FailingResolver(&'static str);

impl Resolve for FailingResolver {
    fn resolve(&self, _name: Name) -> Resolving {
        let error = io::Error::other(self.0);
        Box::pin(std::future::ready(Err(error.into())))
    }
}

#[tokio::test]
async fn a_change_is_called_not_sent_only_if_no_connection_stood() {
    let client = reqwest::Client::builder;
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    assert_eq!(class_of_change(client(), &address).await, TransportError::Refused);
    for (answer, class) in [
        ("failed to lookup address information: Name or service not known", TransportError::HostNotFound),
        ("failed to lookup address information: Temporary failure in name resolution", TransportError::NoResolver),
    ] {
        let unresolved = client().dns_resolver(Arc::new(FailingResolver(answer)));
        assert_eq!(class_of_change(unresolved, "http://no-such-host.invalid/").await, class, "{answer}");
    }
    assert_eq!(class_of_change(client(), &server(b"")).await, TransportError::Reset);
    assert_eq!(class_of_change(client(), &server(b"no HTTP\r\n\r\n")).await, TransportError::NotHttp);
    // The server accepts the connection and answers nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/", silent.local_addr().unwrap());
    let impatient = client().timeout(std::time::Duration::from_millis(50));
    assert_eq!(class_of_change(impatient, &address).await, TransportError::TimedOut);
}

#[tokio::test]
async fn a_change_that_plain_http_answers_to_tls_was_not_sent() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("https://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // Kept until the client has read it.
        io::Read::read_to_end(&mut stream, &mut Vec::new()).ok();
    });
    assert_eq!(class_of_change(reqwest::Client::builder(), &address).await, TransportError::Tls);
}
