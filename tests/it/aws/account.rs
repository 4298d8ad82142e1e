//! An account that moto stands in for: started for one test, laid out by steps, told apart by names instead of ids.
//!
//! Steps are raw requests as AWS documents them, since the program under test reads only. moto checks no signatures: the
//! scope in the `Authorization` header is how it tells services and regions apart.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

/// The account that moto takes itself for.
const ACCOUNT: &str = "111122223333";

/// One request that changes the account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    service: String,
    /// A form, for services that speak AWS's query protocols.
    #[serde(default)]
    form: BTreeMap<String, Value>,
    /// The operation with its prefix, for services that speak JSON.
    target: Option<String>,
    json: Option<Value>,
    /// Method and path, for services that speak REST.
    rest: Option<String>,
    #[serde(default)]
    body: String,
    /// Names for texts of the answer, by the element or member that holds them.
    #[serde(default)]
    save: BTreeMap<String, String>,
}

/// A running stand-in, gone with the value.
pub(crate) struct Account {
    server: Child,
    port: u16,
    names: BTreeMap<String, String>,
}

impl Account {
    /// Starts moto, or `None` where it is not to be had.
    pub(crate) fn start() -> Option<Account> {
        let program = std::env::var_os("PLIMSOLL_PEER_MOTO")?;
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = socket.local_addr().expect("it is bound").port();
        drop(socket);
        let server = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .env("MOTO_ACCOUNT_ID", ACCOUNT)
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto starts");
        let account = Account { server, port, names: BTreeMap::new() };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "moto does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(account)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Empties the account; ids come in the same order again.
    pub(crate) fn empty(&mut self) {
        self.names.clear();
        for path in ["/moto-api/reset", "/moto-api/seed?a=42"] {
            self.request("POST", path, &[], "");
        }
    }

    /// Takes steps, each with the names that the ones before it gave.
    pub(crate) fn take(&mut self, steps: &[Step]) {
        for step in steps {
            let answer = self.take_one(step);
            for (name, holder) in &step.save {
                let text = text_of(&answer, holder).unwrap_or_else(|| panic!("no {holder} in {answer}"));
                self.names.insert(name.clone(), text);
            }
        }
    }

    fn take_one(&self, step: &Step) -> String {
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-central-1/{}/aws4_request, SignedHeaders=host, Signature=0",
            step.service
        );
        let mut headers = vec![("Authorization", scope)];
        let (method, path, body) = if let Some(target) = &step.target {
            headers.push(("X-Amz-Target", target.clone()));
            headers.push(("Content-Type", "application/x-amz-json-1.1".to_owned()));
            ("POST", "/".to_owned(), self.fill(&step.json.clone().unwrap_or_default().to_string()))
        } else if let Some(rest) = &step.rest {
            let (method, path) = rest.split_once(' ').expect("a method and a path");
            (method, self.fill(path), self.fill(&step.body))
        } else {
            headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
            let pairs = step.form.iter().map(|(key, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{}={}", escaped(key), escaped(&self.fill(&value)))
            });
            ("POST", "/".to_owned(), pairs.collect::<Vec<_>>().join("&"))
        };
        self.request(method, &path, &headers, &body)
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, String)], body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("moto listens");
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", self.port);
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(text.as_bytes()).expect("moto reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("moto answers");
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(status.starts_with('2'), "{method} {path} {body}\n{answer}");
        answer
    }

    /// Puts ids in the place of `${name}`.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("${{{name}}}"), id))
    }

    /// Puts `${name}` in the place of ids, so that what is told is the same in every run.
    pub(crate) fn name_ids(&self, text: &str) -> String {
        let name =
            |text: String, (name, id): (&String, &String)| text.replace(id.as_str(), &format!("${{{name}}}"));
        self.names.iter().fold(text.to_owned(), name)
    }

    /// Lets a program see this account and nothing of the machine's own configuration.
    pub(crate) fn show_to(&self, command: &mut Command) {
        for name in ["AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "KUBECONFIG"] {
            command.env_remove(name);
        }
        command
            .env("AWS_ENDPOINT_URL", self.url())
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "never-show-this-key")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", Path::new("/dev/null"))
            .env("AWS_SHARED_CREDENTIALS_FILE", Path::new("/dev/null"));
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The first text that an XML element or a JSON member of this name holds.
fn text_of(answer: &str, holder: &str) -> Option<String> {
    let after = |start: &str| answer.split_once(start).map(|(_, rest)| rest);
    let xml = after(&format!("<{holder}>")).and_then(|rest| rest.split_once('<')).map(|(text, _)| text);
    let json =
        || after(&format!("\"{holder}\": \"")).and_then(|rest| rest.split_once('"')).map(|(text, _)| text);
    xml.or_else(json).map(str::to_owned)
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
