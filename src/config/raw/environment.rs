//! Where releases run and what they need to run there: `[environment.*]`.

use super::RawCommands;
use super::number::SmallNumber;
use super::text::{
    BranchGlobText, DurationText, EnvironmentText, ImageText, LineText, NameText, PackageText, TimeZoneText,
    TimeoutText, VariableText, WeekTimeText,
};
use crate::config::quote::listed;
use crate::config::reader::{FromToml, Named, Reader, Reported, ValueKind};
use schemars::JsonSchema;
use toml::Spanned;
use toml::de::DeValue;

table! {
    /// Where a release runs.
    struct RawEnvironment as "Environment" {
        /// What may be deployed here.
        #[schemars(extend("default" = "prerelease"))]
        accept: Option<Accept>,
        /// The environment in which a release must have been healthy before.
        from: Option<EnvironmentText>,
        /// How long it must have been healthy there.
        #[schemars(extend("default" = "0s"))]
        soak: Option<DurationText>,
        /// How many other people must approve.
        #[schemars(extend("default" = 0))]
        approvals: Option<SmallNumber<100>>,
        /// Ask for the version to be typed as a confirmation.
        #[schemars(extend("default" = false))]
        protected: Option<bool>,
        /// How long one command may take.
        #[schemars(extend("default" = "10m"))]
        timeout: Option<TimeoutText>,
        /// Roll back if a deploy fails.
        #[schemars(extend("default" = false))]
        rollback_on_failure: Option<bool>,
        /// The commands that deploy, or a built-in deployer.
        deploy: Option<RawDeploy>,
        /// A progressive rollout instead of `deploy`; if a check fails, it rolls back.
        steps: Option<Vec<RawStep>>,
        /// The commands that roll back to an earlier release. Default: `deploy`, else the last step.
        rollback: Option<RawCommands>,
        /// The commands that verify a deploy.
        verify: Option<RawCommands>,
        /// The command that prints what is running.
        live: Option<RawCommands>,
        /// Where commands run.
        #[schemars(extend("default" = "release"))]
        tree: Option<Tree>,
        /// Environment variables that the commands may see.
        pass_env: Option<Vec<VariableText>>,
        /// Allow `--override` in CI.
        #[schemars(extend("default" = false))]
        override_in_ci: Option<bool>,
        /// Times of the week in which nothing is deployed. Rollbacks are always allowed.
        freeze: Option<Vec<RawFreezeWindow>>,
        /// Less strict rules for releases of some branches, by name.
        #[schemars(default)]
        lane: Named<NameText, RawLane>,
        /// Any of these keys for one package (monorepos).
        #[schemars(default)]
        package: Named<PackageText, RawEnvironment>,
    }
}

keywords! {
    /// What may be deployed.
    pub enum Accept as "Accept" {
        /// Any commit.
        Any = "any",
        /// Versions, final or prerelease.
        Prerelease = "prerelease",
        /// Only final versions.
        Final = "final",
    }
}

/// How a release is deployed.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename = "Deploy", untagged)]
pub(in crate::config) enum RawDeploy {
    /// Commands.
    Commands(RawCommands),
    /// A built-in deployer.
    BuiltIn(RawDeployers),
}

impl FromToml for RawDeploy {
    const KINDS: &'static [ValueKind] = &[ValueKind::Command, ValueKind::Table];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        match value.get_ref() {
            DeValue::Array(_) => RawCommands::from_toml(reader, value).map(RawDeploy::Commands),
            DeValue::Table(table) => {
                let deployers = RawDeployers::from_table(reader, table, &value.span());
                if table.len() != 1 {
                    let message = format!("{} must have exactly one key, not {}", reader.key(), table.len());
                    return Err(reader.fault(value.span(), message, listed("key", ["kubectl"].into_iter())));
                }
                deployers.map(RawDeploy::BuiltIn)
            }
            _ => Err(reader.wrong_kind(Self::KINDS, value)),
        }
    }
}

table! {
    /// The built-in deployers, of which one is given.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    struct RawDeployers as "Deployers" {
        /// Sets the images of a Kubernetes workload and waits for its rollout.
        kubectl: Option<RawKubectl>,
    }
}

table! {
    /// A Kubernetes workload.
    struct RawKubectl as "Kubectl" {
        /// The workload to update: `deployment/api`.
        workload: LineText,
        /// Which image each container runs. Default: each image in the container with its name.
        #[schemars(default)]
        containers: Named<NameText, ImageText>,
        /// The namespace.
        namespace: Option<LineText>,
        /// The context of the kubeconfig.
        context: Option<LineText>,
    }
}

table! {
    /// One step of a progressive rollout.
    struct RawStep as "Step" {
        /// The commands of the step.
        run: RawCommands,
        /// The share of the traffic, in percent, that the release gets in this step.
        weight: Option<SmallNumber<100>>,
        /// How long to wait before the check.
        #[schemars(extend("default" = "0s"))]
        wait: Option<DurationText>,
        /// The commands that must succeed before the next step.
        check: Option<RawCommands>,
    }
}

keywords! {
    /// Where commands run.
    pub enum Tree as "Tree" {
        /// In a clean checkout of the release.
        Release = "release",
        /// In a clean checkout of the commit whose configuration is used.
        Config = "config",
        /// In the folder in which `rel` was started.
        Here = "here",
    }
}

table! {
    /// A time of the week in which nothing is deployed.
    struct RawFreezeWindow as "Freeze" {
        /// When it begins.
        from: WeekTimeText,
        /// When it ends.
        until: WeekTimeText,
        /// The time zone of both.
        #[schemars(extend("default" = "UTC"))]
        zone: Option<TimeZoneText>,
    }
}

table! {
    /// Less strict rules for releases of some branches.
    struct RawLane as "Lane" {
        /// The branch, or a glob over branches.
        branch: BranchGlobText,
        /// Replaces the environment's `from`.
        from: Option<EnvironmentText>,
        /// Replaces the environment's `soak`.
        soak: Option<DurationText>,
    }
}
