//! Where releases run, as the rest of the house sees it: `[environment.*]` with a package's own keys already laid over
//! those of the environment. Leans on `model`.

use super::raw;
use crate::model::{Patterns, WeekTime};
use std::collections::BTreeMap;
use std::time::Duration;

/// One command: the program first, then its arguments. Never a shell.
pub type Words = Vec<String>;

/// All environments, by name.
#[derive(Clone, Debug, Default)]
pub struct Environments(pub(super) BTreeMap<String, PerPackage>);

/// One environment: what holds for every package, and for those that have keys of their own.
#[derive(Clone, Debug)]
pub(super) struct PerPackage {
    pub every: EnvironmentRules,
    pub own: BTreeMap<String, EnvironmentRules>,
}

impl Environments {
    /// The rules of an environment for a package; `None` where there is no environment of that name.
    pub fn get(&self, environment: &str, package: &str) -> Option<&EnvironmentRules> {
        let found = self.0.get(environment)?;
        Some(found.own.get(package).unwrap_or(&found.every))
    }

    /// The names of all environments.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// What it takes to run somewhere, and how a release gets there.
#[derive(Clone, Debug)]
pub struct EnvironmentRules {
    /// Its exact name.
    pub name: String,
    /// What may be deployed.
    pub accept: Accept,
    /// Where a release must have been healthy before.
    pub from: Option<String>,
    /// For how long.
    pub soak: Duration,
    /// How many other people must approve.
    pub approvals: u8,
    /// A person types the version to confirm.
    pub protected: bool,
    /// `--override` is allowed in CI.
    pub override_in_ci: bool,
    /// Times of the week in which nothing is deployed.
    pub freeze: Vec<FreezeWindow>,
    /// Faster ways for some branches.
    pub lanes: Vec<Lane>,
    /// How a release gets there.
    pub deployer: Deployer,
    /// The commands that return; `None`: the deployer's own, without waits and checks.
    pub rollback: Option<Vec<Words>>,
    /// The commands that prove a deploy.
    pub verify: Vec<Words>,
    /// The commands that print what really runs.
    pub live: Vec<Words>,
    /// How long one command may take.
    pub timeout: Duration,
    /// A deploy that fails returns to what ran before.
    pub rollback_on_failure: bool,
    /// Where commands run.
    pub tree: Tree,
    /// Environment variables that the commands may see.
    pub pass_env: Vec<String>,
}

impl EnvironmentRules {
    /// What holds where nothing is said.
    pub(super) fn new(name: &str) -> Self {
        EnvironmentRules {
            name: name.to_owned(),
            accept: Accept::Prerelease,
            from: None,
            soak: Duration::ZERO,
            approvals: 0,
            protected: false,
            override_in_ci: false,
            freeze: Vec::new(),
            lanes: Vec::new(),
            deployer: Deployer::Nobody,
            rollback: None,
            verify: Vec::new(),
            live: Vec::new(),
            timeout: Duration::from_secs(600),
            rollback_on_failure: false,
            tree: Tree::Release,
            pass_env: Vec::new(),
        }
    }
}

pub use raw::{Accept, Tree};

/// How a release gets to an environment.
#[derive(Clone, Debug)]
pub enum Deployer {
    /// Another system deploys; `rel` records.
    Nobody,
    /// The user's own commands, one after the other.
    Commands(Vec<Words>),
    /// A progressive rollout.
    Steps(Vec<Step>),
    /// A Kubernetes workload.
    Kubectl(Kubectl),
}

/// One step of a progressive rollout.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its commands.
    pub run: Vec<Words>,
    /// The share of the traffic that it gives to the release, in percent.
    pub weight: Option<u8>,
    /// How long to wait before the check.
    pub wait: Duration,
    /// The commands that must succeed before the next step.
    pub check: Vec<Words>,
}

/// A Kubernetes workload.
#[derive(Clone, Debug)]
pub struct Kubectl {
    /// `deployment/api`.
    pub workload: String,
    /// Which image each container runs; empty: every image in the container of its name.
    pub containers: BTreeMap<String, String>,
    /// The namespace; `None` for kubectl's own.
    pub namespace: Option<String>,
    /// The context of the kubeconfig; `None` for kubectl's own.
    pub context: Option<String>,
}

/// A time of the week in which nothing is deployed.
#[derive(Clone, Debug)]
pub struct FreezeWindow {
    /// When it begins.
    pub from: WeekTime,
    /// When it ends.
    pub until: WeekTime,
    /// Whose clock: `Europe/Berlin`.
    pub zone: String,
}

/// A faster way for releases of some branches.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// The branches, as they were written.
    pub branch: String,
    /// The branches, compiled.
    pub matches: Patterns,
    /// In place of the environment's `from`.
    pub from: Option<String>,
    /// In place of the environment's `soak`.
    pub soak: Option<Duration>,
}
