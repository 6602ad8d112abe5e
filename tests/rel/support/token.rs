//! A token service (distribution specification, token authentication): JWTs signed with a key of its own, over GET with
//! Basic and over POST with a refresh token.

use super::http::{Request, serve};
use super::registry::{PASSWORD, USER};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What a service trades for tokens.
pub const REFRESH: &str = "refresh-token-of-ada";

pub struct TokenService {
    folder: TempDir,
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TokenService {
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("rel-token-").tempdir().unwrap();
        certificate(folder.path());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, keys) = (Arc::clone(&asked), folder.path().to_owned());
        let address = serve(move |request| Some(answer(&keys, &log, request)));
        TokenService { folder, address, asked }
    }

    pub fn realm(&self) -> String {
        format!("http://{}/token", self.address)
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert")
    }

    /// What it was asked: `GET repository:a/b:pull,push` and the like.
    pub fn requests(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(keys: &Path, log: &Mutex<Vec<String>>, request: Request) -> Vec<u8> {
    let form = match request.method.as_str() {
        "POST" => String::from_utf8(request.body.clone()).unwrap(),
        _ => request.path.split_once('?').map_or(String::new(), |(_, query)| query.to_owned()),
    };
    let pairs = reqwest::Url::parse(&format!("http://x/?{form}")).unwrap();
    let values = |name: &str| -> Vec<String> {
        pairs.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    };
    let scopes: Vec<String> = values("scope")
        .iter()
        .flat_map(|scope| scope.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(format!("{} {}", request.method, scopes.join(" ")));
        log.len()
    };
    let basic = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let admitted = match request.method.as_str() {
        "POST" => values("grant_type") == ["refresh_token"] && values("refresh_token") == [REFRESH],
        _ => request.header("authorization") == Some(basic.as_str()),
    };
    if !admitted {
        let body = json!({ "details": "incorrect username or password" }).to_string();
        return format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            .into_bytes();
    }
    let access = scopes.iter().map(|scope| {
        let parts: Vec<&str> = scope.split(':').collect();
        json!({ "type": parts[0], "name": parts[1], "actions": parts[2].split(',').collect::<Vec<_>>() })
    });
    let body = json!({ "token": token(keys, number, access.collect()), "expires_in": 300 }).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Makes `key` and `cert`. The certificate is valid from 2000 to 2099, so that it does not matter which clock the registry has.
fn certificate(folder: &Path) {
    let config = "[ca]\ndefault_ca = d\n[d]\ndatabase = db\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n";
    for (name, text) in [("config", config), ("db", ""), ("serial", "01\n")] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    for line in [
        "req -new -newkey rsa:2048 -nodes -subj /CN=rel-test -keyout key -out request",
        "ca -batch -notext -selfsign -config config -keyfile key -in request -out cert -startdate 20000101000000Z -enddate 20991231235959Z",
    ] {
        let made = Command::new("openssl").current_dir(folder).args(line.split(' ')).output();
        let made = made.unwrap_or_else(|error| panic!("openssl: {error}: ./check installs it"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

/// A JWT (RFC 7519), signed by the program openssl.
fn token(keys: &Path, number: usize, access: Vec<serde_json::Value>) -> String {
    let pem = std::fs::read_to_string(keys.join("cert")).unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [der] });
    let claims = json!({
        "iss": "rel-test", "sub": USER, "aud": "registry.test", "exp": 4_102_444_800_u64, "nbf": 0, "iat": 0,
        "jti": number.to_string(), "access": access,
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign"])
        .arg(keys.join("key"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(signed.as_bytes()).unwrap();
    let signature = openssl.wait_with_output().unwrap().stdout;
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
