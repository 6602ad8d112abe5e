//! What `[environment.*]` means: where releases run, what they need to run there, and how they are deployed.

pub use super::raw::{Accept, Tree};

use crate::model::{Patterns, WeekTime};
use std::collections::BTreeMap;
use std::time::Duration;

/// A command: the program first, then its arguments. Never a shell.
pub type CommandLine = Vec<String>;

/// All environments, by name.
#[derive(Clone, Debug, Default)]
pub struct Environments(pub(super) BTreeMap<String, PerPackage>);

/// The rules of one environment: for every package, and for those that have keys of their own there.
#[derive(Clone, Debug)]
pub(super) struct PerPackage {
    pub every: EnvironmentRules,
    pub own: BTreeMap<String, EnvironmentRules>,
}

impl Environments {
    /// Returns the rules of an environment for a package; `None` if there is no environment of that name.
    pub fn get(&self, environment: &str, package: &str) -> Option<&EnvironmentRules> {
        let found = self.0.get(environment)?;
        Some(found.own.get(package).unwrap_or(&found.every))
    }

    /// Returns the first environment that takes releases of a package from this one, by `from` of itself or of a lane.
    pub fn fed_by(&self, environment: &str, package: &str) -> Option<&str> {
        let takes = |rules: &EnvironmentRules| {
            let lanes = rules.lanes.iter().filter_map(|lane| lane.from.as_ref());
            rules.from.iter().chain(lanes).any(|from| from == environment)
        };
        self.names().find(|name| self.get(name, package).is_some_and(takes))
    }

    /// Returns the names of all environments.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The rules of an environment: what a release needs to run there, and how it is deployed.
#[derive(Clone, Debug)]
pub struct EnvironmentRules {
    /// Its exact name.
    pub name: String,
    /// What may be deployed.
    pub accept: Accept,
    /// The environment in which a release must have been healthy before.
    pub from: Option<String>,
    /// How long it must have been healthy there.
    pub soak: Duration,
    /// How many other people must approve.
    pub approvals: u8,
    /// Whether the version must be typed as a confirmation.
    pub protected: bool,
    /// Whether `--override` is allowed in CI.
    pub override_in_ci: bool,
    /// Times of the week in which nothing is deployed.
    pub freeze: Vec<FreezeWindow>,
    /// Less strict rules for releases of some branches.
    pub lanes: Vec<Lane>,
    /// How a release is deployed.
    pub deployer: Deployer,
    /// The commands that roll back; `None`: those of the deployer, without waits and checks.
    pub rollback: Option<Vec<CommandLine>>,
    /// The commands that verify a deploy.
    pub verify: Vec<CommandLine>,
    /// The commands that print what is running.
    pub live: Vec<CommandLine>,
    /// How long one command may take.
    pub timeout: Duration,
    /// Whether to roll back if a deploy fails.
    pub rollback_on_failure: bool,
    /// Where commands run.
    pub tree: Tree,
    /// Environment variables that the commands may see.
    pub pass_env: Vec<String>,
}

impl EnvironmentRules {
    /// Returns the defaults.
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

/// How a release is deployed.
#[derive(Clone, Debug)]
pub enum Deployer {
    /// Not by `rel`: another system deploys, `rel` records.
    Nobody,
    /// By commands, one after the other.
    Commands(Vec<CommandLine>),
    /// By a progressive rollout.
    Steps(Vec<Step>),
    /// By `kubectl`, in a Kubernetes workload.
    Kubectl(Kubectl),
}

/// One step of a progressive rollout.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its commands.
    pub run: Vec<CommandLine>,
    /// The share of the traffic, in percent, that the release gets in this step.
    pub weight: Option<u8>,
    /// How long to wait before the check.
    pub wait: Duration,
    /// The commands that must succeed before the next step.
    pub check: Vec<CommandLine>,
}

/// A Kubernetes workload.
#[derive(Clone, Debug)]
pub struct Kubectl {
    /// Its kind and name: `deployment/api`.
    pub workload: String,
    /// The image of each container; empty: each image in the container with its name.
    pub containers: BTreeMap<String, String>,
    /// The namespace; `None` for kubectl's default.
    pub namespace: Option<String>,
    /// The context of the kubeconfig; `None` for kubectl's default.
    pub context: Option<String>,
}

/// A time of the week in which nothing is deployed.
#[derive(Clone, Debug)]
pub struct FreezeWindow {
    /// When it begins.
    pub from: WeekTime,
    /// When it ends.
    pub until: WeekTime,
    /// The time zone of both: `Europe/Berlin`.
    pub zone: String,
}

/// A lane: less strict rules for releases of some branches (`[environment.NAME.lane.NAME]`).
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// The glob over branches, as it is written.
    pub branch: String,
    /// The same, compiled.
    pub matches: Patterns,
    /// Replaces the environment's `from`.
    pub from: Option<String>,
    /// Replaces the environment's `soak`.
    pub soak: Option<Duration>,
}
