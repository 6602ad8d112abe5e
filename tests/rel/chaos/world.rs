//! The repository, its three clones with a person, a clock and a connection each, and the deployer that they share.

use super::actions::Command;
use super::faults::Faults;
use crate::support::{Sandbox, program};
use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

pub const VERSIONS: [&str; 10] =
    ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0"];
const PEOPLE: [&str; 3] = ["ada", "bob", "cleo"];
/// 2026-11-20T12:00:00Z.
const NOON: i64 = 1_795_176_000;
/// How long a connection stays broken under a command that waits for it.
const OUTAGE: Duration = Duration::from_secs(10);
/// How long a command may take. Load must not decide it.
const PATIENCE: Duration = Duration::from_secs(180);

const CONFIG: &str = "name = 'shop'\n[environment.staging]\noverride_in_ci = true\ndeploy = ['./play', 'deploy']\n\
    [environment.prod]\noverride_in_ci = true\nrollback_on_failure = true\ndeploy = ['./play', 'deploy']\nverify = ['./play', 'verify']\n";

/// The deployer: brings a version to an environment (a file), records that, and misbehaves where a file says so.
const DEPLOYER: &str = r#"#!/bin/sh
root='ROOT'
ulimit -S -f unlimited
echo "$REL_ACTION $1 $REL_ENV $REL_VERSION" >> "$root/told"
[ "$1" = deploy ] && echo "$REL_VERSION" > "$root/live-$REL_ENV"
[ -e "$root/cut" ] && cp "$root/cut" "$root/connection-$(cat "$root/cut-clone")" && rm -f "$root/cut"
if [ -e "$root/signal" ]; then
  signal=$(cat "$root/signal"); rm -f "$root/signal"
  kill -"$signal" $PPID
  sleep 1
fi
if [ "$1" = deploy ] && [ -e "$root/wait" ] && rm "$root/wait" 2>/dev/null; then
  echo > "$root/waiting"
  for turn in $(seq 1500); do [ -e "$root/go" ] && break; sleep 0.02; done
fi
if [ -e "$root/fail-$1" ]; then rm -f "$root/fail-$1"; exit 3; fi
exit 0
"#;

/// The connection of one clone to the remote. A full disk here is not full over there.
const SSH: &str = r#"#!/bin/sh
ulimit -S -f unlimited
trap - XFSZ
case "$2" in *receive-pack*) push=true;; *) push=false;; esac
case "$(cat 'ROOT/connection-CLONE')" in
  cut) echo 'ssh: connect to host origin port 22: Connection refused' >&2; exit 255;;
  refuse) if $push; then echo 'remote: Permission denied.' >&2; exit 128; fi;;
  deaf) if $push; then sh -c "$2"; echo 'Connection to origin closed by remote host.' >&2; exit 255; fi;;
  torn) if ! $push; then sh -c "$2" | head -c 900; exit 255; fi;;
esac
exec sh -c "$2"
"#;

/// A `git` that sends `rel` a signal at one of its commands.
const GIT: &str = r#"#!/bin/sh
if [ -e 'ROOT/strike' ]; then
  read -r at when signal < 'ROOT/strike'
  count=$(($(cat 'ROOT/count') + 1)); (ulimit -S -f unlimited; echo $count > 'ROOT/count')
  if [ "$count" = "$at" ]; then
    rm -f 'ROOT/strike'
    if [ "$when" = before ]; then kill -"$signal" $PPID; exec GIT "$@"; fi
    GIT "$@"; code=$?
    kill -"$signal" $PPID
    exit $code
  fi
fi
exec GIT "$@"
"#;

/// How one command ended.
#[derive(Debug)]
pub struct Ended {
    pub clone: usize,
    pub words: String,
    /// `None`: a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// The calls of the deployer while it ran.
    pub calls: Vec<String>,
}

pub struct World {
    pub shop: Sandbox,
    now: Cell<i64>,
    clocks: [Cell<i64>; 3],
    log: RefCell<String>,
}

impl World {
    /// Ten releases on the remote, and three clones.
    pub fn new() -> Self {
        let shop = Sandbox::new();
        let root = shop.root().display().to_string();
        shop.write("release.toml", CONFIG);
        shop.write("play", &DEPLOYER.replace("ROOT", &root));
        shop.git("add .");
        shop.git("update-index --chmod=+x play");
        for version in VERSIONS {
            shop.commit(&format!("feat: what is new in {version}"));
            shop.git_words(&["tag", "-a", "-m", version, &format!("v{version}")]);
        }
        shop.git("push -q origin main --tags");
        let world = World { shop, now: Cell::new(NOON), clocks: Default::default(), log: RefCell::default() };
        let real = world.shop.shell("command -v git").stdout.trim().to_owned();
        program(&world.file("bin/git"), &GIT.replace("ROOT", &root).replace("GIT \"", &format!("{real} \"")));
        std::fs::create_dir_all(world.file("tmp")).unwrap();
        std::fs::write(world.file("told"), "").unwrap();
        for (number, person) in PEOPLE.iter().enumerate() {
            let ssh = SSH.replace("ROOT", &root).replace("CLONE", &number.to_string());
            let home = world.file(&format!("home-{number}"));
            std::fs::create_dir_all(&home).unwrap();
            program(&home.join("ssh"), &ssh);
            let config = format!(
                "[user]\nname = {person}\nemail = {person}@acme.example\n[core]\nsshCommand = {}\n[ssh]\nvariant = simple\n",
                home.join("ssh").display()
            );
            std::fs::write(home.join(".gitconfig"), config).unwrap();
            world.connect(number, "up");
            let to = world.folder(number).display().to_string();
            world.shop.git_words(&["clone", "-q", &format!("{root}/origin/shop.git"), &to]);
            let url = format!("ssh://origin.example{root}/origin/shop.git");
            world.shop.git_words(&["-C", &to, "remote", "set-url", "origin", &url]);
        }
        world
    }

    pub fn file(&self, name: &str) -> PathBuf {
        let file = self.shop.root().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        file
    }

    pub fn folder(&self, clone: usize) -> PathBuf {
        self.shop.root().join(format!("clone-{clone}"))
    }

    pub fn connect(&self, clone: usize, how: &str) {
        self.note(&format!("    connection of {} is {how}", PEOPLE[clone]));
        std::fs::write(self.file(&format!("connection-{clone}")), how).unwrap();
    }

    pub fn is_connected(&self, clone: usize) -> bool {
        std::fs::read_to_string(self.file(&format!("connection-{clone}"))).unwrap() == "up"
    }

    pub fn pass_time(&self, seconds: i64) {
        self.now.set(self.now.get() + seconds);
    }

    /// Sets the clock of a clone: so many seconds off.
    pub fn set_clock(&self, clone: usize, offset: i64) {
        self.note(&format!("    the clock of {} is {offset} s off", PEOPLE[clone]));
        self.clocks[clone].set(offset);
    }

    /// Whether all clocks agree.
    pub fn clocks_agree(&self) -> bool {
        self.clocks.iter().all(|clock| clock.get() == 0)
    }

    pub fn note(&self, line: &str) {
        let mut log = self.log.borrow_mut();
        log.push_str(line);
        log.push('\n');
    }

    /// Returns how often the commands ended in which way, so that a reader sees whether the faults bite.
    pub fn summary(&self) -> String {
        let log = self.log.borrow();
        let count = |what: &str| log.matches(what).count();
        format!(
            "done {}, refused {}, conflict {}, unreachable {}, failed {}, unknown {}, interrupted {}, killed {}, unrecorded {}, late {}",
            count(": Some(0); deployer"),
            count(": Some(4); deployer"),
            count(": Some(5); deployer"),
            count(": Some(6); deployer"),
            count(": Some(8); deployer"),
            count(": Some(9); deployer"),
            count(": Some(130); deployer"),
            count(": None; deployer"),
            count("        UNRECORDED: "),
            count("\"late\":true"),
        )
    }

    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// What really runs in an environment.
    pub fn live(&self, environment: &str) -> String {
        std::fs::read_to_string(self.file(&format!("live-{environment}")))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Everything works again.
    pub fn repair(&self) {
        for clone in 0..3 {
            self.connect(clone, "up");
            self.set_clock(clone, 0);
        }
        self.pass_time(4 * 86_400);
    }

    /// Runs a command under faults, with what happens at the same time.
    pub fn execute(&self, command: &Command, faults: &Faults) -> Vec<Ended> {
        self.note(&format!("{} of {}: {command:?} {faults:?}", self.now.get(), PEOPLE[command.clone]));
        let mut files = Vec::new();
        let mut put = |name: &str, text: &str| {
            std::fs::write(self.file(name), text).unwrap();
            files.push(self.file(name));
        };
        if let Some((at, when, signal)) = faults.at_git {
            put("count", "0\n");
            put("strike", &format!("{at} {when} {signal}\n"));
        }
        if faults.cut {
            put("cut", "cut");
            put("cut-clone", &command.clone.to_string());
        }
        faults.in_deployer.iter().for_each(|signal| put("signal", signal));
        faults.fails.iter().for_each(|stage| put(&format!("fail-{stage}"), ""));
        if command.during.is_some() {
            put("wait", "");
        }
        let mut child = self.spawn(command.clone, &command.words, faults.disk);
        let mut runs = Vec::new();
        if let Some((clone, words)) = &command.during
            && self.wait_for(&mut child, "waiting")
        {
            let during = self.spawn(*clone, words, None);
            runs.push(self.ended(*clone, words, during));
        }
        std::fs::write(self.file("go"), "").unwrap();
        runs.push(self.ended(command.clone, &command.words, child));
        files.extend([self.file("go"), self.file("waiting")]);
        // What is left of a run that was killed has ended, before anybody else does something.
        self.shop.wait_until_quiet();
        for file in files {
            let _ = std::fs::remove_file(file);
        }
        runs
    }

    /// Runs a command while nothing is broken.
    pub fn run(&self, clone: usize, words: &[String]) -> Ended {
        let child = self.spawn(clone, words, None);
        self.ended(clone, words, child)
    }

    /// Gives a clone a line that another one printed.
    pub fn send(&self, clone: usize, line: &str) -> Ended {
        let words = ["sync".to_owned(), "-".to_owned()];
        std::fs::write(self.file("line"), line).unwrap();
        let mut command = self.command(clone, &words, None);
        let child = command.stdin(std::fs::File::open(self.file("line")).unwrap()).spawn().unwrap();
        self.ended(clone, &words, child)
    }

    /// Starts `rel` in a clone, with the limit for files that it writes.
    fn spawn(&self, clone: usize, words: &[String], disk: Option<u64>) -> Child {
        self.command(clone, words, disk).spawn().unwrap()
    }

    fn command(&self, clone: usize, words: &[String], disk: Option<u64>) -> std::process::Command {
        let limit = disk.map_or("unlimited".to_owned(), |blocks| blocks.to_string());
        let line =
            format!("trap '' XFSZ; ulimit -S -f {limit}; exec env --default-signal=INT,TERM \"$0\" \"$@\"");
        let mut command = self.shop.command("sh");
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.file("bin").display());
        command.current_dir(self.folder(clone)).args(["-c", &line, env!("CARGO_BIN_EXE_rel")]).args(words);
        command.env("PATH", path).env("HOME", self.file(&format!("home-{clone}")));
        command.env("TMPDIR", self.file("tmp")).env("REL_HOST", format!("laptop-{clone}"));
        command.env("REL_NOW", (self.now.get() + self.clocks[clone].get()).to_string());
        for (name, value) in [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "workflow_dispatch"),
            ("GITHUB_TRIGGERING_ACTOR", PEOPLE[clone]),
        ] {
            command.env(name, value);
        }
        command.env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Waits until a file is there; `false` if the command ended first.
    fn wait_for(&self, child: &mut Child, file: &str) -> bool {
        let (file, begun) = (self.file(file), Instant::now());
        while begun.elapsed() < PATIENCE {
            if file.exists() {
                return true;
            }
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{} did not appear", file.display());
    }

    fn ended(&self, clone: usize, words: &[String], child: Child) -> Ended {
        let (pid, words) = (child.id(), words.join(" "));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(child.wait_with_output().unwrap()));
        let output = receiver.recv_timeout(OUTAGE).or_else(|_| {
            // A deploy whose connection is cut waits for the ledger before its next step, and this clock stands still.
            self.connect(clone, "up");
            receiver.recv_timeout(PATIENCE)
        });
        let Ok(output) = output else {
            let _ = self.shop.command("kill").args(["-9", &pid.to_string()]).status();
            panic!("rel {words} does not end");
        };
        let told = std::fs::read_to_string(self.file("told")).unwrap();
        std::fs::write(self.file("told"), "").unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code();
        let quoted: String = stderr.lines().map(|line| format!("        {line}\n")).collect();
        self.note(&format!("    {} rel {words}: {code:?}; deployer: {told:?}\n{quoted}", PEOPLE[clone]));
        Ended { clone, words, code, stdout, stderr, calls: told.lines().map(str::to_owned).collect() }
    }
}
