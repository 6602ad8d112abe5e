//! Credential helpers: programs named `docker-credential-…` that are told a registry and answer with its credentials
//! (github.com/docker/docker-credential-helpers). The only place of this room that starts programs. Leans on serde.

use super::{Credential, Secret};
use serde::Deserialize;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a helper may take.
const LIMIT: Duration = Duration::from_secs(5);
/// The most bytes of an answer.
const LARGEST: u64 = 1 << 20;

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username")]
    user: String,
    #[serde(rename = "Secret")]
    secret: String,
}

/// Asks a helper for the credentials of a server. `Ok(None)`: it has none. The error is a sentence for people.
pub(super) fn get(name: &str, server: &str) -> Result<Option<Credential>, String> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.bytes().all(word) {
        return Err("a credential helper is not asked: its name would lead to another program".to_owned());
    }
    let program = format!("docker-credential-{name}");
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    for secret in crate::model::SECRET_VARIABLES {
        command.env_remove(secret);
    }
    let mut child = command.spawn().map_err(|error| format!("{program} cannot be started: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not listen will be seen by what it answers.
        let _ = stdin.write_all(server.as_bytes());
    }
    let (tell, heard) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.take(LARGEST).read_to_end(&mut bytes);
            // Whoever waited may have gone on.
            let _ = tell.send(read.map(|_| bytes));
        });
    }
    let Some(ok) = wait(&mut child) else {
        return Err(format!("{program} did not answer within {} s and was ended", LIMIT.as_secs()));
    };
    let bytes = heard.recv_timeout(Duration::from_secs(1)).ok().and_then(Result::ok).unwrap_or_default();
    if !ok {
        // What a helper says when it knows nothing is part of the protocol; anything else is a trouble, and not quoted.
        let said = String::from_utf8_lossy(&bytes);
        return if said.contains("not found") { Ok(None) } else { Err(format!("{program} failed")) };
    }
    let answer: Answer =
        serde_json::from_slice(&bytes).map_err(|_| format!("{program} did not answer with credentials"))?;
    if answer.secret.is_empty() {
        return Ok(None);
    }
    let secret = Secret::new(answer.secret);
    Ok(Some(match answer.user.as_str() {
        "<token>" => Credential::Refresh(secret),
        _ => Credential::Password { user: answer.user, password: secret },
    }))
}

/// Waits for the end; `None` where the time is over, and the helper with all that it started is ended.
fn wait(child: &mut Child) -> Option<bool> {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if begun.elapsed() < LIMIT => std::thread::sleep(pause),
            Ok(None) | Err(_) => break,
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    drop(child.wait());
    None
}
