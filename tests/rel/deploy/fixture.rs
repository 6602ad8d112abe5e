//! A repository with releases, and a fake deployer `play` in its tree, which records its calls, and fails or hangs where a
//! file says so.

use crate::support::Sandbox;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Staging and prod, both deployed by `play`.
pub const PLAIN: &str = "[environment.staging]\ndeploy = ['./play', 'deploy']\n\
    [environment.prod]\ndeploy = ['./play', 'deploy']\nverify = ['./play', 'verify']\n";

const FAKE_DEPLOYER: &str = r#"#!/bin/sh
# A fake deployer: records its calls, and fails or hangs where a file says so.
root='ROOT'
echo "$REL_ACTION $1 $REL_ENV $REL_VERSION ${REL_WEIGHT:--}" >> "$root/told"
if [ -e "$root/hang-$1-$REL_VERSION" ]; then
  trap '' TERM
  sh -c 'trap "" TERM; sleep 300' &
  echo $$ $! >> "$root/pids"
  wait
  sleep 300
fi
[ -e "$root/slow-$1-$REL_VERSION" ] && sleep "$(cat "$root/slow-$1-$REL_VERSION")"
if [ -e "$root/chat-$1-$REL_VERSION" ]; then
  for turn in $(seq 900); do echo "turn $turn"; sleep 0.01; done
  echo "$1 had the last word" >> "$root/told"
fi
[ -e "$root/report-$1-$REL_VERSION" ] && cp "$root/report-$1-$REL_VERSION" "$REL_RESULT"
if [ -e "$root/fail-$1-$REL_VERSION" ]; then
  echo "$1: it broke"
  exit 3
fi
exit 0
"#;

/// A repository with v1.0.0, v1.1.0 and v1.2.0 on the remote, and these environments.
pub fn shop(environments: &str) -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", &format!("name = 'shop'\n{environments}"));
    shop.write("play", &FAKE_DEPLOYER.replace("ROOT", &shop.root().display().to_string()));
    shop.git("add .");
    shop.git("update-index --chmod=+x play");
    shop.git("config core.fileMode true");
    std::fs::set_permissions(shop.folder().join("play"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    for (version, subject) in [("1.0.0", "feat: carts"), ("1.1.0", "feat: coupons"), ("1.2.0", "feat: gifts")]
    {
        shop.commit(subject);
        shop.git_words(&["tag", "-a", "-m", version, &format!("v{version}")]);
    }
    shop.git("push -q origin main --tags");
    // A process that is killed leaves its temporary folder in the sandbox.
    let temporary = shop.root().join("tmp").display().to_string();
    std::fs::create_dir_all(&temporary).unwrap();
    shop.with("TMPDIR", &temporary)
}

/// The same, where prod ran 1.0.0 and now runs 1.1.0.
pub fn running(environments: &str) -> Sandbox {
    let shop = shop(environments);
    shop.rel("deploy prod v1.0.0 -q --yes").code_is(0);
    shop.rel("deploy prod v1.1.0 -q --yes").code_is(0);
    shop.forget_calls();
    shop
}

/// Says on stderr that a test cannot run here, and why.
pub fn skipped(why: &str) {
    let mut stderr = std::io::stderr().lock();
    writeln!(stderr, "SKIPPED: {why}").unwrap();
}

/// How tests use the fake deployer and the environments.
pub trait Fixture {
    fn file(&self, name: &str) -> PathBuf;
    fn behave(&self, name: &str, text: &str);
    fn calls(&self) -> String;
    fn forget_calls(&self);
    fn wait_for_call(&self, line: &str);
    fn no_process_is_left(&self);
    fn state(&self, environment: &str) -> String;
    fn clone_to(&self, folder: &str, options: &str);
}

impl Fixture for Sandbox {
    fn file(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Makes the fake deployer behave in some way: `fail-verify-1.2.0`.
    fn behave(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// Returns the calls of the fake deployer, one per line.
    fn calls(&self) -> String {
        std::fs::read_to_string(self.file("told")).unwrap_or_default()
    }

    fn forget_calls(&self) {
        std::fs::write(self.file("told"), "").unwrap();
    }

    /// Waits for a call of the fake deployer.
    #[track_caller]
    fn wait_for_call(&self, line: &str) {
        let begun = Instant::now();
        while !self.calls().lines().any(|told| told == line) {
            assert!(begun.elapsed() < Duration::from_secs(15), "no call {line}:\n{}", self.calls());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that no process that hung is left.
    #[track_caller]
    fn no_process_is_left(&self) {
        let pids = std::fs::read_to_string(self.file("pids")).unwrap();
        assert!(!pids.is_empty());
        for pid in pids.split_whitespace() {
            assert!(!PathBuf::from(format!("/proc/{pid}")).exists(), "process {pid} is left");
        }
    }

    /// Returns version and state of an environment, and whether it is held.
    #[track_caller]
    fn state(&self, environment: &str) -> String {
        let run = self.rel_words(&["status", environment, "--format", "json"]);
        run.code_is(0);
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let row = &json["environments"][0];
        let held = if row["hold"].is_null() { "" } else { ", held" };
        format!(
            "{} {}{held}",
            row["version"].as_str().unwrap_or("nothing"),
            row["state"].as_str().unwrap_or("-")
        )
    }

    /// Makes another clone of the origin in the sandbox.
    fn clone_to(&self, folder: &str, options: &str) {
        let url = format!("file://{}", self.file("origin/shop.git").display());
        let target = self.file(folder).display().to_string();
        let mut words = vec!["clone", "-q"];
        words.extend(options.split_whitespace());
        words.extend([url.as_str(), target.as_str()]);
        self.git_words(&words);
    }
}
