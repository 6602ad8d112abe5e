//! Where releases run and what it takes to run there: `[environment.*]`. Leans on `text`.

use super::text::{Commands, EnvironmentName, Glob, ImageName, Line, Span, Variable, WeekTime, Zone};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where a release runs.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// What may be deployed here.
    #[schemars(extend("default" = "prerelease"))]
    pub accept: Option<Accept>,
    /// The environment in which a release must have been healthy before.
    pub from: Option<EnvironmentName>,
    /// For how long it must have been healthy there.
    #[schemars(extend("default" = "0s"))]
    pub soak: Option<Span>,
    /// How many other people must approve.
    #[schemars(range(min = 0, max = 100), extend("default" = 0))]
    pub approvals: Option<u8>,
    /// A person types the version to confirm.
    #[schemars(extend("default" = false))]
    pub protected: Option<bool>,
    /// How long one command may take.
    #[schemars(extend("default" = "10m"))]
    pub timeout: Option<Span>,
    /// A deploy that fails returns to what ran before.
    #[schemars(extend("default" = false))]
    pub rollback_on_failure: Option<bool>,
    /// The commands that deploy, or a deployer by name.
    pub deploy: Option<Deploy>,
    /// A progressive rollout instead of `deploy`; a failing check returns.
    pub steps: Option<Vec<Step>>,
    /// The commands that return to an earlier release. Default: `deploy`, else the last step alone.
    pub rollback: Option<Commands>,
    /// The commands that prove a deploy.
    pub verify: Option<Commands>,
    /// The command that prints what really runs.
    pub live: Option<Commands>,
    /// Where commands run.
    #[schemars(extend("default" = "release"))]
    pub tree: Option<Tree>,
    /// Environment variables that the commands may see.
    pub pass_env: Option<Vec<Variable>>,
    /// `--override` is allowed in CI.
    #[schemars(extend("default" = false))]
    pub override_in_ci: Option<bool>,
    /// Times of the week in which nothing is deployed; a rollback always is.
    pub freeze: Option<Vec<Freeze>>,
    /// Faster ways for some branches, by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "name" }))]
    pub lane: BTreeMap<String, Lane>,
    /// In a monorepo: any of these keys, for one package.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "package" }))]
    pub package: BTreeMap<String, Environment>,
}

/// What may be deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Accept {
    /// Any commit.
    Any,
    /// Versions, final or not.
    Prerelease,
    /// Final versions alone.
    Final,
}

/// How a release is deployed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Deploy {
    /// The user's own commands.
    Commands(Commands),
    /// A deployer by name.
    Named(Deployers),
}

/// The deployers that are known by name; one of them is given.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Deployers {
    /// Sets the images of a Kubernetes workload and waits for it.
    pub kubectl: Option<Kubectl>,
}

/// A Kubernetes workload.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kubectl {
    /// What is updated: `deployment/api`.
    pub workload: Line,
    /// Which image each container runs. Default: every image in the container of its name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "name" }))]
    pub containers: BTreeMap<String, ImageName>,
    /// The namespace.
    pub namespace: Option<Line>,
    /// The context of the kubeconfig.
    pub context: Option<Line>,
}

/// One step of a progressive rollout.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The commands of the step.
    pub run: Commands,
    /// The share of the traffic, in percent, that the step gives to the release.
    #[schemars(range(min = 0, max = 100))]
    pub weight: Option<u8>,
    /// How long to wait before the check.
    #[schemars(extend("default" = "0s"))]
    pub wait: Option<Span>,
    /// The commands that must succeed before the next step.
    pub check: Option<Commands>,
}

/// Where commands run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tree {
    /// In a clean checkout of the release.
    Release,
    /// In a clean checkout of the commit whose configuration is used.
    Config,
    /// In the folder in which `rel` was started.
    Here,
}

/// A time of the week in which nothing is deployed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// When it begins.
    pub from: WeekTime,
    /// When it ends.
    pub until: WeekTime,
    /// Whose clock.
    #[schemars(extend("default" = "UTC"))]
    pub zone: Option<Zone>,
}

/// A faster way for releases of some branches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// The branch, or a glob over branches.
    pub branch: Glob,
    /// In place of the environment's `from`.
    pub from: Option<EnvironmentName>,
    /// In place of the environment's `soak`.
    pub soak: Option<Span>,
}
