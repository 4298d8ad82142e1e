//! A small HTTP server on loopback, with TLS or without, that answers as a test says and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What a server says.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the body is said to be.
    pub(crate) length: usize,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
        Answer::of_status(200, body)
    }

    pub(crate) fn of_status(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        Answer { status, headers: Vec::new(), length: body.len(), body }
    }

    /// No answer: the connection is closed.
    pub(crate) fn none() -> Answer {
        Answer::of_status(0, "")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A server; it ends with the process.
pub(crate) struct Server {
    pub(crate) port: u16,
    scheme: &'static str,
    received: Arc<Mutex<Vec<Received>>>,
}

type Handler = dyn Fn(&Received) -> Answer + Send + Sync;

/// The certificate of `localhost` that test servers show, and the file with it for whoever should trust it.
pub(crate) fn certificate(folder: &Path) -> Arc<ServerConfig> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
    std::fs::write(folder.join("ca.pem"), made.cert.pem()).expect("a file");
    let certificate = CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the versions of TLS are known")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("the certificate fits its key");
    Arc::new(config)
}

impl Server {
    /// Starts a server; with a configuration it speaks TLS.
    pub(crate) fn start(
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (log, handler): (_, Arc<Handler>) = (Arc::clone(&received), Arc::new(handler));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, handler, tls) = (Arc::clone(&log), Arc::clone(&handler), tls.clone());
                std::thread::spawn(move || match tls {
                    Some(config) => {
                        let Ok(connection) = ServerConnection::new(config) else { return };
                        let mut stream = StreamOwned::new(connection, stream);
                        serve(&mut stream, &log, &*handler);
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                    None => serve(&mut { stream }, &log, &*handler),
                });
            }
        });
        Server { port, scheme, received }
    }

    pub(crate) fn address(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.port)
    }

    /// Forgets what was asked so far.
    pub(crate) fn forget(&self) {
        self.received.lock().expect("no thread panics with the lock").clear();
    }

    /// Everything that was asked so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no thread panics with the lock").clone()
    }
}

fn serve(stream: &mut (impl Read + Write), log: &Mutex<Vec<Received>>, handler: &Handler) {
    let Some(request) = read(stream) else { return };
    log.lock().expect("no thread panics with the lock").push(request.clone());
    let answer = handler(&request);
    if answer.status == 0 {
        return;
    }
    let mut head = format!("HTTP/1.1 {} Status\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", answer.length));
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&answer.body);
    let _ = stream.flush();
}

fn read(stream: &mut impl Read) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut request = Received {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Received::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// Whether something listens there.
pub(crate) fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}
