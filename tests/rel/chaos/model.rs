//! What must hold after every command, read from the remote itself and from the files of the clones, without `rel`.

use super::actions::words;
use super::faults::Faults;
use super::world::{Ended, World};
use rel::internals::{EnvironmentState, Event, EventKind, State};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const ENVIRONMENTS: [&str; 2] = ["staging", "prod"];

/// What is known of the ledger on the remote.
#[derive(Default)]
pub struct Model {
    tip: String,
    ids: BTreeSet<String>,
    starts: BTreeSet<String>,
    /// Operations, by the event that ended them.
    ended: BTreeMap<String, String>,
    /// Lines for `rel sync -` that were printed.
    lines: Vec<String>,
    /// Environments where the record may differ from what runs, because no machine could write down what it did, or because clocks
    /// disagreed about the order.
    doubtful: BTreeSet<&'static str>,
}

/// What was known before a command.
pub struct Before {
    /// The versions that are marked bad on the remote, or by an event that waits in the clone.
    bad: BTreeSet<String>,
    events: usize,
    /// The clone could ask the remote.
    connected: bool,
}

impl Model {
    pub fn new(world: &World) -> Self {
        let mut model = Model::default();
        model.read_ledger(world);
        model
    }

    pub fn before(&self, world: &World, clone: usize) -> Before {
        let mut bad = BTreeSet::new();
        for file in self.list(world, "bad/shop").iter().filter(|file| !file.ends_with("newest.json")) {
            let mark: Value = serde_json::from_str(&self.read(world, file).unwrap()).unwrap();
            bad.extend(mark.pointer("/release/version").and_then(Value::as_str).map(str::to_owned));
        }
        for event in waiting(world, clone).iter().filter(|event| event.bad) {
            let from = serde_json::to_value(event.from.as_ref()).unwrap();
            bad.extend(from.get("version").and_then(Value::as_str).map(str::to_owned));
        }
        Before { bad, events: self.ids.len(), connected: world.is_connected(clone) }
    }

    /// Checks everything after a command.
    pub fn check(&mut self, world: &World, before: Before, runs: &[Ended], faults: &Faults) {
        self.read_ledger(world);
        for run in runs {
            check_end(run, faults);
            self.check_answer(run, &before, world);
            check_calls(run, &before);
            self.lines.extend(run.stderr.lines().filter(|line| line.starts_with("[{")).map(str::to_owned));
        }
        self.check_locks(world);
        let killed = faults.at_git.is_some() || faults.in_deployer.is_some();
        for environment in ENVIRONMENTS {
            let called = runs.iter().any(|run| run.calls.iter().any(|call| call.contains(environment)));
            let waits = self.waits(world, environment);
            if (called && faults.disk.is_some() && (killed || !before.connected))
                || (waits && !world.clocks_agree())
            {
                self.doubtful.insert(environment);
            } else if !waits
                && called
                && runs.len() == 1
                && self.state(world, environment).is_some_and(is_settled)
            {
                self.doubtful.remove(environment);
            }
            self.check_live(world, environment);
        }
    }

    /// Sends everything that waits, ends what is dead, and checks that all clones agree.
    pub fn converge(&mut self, world: &World) {
        for clone in 0..3 {
            let run = world.run(clone, &words(&["sync"]));
            assert_eq!(run.code, Some(0), "sync of a repaired clone: {}", run.stderr);
        }
        for line in std::mem::take(&mut self.lines) {
            let run = world.send(0, &line);
            assert_eq!(run.code, Some(0), "sync of a printed line: {}\n{line}", run.stderr);
        }
        world.pass_time(4 * 86_400);
        for environment in ENVIRONMENTS {
            let run = world.run(0, &words(&["unlock", environment, "--reason", "dead"]));
            assert_eq!(run.code, Some(0), "unlock after the deadline: {}", run.stderr);
        }
        self.read_ledger(world);
        self.check_locks(world);
        for environment in ENVIRONMENTS {
            assert!(!self.waits(world, environment), "events of {environment} still wait");
            assert!(
                self.state(world, environment).is_none_or(|state| state.lock.is_none()),
                "{environment} is locked"
            );
            self.check_live(world, environment);
        }
        let run = world.run(1, &words(&["ledger", "verify", "--format", "json"]));
        assert_eq!(run.code, Some(0), "ledger verify: {}{}", run.stdout, run.stderr);
        let shown = |clone| world.run(clone, &words(&["status", "--format", "json"])).stdout;
        let first = shown(0);
        assert_eq!(first, shown(1), "two clones show different states");
        assert_eq!(first, shown(2), "two clones show different states");
    }

    /// Reads the new events of the remote: nothing that was there is gone, and nothing is there twice.
    fn read_ledger(&mut self, world: &World) {
        let (found, tip) = git(world, &["rev-parse", "--verify", "-q", "refs/heads/rel-ledger"]);
        if !found {
            assert!(self.tip.is_empty(), "the ledger is gone");
            return;
        }
        let tip = tip.trim().to_owned();
        let range = match self.tip.as_str() {
            "" => tip.clone(),
            old => {
                let (descends, _) = git(world, &["merge-base", "--is-ancestor", old, &tip]);
                assert!(descends, "the ledger was rewritten: {tip} does not descend from {old}");
                format!("{old}..{tip}")
            }
        };
        self.tip = tip;
        let (_, commits) = git(world, &["rev-list", "--reverse", "--parents", &range]);
        for line in commits.lines() {
            let commit: Vec<&str> = line.split(' ').collect();
            assert!(commit.len() <= 2, "a merge in the ledger: {line}");
            let (_, text) = git(world, &["show", &format!("{}:event.json", commit[0])]);
            self.take(&serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
        }
    }

    fn take(&mut self, event: &Event) {
        let id = event.id.to_string();
        assert!(self.ids.insert(id.clone()), "{id} is recorded twice");
        if event.is_start() {
            self.starts.insert(id.clone());
        }
        if let Some(operation) = event.operation.as_ref().filter(|_| event.kind != EventKind::Unlock) {
            assert!(self.starts.contains(operation.as_str()), "{id} ends {operation}, which never began");
            let before = self.ended.insert(operation.to_string(), id.clone());
            assert_eq!(before, None, "{operation} has a second end, {id}");
        } else if let Some(operation) = &event.operation {
            self.ended.entry(operation.to_string()).or_insert(id);
        }
    }

    /// What a command said that it recorded is recorded, or waits.
    fn check_answer(&self, run: &Ended, before: &Before, world: &World) {
        if run.code == Some(0) && run.stderr.contains("\nrecorded: ") {
            assert!(self.ids.len() > before.events, "rel {} recorded nothing", run.words);
        }
        let Ok(answer) = serde_json::from_str::<Value>(&run.stdout) else { return };
        let Some(event) = answer.get("event").and_then(Value::as_str) else { return };
        if run.code != Some(0) {
            return;
        }
        let waits = waiting(world, run.clone).iter().any(|waiting| waiting.id.as_str() == event);
        let printed = run.stderr.contains(event);
        assert!(
            self.ids.contains(event) || (answer["recorded"] != true && (waits || printed)),
            "rel {}: event {event} is lost: {answer}",
            run.words
        );
    }

    /// Every lock is that of an operation that began and has not ended.
    fn check_locks(&self, world: &World) {
        for environment in ENVIRONMENTS {
            let Some(lock) = self.state(world, environment).and_then(|state| state.lock) else { continue };
            let operation = lock.operation.as_str();
            assert!(
                self.starts.contains(operation),
                "{environment} is locked by {operation}, which never began"
            );
            let ended = self.ended.get(operation);
            assert_eq!(ended, None, "{environment} is locked by {operation}, which has ended");
        }
    }

    /// What is recorded as healthy is what runs, unless somebody still has something to say about it.
    fn check_live(&self, world: &World, environment: &'static str) {
        let silent = self.doubtful.contains(environment) || self.waits(world, environment);
        let Some(state) = self.state(world, environment).filter(|_| !silent) else { return };
        if !is_settled(state.clone()) {
            return;
        }
        let recorded = state.running.map(|running| running.release.label());
        assert_eq!(
            recorded,
            Some(format!("v{}", world.live(environment))),
            "what is recorded for {environment}, and what runs"
        );
    }

    /// Whether an event of an environment is not on the remote yet.
    fn waits(&self, world: &World, environment: &str) -> bool {
        let named = format!("\"environment\":\"{environment}\"");
        let printed = self.lines.iter().filter(|line| line.contains(&named)).any(|line| {
            let events: Vec<Event> = serde_json::from_str(line).unwrap();
            events.iter().any(|event| !self.ids.contains(event.id.as_str()))
        });
        let here = |event: &Event| event.environment.as_deref() == Some(environment);
        printed || (0..3).any(|clone| waiting(world, clone).iter().any(here))
    }

    fn state(&self, world: &World, environment: &str) -> Option<EnvironmentState> {
        let text = self.read(world, &format!("state/shop/{environment}.json"))?;
        Some(serde_json::from_str(&text).unwrap())
    }

    fn read(&self, world: &World, path: &str) -> Option<String> {
        let (found, text) = git(world, &["show", &format!("{}:{path}", self.tip)]);
        found.then_some(text)
    }

    fn list(&self, world: &World, folder: &str) -> Vec<String> {
        if self.tip.is_empty() {
            return Vec::new();
        }
        let (_, text) = git(world, &["ls-tree", "--name-only", &self.tip, &format!("{folder}/")]);
        text.lines().map(str::to_owned).collect()
    }
}

/// Whether an operation ended well and no other one is under way.
fn is_settled(state: EnvironmentState) -> bool {
    state.lock.is_none() && state.running.is_some_and(|running| running.state == State::Healthy)
}

/// A command ends with one of its exit codes, or by the signal that it got.
fn check_end(run: &Ended, faults: &Faults) {
    let signalled = faults.at_git.is_some() || faults.in_deployer.is_some();
    match run.code {
        Some(0 | 2..=9) => {}
        Some(130) | None if signalled => {}
        _ => panic!("rel {} ended with {:?}: {}", run.words, run.code, run.stderr),
    }
    assert!(!run.stderr.contains("panicked"), "rel {}: {}", run.words, run.stderr);
}

/// A release that is marked bad is brought nowhere.
fn check_calls(run: &Ended, before: &Before) {
    let verb = run.words.split(' ').next().unwrap_or_default();
    for call in &run.calls {
        let [action, stage, _, version] = call.split(' ').collect::<Vec<_>>()[..] else { panic!("{call}") };
        let asked = verb == "rollback" || action != "rollback";
        let knows = verb != "rollback" || before.connected;
        let comes_back = stage == "deploy" && asked && knows && before.bad.contains(version);
        assert!(!comes_back, "rel {} brought back {version}, which is bad: {call}", run.words);
    }
}

/// Returns the events that wait in a clone.
fn waiting(world: &World, clone: usize) -> Vec<Event> {
    let mut found = Vec::new();
    for copy in std::fs::read_dir(world.folder(clone).join(".git/rel")).into_iter().flatten().flatten() {
        for file in std::fs::read_dir(copy.path().join("pending")).into_iter().flatten().flatten() {
            if file.path().extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(file.path()).unwrap();
                found.push(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
            }
        }
    }
    found
}

/// Runs git on the remote.
fn git(world: &World, words: &[&str]) -> (bool, String) {
    let origin = world.file("origin/shop.git").display().to_string();
    let output = world.shop.command("git").args(["-C", &origin]).args(words).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}
