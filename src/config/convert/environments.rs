//! Converts `[environment.*]`: the keys of a package replace those of its environment.

use super::commands;
use crate::config::environments::{
    Deployer, EnvironmentRules, Environments, FreezeWindow, Kubectl, Lane, PerPackage, Step,
};
use crate::config::raw::{
    NameText, RawDeploy, RawDeployers, RawEnvironment, RawFreezeWindow, RawLane, RawStep,
};
use crate::config::reader::Named;

/// Converts all environments.
pub(super) fn environments(file: Named<NameText, RawEnvironment>) -> Environments {
    let one = |(name, mut raw): (String, RawEnvironment)| {
        let packages = std::mem::take(&mut raw.package);
        let mut every = EnvironmentRules::new(&name);
        apply(&mut every, raw);
        let own = packages.into_iter().map(|(package, raw)| {
            let mut rules = every.clone();
            apply(&mut rules, raw);
            (package, rules)
        });
        let own = own.collect();
        (name, PerPackage { every, own })
    };
    Environments(file.into_iter().map(one).collect())
}

/// Replaces the rules of every key that is written.
fn apply(rules: &mut EnvironmentRules, raw: RawEnvironment) {
    set(&mut rules.accept, raw.accept);
    if let Some(from) = raw.from {
        rules.from = Some(from.0);
    }
    set(&mut rules.soak, raw.soak.map(|soak| soak.0));
    set(&mut rules.approvals, raw.approvals.map(|approvals| approvals.0));
    set(&mut rules.protected, raw.protected);
    set(&mut rules.override_in_ci, raw.override_in_ci);
    set(&mut rules.timeout, raw.timeout.map(|timeout| timeout.0));
    set(&mut rules.rollback_on_failure, raw.rollback_on_failure);
    set(&mut rules.tree, raw.tree);
    set(&mut rules.pass_env, raw.pass_env.map(|names| names.into_iter().map(|name| name.0).collect()));
    set(&mut rules.freeze, raw.freeze.map(|windows| windows.into_iter().map(freeze_window).collect()));
    // A package that is deployed in another way is rolled back in another way: the inherited `rollback` would bring the
    // wrong image out.
    if raw.deploy.is_some() || raw.steps.is_some() {
        rules.rollback = None;
    }
    set(&mut rules.deployer, raw.deploy.map(deployer));
    if let Some(steps) = raw.steps {
        rules.deployer = Deployer::Steps(steps.into_iter().map(step).collect());
    }
    if let Some(rollback) = raw.rollback {
        rules.rollback = Some(commands(rollback));
    }
    set(&mut rules.verify, raw.verify.map(commands));
    set(&mut rules.live, raw.live.map(commands));
    for (name, raw) in raw.lane {
        rules.lanes.retain(|lane| lane.name != name);
        rules.lanes.push(lane(name, raw));
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn deployer(raw: RawDeploy) -> Deployer {
    let kubectl = match raw {
        RawDeploy::Commands(list) => return Deployer::Commands(commands(list)),
        RawDeploy::BuiltIn(RawDeployers { kubectl }) => kubectl,
    };
    kubectl.map_or(Deployer::Nobody, |kubectl| {
        let containers = kubectl.containers.into_iter().map(|(name, image)| (name, image.0));
        Deployer::Kubectl(Kubectl {
            workload: kubectl.workload.0,
            containers: containers.collect(),
            namespace: kubectl.namespace.map(|name| name.0),
            context: kubectl.context.map(|name| name.0),
        })
    })
}

fn step(raw: RawStep) -> Step {
    Step {
        run: commands(raw.run),
        weight: raw.weight.map(|weight| weight.0),
        wait: raw.wait.map(|wait| wait.0).unwrap_or_default(),
        check: raw.check.map(commands).unwrap_or_default(),
    }
}

fn freeze_window(raw: RawFreezeWindow) -> FreezeWindow {
    let zone = raw.zone.map_or_else(|| "UTC".to_owned(), |zone| zone.0);
    FreezeWindow { from: raw.from.0, until: raw.until.0, zone }
}

fn lane(name: String, raw: RawLane) -> Lane {
    Lane {
        name,
        branch: raw.branch.0.name,
        matches: raw.branch.0.matches,
        from: raw.from.map(|name| name.0),
        soak: raw.soak.map(|soak| soak.0),
    }
}
