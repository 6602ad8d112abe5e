//! From `[environment.*]` as it is written to what the house works with: a package's keys laid over its environment's.
//! Leans on `raw` and `environment`.

use super::environment::{
    Deployer, EnvironmentRules, Environments, FreezeWindow, Kubectl, Lane, PerPackage, Step, Words,
};
use super::fill::slipped;
use super::formats::read_span;
use super::raw;
use crate::error::Result;
use crate::model::{Patterns, WeekTime};
use std::collections::BTreeMap;
use std::time::Duration;

/// Fills all of them.
pub(super) fn environments(file: &BTreeMap<String, raw::Environment>) -> Result<Environments> {
    let one = |(name, raw): (&String, &raw::Environment)| {
        let mut every = EnvironmentRules::new(name);
        lay_over(&mut every, raw)?;
        let own = raw.package.iter().map(|(package, raw)| {
            let mut rules = every.clone();
            lay_over(&mut rules, raw).map(|()| (package.clone(), rules))
        });
        let own = own.collect::<Result<_>>()?;
        Ok((name.clone(), PerPackage { every, own }))
    };
    file.iter().map(one).collect::<Result<_>>().map(Environments)
}

/// Every key that is written replaces what stood there.
fn lay_over(rules: &mut EnvironmentRules, raw: &raw::Environment) -> Result<()> {
    set(&mut rules.accept, raw.accept);
    if let Some(from) = &raw.from {
        rules.from = Some(from.0.clone());
    }
    set(&mut rules.soak, raw.soak.as_ref().map(span).transpose()?);
    set(&mut rules.approvals, raw.approvals);
    set(&mut rules.protected, raw.protected);
    set(&mut rules.override_in_ci, raw.override_in_ci);
    set(&mut rules.timeout, raw.timeout.as_ref().map(span).transpose()?);
    set(&mut rules.rollback_on_failure, raw.rollback_on_failure);
    set(&mut rules.tree, raw.tree);
    let names = raw.pass_env.as_ref().map(|names| names.iter().map(|name| name.0.clone()).collect());
    set(&mut rules.pass_env, names);
    if let Some(windows) = &raw.freeze {
        rules.freeze = windows.iter().map(window).collect::<Result<_>>()?;
    }
    // Whoever deploys in another way returns in another way: an inherited `rollback` would put the wrong image out.
    if raw.deploy.is_some() || raw.steps.is_some() {
        rules.rollback = None;
    }
    set(&mut rules.deployer, raw.deploy.as_ref().map(deployer));
    if let Some(steps) = &raw.steps {
        rules.deployer = Deployer::Steps(steps.iter().map(step).collect::<Result<_>>()?);
    }
    if let Some(rollback) = &raw.rollback {
        rules.rollback = Some(commands(rollback));
    }
    set(&mut rules.verify, raw.verify.as_ref().map(commands));
    set(&mut rules.live, raw.live.as_ref().map(commands));
    for (name, raw) in &raw.lane {
        rules.lanes.retain(|lane| lane.name != *name);
        rules.lanes.push(lane(name, raw)?);
    }
    Ok(())
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

fn span(text: &raw::Span) -> Result<Duration> {
    read_span(text).ok_or_else(|| slipped(text))
}

fn commands(commands: &raw::Commands) -> Vec<Words> {
    commands.each().map(<[String]>::to_vec).collect()
}

fn deployer(raw: &raw::Deploy) -> Deployer {
    let kubectl = match raw {
        raw::Deploy::Commands(list) => return Deployer::Commands(commands(list)),
        raw::Deploy::Named(raw::Deployers { kubectl }) => kubectl,
    };
    kubectl.as_ref().map_or(Deployer::Nobody, |kubectl| {
        let containers = kubectl.containers.iter().map(|(name, image)| (name.clone(), image.0.clone()));
        Deployer::Kubectl(Kubectl {
            workload: kubectl.workload.0.clone(),
            containers: containers.collect(),
            namespace: kubectl.namespace.as_deref().map(str::to_owned),
            context: kubectl.context.as_deref().map(str::to_owned),
        })
    })
}

fn step(raw: &raw::Step) -> Result<Step> {
    Ok(Step {
        run: commands(&raw.run),
        weight: raw.weight,
        wait: raw.wait.as_ref().map(span).transpose()?.unwrap_or_default(),
        check: raw.check.as_ref().map(commands).unwrap_or_default(),
    })
}

fn window(raw: &raw::Freeze) -> Result<FreezeWindow> {
    let time = |text: &raw::WeekTime| WeekTime::parse(text).ok_or_else(|| slipped(text));
    let zone = raw.zone.as_deref().unwrap_or("UTC").to_owned();
    Ok(FreezeWindow { from: time(&raw.from)?, until: time(&raw.until)?, zone })
}

fn lane(name: &str, raw: &raw::Lane) -> Result<Lane> {
    let branch = raw.branch.0.clone();
    Ok(Lane {
        name: name.to_owned(),
        matches: Patterns::parse([branch.as_str()]).map_err(|_| slipped(&branch))?,
        branch,
        from: raw.from.as_deref().map(str::to_owned),
        soak: raw.soak.as_ref().map(span).transpose()?,
    })
}
