//! Debian's docker-registry on a local port: open, with htpasswd, or with a token service of the tests. Its access log
//! tells which requests it got.

use super::token::TokenService;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

pub const USER: &str = "ada";
pub const PASSWORD: &str = "correct-horse-battery";

/// How clients authenticate.
enum Access {
    Open,
    Htpasswd,
    Token(TokenService),
    /// Over https, with a certificate of its own.
    Tls,
}

pub struct Registry {
    folder: TempDir,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    door: Access,
    /// `127.0.0.1:41234`.
    pub host: String,
}

impl Registry {
    pub fn open() -> Self {
        Registry::start(Access::Open)
    }

    pub fn with_htpasswd() -> Self {
        Registry::start(Access::Htpasswd)
    }

    pub fn with_tokens() -> Self {
        Registry::start(Access::Token(TokenService::start()))
    }

    /// Starts a registry with https; also returns the file with its root certificate.
    pub fn with_tls() -> (Self, String) {
        let registry = Registry::start(Access::Tls);
        let root = std::fs::read_to_string(registry.folder.path().join("root")).unwrap();
        (registry, root)
    }

    fn start(door: Access) -> Self {
        let folder = tempfile::Builder::new().prefix("rel-registry-").tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let auth = match &door {
            Access::Open => String::new(),
            Access::Tls => {
                let (key, certificate) = (at("key"), at("cert"));
                let root = "/CN=root -keyout ROOTKEY -out ROOT";
                let leaf = "/CN=rel -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=CA:FALSE \
                            -CA ROOT -CAkey ROOTKEY -keyout KEY -out CERT";
                for words in [root, leaf] {
                    let words = format!("req -x509 -newkey rsa:2048 -nodes -days 3650 -subj {words}");
                    let file = |word: &str| match word {
                        "ROOTKEY" | "ROOT" => at(&word.to_lowercase()),
                        "KEY" => key.clone(),
                        "CERT" => certificate.clone(),
                        other => other.to_owned(),
                    };
                    let words: Vec<String> = words.split_whitespace().map(file).collect();
                    let made = Command::new("openssl").args(words).output().unwrap();
                    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
                }
                // Indented as a part of `http`, which is written before.
                format!("  tls:\n    certificate: {certificate}\n    key: {key}\n")
            }
            Access::Htpasswd => {
                let line = Command::new("htpasswd").args(["-Bbn", USER, PASSWORD]).output().unwrap();
                assert!(line.status.success(), "htpasswd: is apache2-utils installed?");
                std::fs::write(at("htpasswd"), line.stdout).unwrap();
                format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", at("htpasswd"))
            }
            Access::Token(service) => format!(
                "auth:\n  token:\n    realm: {}\n    service: registry.test\n    issuer: rel-test\n    rootcertbundle: {}\n",
                service.realm(),
                service.certificate().display()
            ),
        };
        let config = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    \
             enabled: true\nhttp:\n  addr: 127.0.0.1:0\n{auth}",
            at("data")
        );
        std::fs::write(at("config.yml"), config).unwrap();
        let mut child = Command::new("docker-registry")
            .args(["serve", &at("config.yml")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("docker-registry: {error}: ./check installs it"));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (tell, heard) = mpsc::channel();
        for end in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let (log, tell) = (Arc::clone(&log), tell.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(end).lines().map_while(Result::ok) {
                    if let Some((_, rest)) = line.split_once("listening on ") {
                        let host: String =
                            rest.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
                        let _ = tell.send(host);
                    }
                    log.lock().unwrap().push(line);
                }
            });
        }
        let host = heard.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| {
            panic!("docker-registry did not start:\n{}", log.lock().unwrap().join("\n"));
        });
        Registry { folder, child, log, door, host }
    }

    /// The service that gives tokens.
    pub fn tokens(&self) -> &TokenService {
        match &self.door {
            Access::Token(service) => service,
            _ => panic!("this registry wants no tokens"),
        }
    }

    /// Returns the lines of the access log, as `HEAD /v2/…/v1.4.0 404`, without those that skopeo caused.
    pub fn requests(&self) -> Vec<String> {
        // The log is written behind the answer.
        std::thread::sleep(Duration::from_millis(150));
        let log = self.log.lock().unwrap();
        let ours = log.iter().filter(|line| line.contains("\"rel/") && line.contains("HTTP/1.1\" "));
        ours.map(|line| {
            let mut parts = line.split('"');
            let request = parts.nth(1).unwrap().trim_end_matches(" HTTP/1.1");
            let status = parts.next().unwrap().trim().split(' ').next().unwrap();
            format!("{request} {status}")
        })
        .collect()
    }

    /// Pushes an image of a layout, with all platforms.
    #[track_caller]
    pub fn push(&self, layout: &Path, tag: &str, target: &str) {
        let source = format!("oci:{}:{tag}", layout.display());
        let target = format!("docker://{}/{target}", self.host);
        self.skopeo(&["copy", "--all", "--preserve-digests", "--dest-tls-verify=false", &source, &target]);
    }

    /// Pushes an image of a layout in Docker's schema 2: all platforms, or only the first.
    #[track_caller]
    pub fn push_docker(&self, layout: &Path, tag: &str, target: &str, all: bool) {
        let source = format!("oci:{}:{tag}", layout.display());
        let target = format!("docker://{}/{target}", self.host);
        let which: &[&str] = if all { &["--all"] } else { &["--multi-arch=system"] };
        let words = ["copy", "--format=v2s2", "--dest-tls-verify=false"];
        self.skopeo(&[&words, which, &[source.as_str(), target.as_str()]].concat());
    }

    /// Returns the bytes of a manifest, read with skopeo.
    #[track_caller]
    pub fn raw(&self, reference: &str) -> Vec<u8> {
        let target = format!("docker://{}/{reference}", self.host);
        self.skopeo(&["inspect", "--raw", "--tls-verify=false", &target])
    }

    /// Deletes a manifest.
    #[track_caller]
    pub fn delete(&self, path: &str, digest: &str) {
        let mut stream = std::net::TcpStream::connect(&self.host).unwrap();
        let text = format!(
            "DELETE /v2/{path}/manifests/{digest} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
            self.host
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }

    /// Removes the bytes of a manifest or a blob from the disk, as a garbage collection that went wrong does.
    pub fn lose(&self, path: &str, digest: &str) {
        let digits = &digest[7..];
        let data = self.folder.path().join("data/docker/registry/v2");
        std::fs::remove_dir_all(data.join("blobs/sha256").join(&digits[..2]).join(digits)).unwrap();
        assert!(data.join("repositories").join(path).is_dir());
    }

    #[track_caller]
    fn skopeo(&self, words: &[&str]) -> Vec<u8> {
        let mut command = Command::new("skopeo");
        command.arg("--insecure-policy").arg(words[0]).env("HOME", self.folder.path());
        if matches!(self.door, Access::Htpasswd | Access::Token(_)) {
            let who = format!("{USER}:{PASSWORD}");
            let flag = if words[0] == "copy" { "--dest-creds" } else { "--creds" };
            command.args([flag, &who]);
        }
        let output = command.args(&words[1..]).output();
        let output = output.unwrap_or_else(|error| panic!("skopeo: {error}: ./check installs it"));
        assert!(output.status.success(), "skopeo {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
