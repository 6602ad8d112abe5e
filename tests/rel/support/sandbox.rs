//! A temporary folder with a home, a work clone `shop` and a bare `origin`. Every git command is one minute later than the
//! one before it, whatever the real time is.

use super::program::program;
use super::run::Run;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// 2026-01-01T00:00:00Z.
const DAWN: u64 = 1_767_225_600;

/// Returns `PATH`, the only variable that tests take from outside.
#[expect(clippy::disallowed_methods, reason = "a test has no Context")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap()
}

pub struct Sandbox {
    root: TempDir,
    folder: PathBuf,
    minutes: Cell<u64>,
    variables: Vec<(String, String)>,
}

impl Sandbox {
    /// An empty repository `shop` on branch main, with a bare `origin` beside it.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("rel-test-").tempdir().unwrap();
        let folder = root.path().join("shop");
        std::fs::create_dir_all(root.path().join("home")).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let shop = Sandbox { root, folder, minutes: Cell::new(0), variables: Vec::new() };
        shop.git("init -q -b main .");
        shop.git("init -q --bare -b main ../origin/shop.git");
        shop.git("remote add origin ../origin/shop.git");
        shop
    }

    /// Returns a copy of this sandbox as it is now.
    pub fn copy(&self) -> Self {
        let root = tempfile::Builder::new().prefix("rel-test-").tempdir().unwrap();
        let from = format!("{}/.", self.root.path().display());
        let done = Command::new("cp").args(["-a", &from]).arg(root.path()).status().unwrap();
        assert!(done.success());
        let folder = root.path().join(self.folder.strip_prefix(self.root.path()).unwrap());
        Sandbox { root, folder, minutes: self.minutes.clone(), variables: self.variables.clone() }
    }

    /// A repository with one commit, which is released.
    pub fn released(version: &str) -> Self {
        let shop = Sandbox::new();
        shop.commit("feat: first").tag(&format!("v{version}"));
        shop
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the same sandbox, working in another of its folders.
    pub fn inside(mut self, folder: &str) -> Self {
        self.folder = self.root.path().join(folder);
        self
    }

    /// Sets an environment variable for `rel`.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs git; words are split at spaces.
    #[track_caller]
    pub fn git(&self, words: &str) -> String {
        self.git_words(&words.split(' ').collect::<Vec<_>>())
    }

    #[track_caller]
    pub fn git_words(&self, words: &[&str]) -> String {
        let (ok, out) = self.try_git(words);
        assert!(ok, "git {words:?}: {out}");
        out.trim_end().to_owned()
    }

    /// Runs git, which may fail; returns whether it succeeded, and what it printed.
    pub fn try_git(&self, words: &[&str]) -> (bool, String) {
        let output = self.command("git").args(words).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Returns a command that gets nothing from outside but PATH.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        self.minutes.set(self.minutes.get() + 1);
        let now = format!("{} +0000", DAWN + 60 * self.minutes.get());
        let home = self.root.path().join("home");
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_clear();
        command.env("PATH", path()).env("HOME", &home).env("XDG_CONFIG_HOME", home.join(".config"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_AUTHOR_DATE", &now).env("GIT_COMMITTER_DATE", &now);
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Ada")
                .env(format!("GIT_{role}_EMAIL"), "ada@acme.example");
        }
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("COLUMNS", "100");
        command
    }

    /// Makes an empty commit with this message.
    #[track_caller]
    pub fn commit(&self, message: &str) -> &Self {
        self.git_words(&[
            "commit",
            "-q",
            "--allow-empty",
            "--allow-empty-message",
            "--cleanup=verbatim",
            "-m",
            message,
        ]);
        self
    }

    /// Makes a commit that changes these files.
    #[track_caller]
    pub fn change(&self, paths: &[&str], message: &str) -> &Self {
        for path in paths {
            let text = format!("{message} at {}\n", self.minutes.get());
            self.write(path, &text);
            self.git_words(&["add", "--", path]);
        }
        self.commit(message)
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: &str) -> &Self {
        let file = self.folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        self
    }

    /// Makes a lightweight tag on HEAD.
    #[track_caller]
    pub fn tag(&self, name: &str) -> &Self {
        self.git_words(&["tag", name]);
        self
    }

    #[track_caller]
    pub fn branch(&self, name: &str) -> &Self {
        self.git_words(&["switch", "-q", "-c", name]);
        self
    }

    #[track_caller]
    pub fn switch(&self, name: &str) -> &Self {
        self.git_words(&["switch", "-q", name]);
        self
    }

    #[track_caller]
    pub fn merge(&self, branch: &str) -> &Self {
        self.git_words(&["merge", "-q", "--no-ff", "-m", &format!("Merge branch '{branch}'"), branch]);
        self
    }

    /// Returns the full hash of a commit.
    #[track_caller]
    pub fn id(&self, revision: &str) -> String {
        self.git_words(&["rev-parse", &format!("{revision}^{{commit}}")])
    }

    /// Runs rel; words are split at spaces.
    pub fn rel(&self, words: &str) -> Run {
        self.rel_words(&words.split(' ').collect::<Vec<_>>())
    }

    pub fn rel_words(&self, words: &[&str]) -> Run {
        let output = self.rel_command(words).output().unwrap();
        Run::new(self, &words.join(" "), &output)
    }

    /// Returns a command that runs rel.
    pub fn rel_command(&self, words: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_rel"));
        command.args(words).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts rel without waiting for it.
    pub fn spawn(&self, words: &[&str]) -> std::process::Child {
        // A test run may itself ignore a signal (`nohup`), which its children inherit.
        let mut command = self.command("env");
        command.args(["--default-signal", env!("CARGO_BIN_EXE_rel")]).args(words);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap()
    }

    /// Puts a program first on PATH, for `shell`. `REAL_GIT` is the path of the real git.
    pub fn script(&self, name: &str, text: &str) {
        let file = self.root.path().join("bin").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        program(&file, &format!("#!/bin/sh\n{text}"));
    }

    /// Removes these programs.
    pub fn remove_scripts(&self) {
        std::fs::remove_dir_all(self.root.path().join("bin")).unwrap();
    }

    /// Runs a line of shell, in which `rel` is the program under test.
    pub fn shell(&self, line: &str) -> Run {
        let output = self.shell_command(line).output().unwrap();
        Run::new(self, line, &output)
    }

    /// Starts a line of shell without waiting for it; `ended` waits.
    pub fn start(&self, line: &str) -> std::process::Child {
        let piped = std::process::Stdio::piped;
        self.shell_command(line).stdout(piped()).stderr(piped()).spawn().unwrap()
    }

    /// Waits for a line that was started, and returns its result.
    pub fn ended(&self, child: std::process::Child) -> Run {
        Run::new(self, "a line that was started", &child.wait_with_output().unwrap())
    }

    fn shell_command(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_rel"));
        let mut command = self.command("sh");
        let bin = self.root.path().join("bin");
        let outside = path();
        let places = [bin.as_os_str(), program.parent().unwrap().as_os_str(), outside.as_os_str()];
        let real = std::env::split_paths(&outside)
            .map(|place| place.join("git"))
            .find(|file| file.is_file())
            .unwrap();
        command.env("PATH", places.join(std::ffi::OsStr::new(":"))).env("REAL_GIT", real).args(["-c", line]);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Waits until no process runs in the sandbox: a process that is killed leaves children behind.
    pub fn wait_until_quiet(&self) {
        for _ in 0..500 {
            let inside = |entry: std::io::Result<std::fs::DirEntry>| {
                let place = std::fs::read_link(entry.ok()?.path().join("cwd")).ok()?;
                place.starts_with(self.root.path()).then_some(())
            };
            if std::fs::read_dir("/proc").unwrap().find_map(inside).is_none() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(4));
        }
        panic!("something still runs in {}", self.root.path().display());
    }

    /// Returns the version that `rel next` prints; fails if there is none.
    #[track_caller]
    pub fn next(&self) -> String {
        let run = self.rel("next");
        assert!(!run.stdout.is_empty(), "nothing to release: {}", run.stderr);
        run.stdout.trim_end().to_owned()
    }

    /// Replaces the path of the sandbox by `$ROOT`.
    pub fn redact(&self, text: &str) -> String {
        let root = self.root.path().to_string_lossy().into_owned();
        text.replace(&root, "$ROOT")
    }
}
