//! HTTP/1.1 as far as the double needs it: requests with a length, answers with a length.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::faults::Fault;
use super::{Repositories, TOKEN, lock, routes};

pub(super) struct HttpRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Value,
    is_authorized: bool,
}

pub(super) struct HttpAnswer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Value,
}

impl HttpAnswer {
    pub(super) fn of(status: u16, body: Value) -> HttpAnswer {
        HttpAnswer { status, headers: Vec::new(), body }
    }
}

/// Answers the requests of one connection.
pub(super) fn serve(stream: TcpStream, repositories: &Mutex<Repositories>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    while let Some(request) = read(&mut reader) {
        if !request.is_authorized {
            write(&mut writer, &HttpAnswer::of(401, json!({"message": "Bad credentials"})), false);
            continue;
        }
        let mut repositories = lock(repositories);
        let state = routes::repository_of(&request, &mut repositories);
        let Some(state) = state else {
            drop(repositories);
            write(&mut writer, &HttpAnswer::of(404, json!({"message": "Not Found"})), false);
            continue;
        };
        state.log.push(format!("{} {}", request.method, request.path));
        let fault = state.faults.next(&request.method, &request.path);
        let shows_first_page = fault == Some(Fault::DuplicatePage);
        let mut carry_out = || routes::answer(&request, state, shows_first_page);
        let (answer, cut, dropped) = match fault {
            None | Some(Fault::DuplicatePage) => (carry_out(), false, false),
            Some(Fault::CutShort) => (carry_out(), true, false),
            Some(Fault::Refused { status, headers, body }) => {
                (HttpAnswer { status, headers, body }, false, false)
            }
            Some(Fault::Broken { status, is_carried_out }) => {
                if is_carried_out {
                    carry_out();
                }
                (HttpAnswer::of(status, Value::String("<html>Unicorn!</html>".to_owned())), false, false)
            }
            Some(Fault::Dropped { is_carried_out }) => {
                if is_carried_out {
                    carry_out();
                }
                (HttpAnswer::of(500, Value::Null), false, true)
            }
        };
        drop(repositories);
        if dropped {
            return;
        }
        write(&mut writer, &answer, cut);
        if cut {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<HttpRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut is_authorized) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok().filter(|length| *length > 0)?;
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => is_authorized = value.trim() == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    Some(HttpRequest {
        method,
        path: path.to_owned(),
        query: query.map(|(name, value)| (name.to_owned(), value.replace("%3A", ":"))).collect(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        is_authorized,
    })
}

fn write(writer: &mut TcpStream, answer: &HttpAnswer, is_cut: bool) {
    let body = match &answer.body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let mut head = format!(
        "HTTP/1.1 {} Answer\r\ncontent-length: {}\r\n",
        answer.status,
        body.len() + usize::from(is_cut)
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let shown = if is_cut { &body[..body.len() / 2] } else { &body[..] };
    // The other side may have gone; that is its own affair.
    let _ = writer.write_all(format!("{head}{shown}").as_bytes());
}
