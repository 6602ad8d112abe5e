//! A proxy in front of a registry that breaks requests by rules: it cuts connections, delays, answers itself, or changes
//! headers. It records the requests.

use super::http::{Request, serve};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// What is done to a request.
#[derive(Clone)]
pub enum Fault {
    /// Answered here, the registry never hears of it: status, headers, body.
    Answer(u16, &'static str, &'static str),
    /// The connection is cut, the registry never hears of it.
    CutBefore,
    /// The registry does it, and the connection is cut.
    CutAfter,
    /// The registry does it, and answers without this header.
    Without(&'static str),
    /// The registry does it, and this header says something else.
    With(&'static str, &'static str),
    /// The registry sees no credentials, as if the token had run out.
    Stranger,
    /// Answered here with so many spaces.
    Endless(usize),
    /// What was sent in a header comes back in the message of a refusal.
    Echo(&'static str),
    /// Nothing is ever answered.
    Hang,
}

struct Rule {
    method: &'static str,
    path: &'static str,
    times: usize,
    fault: Fault,
}

#[derive(Default)]
struct State {
    rules: Vec<Rule>,
    asked: Vec<String>,
    headers: Vec<(String, String)>,
}

pub struct Proxy {
    /// `127.0.0.1:41235`.
    pub host: String,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// A proxy before a host.
    pub fn before(host: &str) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let (shared, host) = (Arc::clone(&state), host.to_owned());
        let host = serve(move |asked| answer(&shared, &host, asked));
        Proxy { host, state }
    }

    /// Breaks the next `times` requests of a method whose path contains `path`.
    pub fn breaks(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) -> &Self {
        self.state.lock().unwrap().rules.push(Rule { method, path, times, fault });
        self
    }

    /// What it was asked: `HEAD v1.4.0`, by the last part of the path.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// All headers that it was sent.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.state.lock().unwrap().headers.clone()
    }
}

fn answer(state: &Mutex<State>, host: &str, mut asked: Request) -> Option<Vec<u8>> {
    let fault = {
        let mut state = state.lock().unwrap();
        let last = asked.path.rsplit('/').next().unwrap_or_default().to_owned();
        state.asked.push(format!("{} {last}", asked.method));
        state.headers.extend(asked.headers.iter().cloned());
        let matches = |rule: &&mut Rule| {
            rule.times > 0 && rule.method == asked.method && asked.path.contains(rule.path)
        };
        state.rules.iter_mut().find(matches).map(|rule| {
            rule.times -= 1;
            rule.fault.clone()
        })
    };
    let own = |status: u16, headers: &str, body: &str| {
        let length = format!("content-length: {}\r\n", body.len());
        Some(format!("HTTP/1.1 {status} x\r\n{headers}{length}\r\n{body}").into_bytes())
    };
    match fault {
        Some(Fault::Answer(status, headers, body)) => return own(status, headers, body),
        Some(Fault::Echo(header)) => {
            let message = asked.header(header).unwrap_or("nothing").to_owned();
            let body = format!(r#"{{"errors":[{{"code":"DENIED","message":"you sent {message}"}}]}}"#);
            return own(400, "content-type: application/json\r\n", &body);
        }
        Some(Fault::Endless(size)) => return own(200, "", &" ".repeat(size)),
        Some(Fault::CutBefore) => return None,
        Some(Fault::Hang) => loop {
            std::thread::park();
        },
        Some(Fault::Stranger) => asked.headers.retain(|(key, _)| !key.eq_ignore_ascii_case("authorization")),
        _ => {}
    }
    let bytes = forward(host, &asked);
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Some(bytes) };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let without = |name: &str| -> String {
        let prefix = format!("{}:", name.to_ascii_lowercase());
        let kept: Vec<&str> =
            head.split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with(&prefix)).collect();
        kept.join("\r\n")
    };
    let joined = |head: String| Some([head.as_bytes(), &bytes[end..]].concat());
    match fault {
        Some(Fault::CutAfter) => None,
        Some(Fault::Without(name)) => joined(without(name)),
        Some(Fault::With(name, value)) => joined(format!("{}\r\n{name}: {value}", without(name))),
        _ => Some(bytes),
    }
}

fn forward(host: &str, asked: &Request) -> Vec<u8> {
    let mut stream = TcpStream::connect(host).unwrap();
    let mut text = format!("{} {} HTTP/1.1\r\n", asked.method, asked.path);
    for (key, value) in asked.headers.iter().filter(|(key, _)| !key.eq_ignore_ascii_case("connection")) {
        text.push_str(&format!("{key}: {value}\r\n"));
    }
    text.push_str("connection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    stream.write_all(&asked.body).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    // The least of a server closes each connection itself.
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).replace("\r\nConnection: close", "");
    [head.as_bytes(), &bytes[end..]].concat()
}
