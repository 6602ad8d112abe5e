//! The stages of a deploy and of a rollback: which commands run, in which order, and how long they may take.

use super::kubectl;
use super::template::Values;
use crate::config::{CommandLine, Deployer, EnvironmentRules};
use crate::error::{Error, Result};
use crate::process::GRACE_PERIOD;
use std::time::Duration;

/// What a stage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Changes what runs.
    Run,
    /// Must succeed before the next step.
    Check,
    /// Proves that the release is healthy.
    Verify,
}

/// Commands that belong together.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name for people: `step 1 of 2, 10 %`.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// How long to wait before it.
    pub wait: Duration,
    /// Its commands, an argument list each.
    pub commands: Vec<CommandLine>,
    /// The share of the traffic, in percent: `REL_WEIGHT`.
    pub weight: Option<u8>,
}

/// Returns the stages of a deploy: the deployer with its waits and checks, then the verification.
pub fn deploy_stages(rules: &EnvironmentRules, values: &Values) -> Result<Vec<Stage>> {
    let mut stages = match &rules.deployer {
        Deployer::Nobody => Vec::new(),
        Deployer::Commands(commands) => vec![run_stage("deploy", values.fill_all(commands)?)],
        Deployer::Kubectl(deployer) => {
            vec![run_stage("kubectl", kubectl::commands(deployer, values, rules.timeout)?)]
        }
        Deployer::Steps(steps) => {
            let mut stages = Vec::new();
            for (number, step) in steps.iter().enumerate() {
                let share = step.weight.map(|weight| format!(", {weight} %")).unwrap_or_default();
                let name = format!("step {} of {}{share}", number + 1, steps.len());
                let run = run_stage(&name, values.fill_all(&step.run)?);
                stages.push(Stage { weight: step.weight, ..run });
                if !step.check.is_empty() || !step.wait.is_zero() {
                    stages.push(Stage {
                        name: format!("check of {name}"),
                        purpose: Purpose::Check,
                        wait: step.wait,
                        commands: values.fill_all(&step.check)?,
                        weight: step.weight,
                    });
                }
            }
            stages
        }
    };
    stages.extend(verification(values.fill_all(&rules.verify)?));
    Ok(stages)
}

/// The stages of a rollback.
#[derive(Clone, Debug, Default)]
pub struct RollbackStages {
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// The commands that are left out, and why, as sentences: the release is older than an image that they deploy.
    pub skipped: Vec<String>,
}

/// Returns the stages of a rollback: `rollback`, else `deploy`, else the last step only, without waits and checks; then
/// the verification. Commands with an image that the release does not have are left out.
///
/// # Errors
///
/// 7 if no command is left that would roll back.
pub fn rollback_stages(rules: &EnvironmentRules, values: &Values) -> Result<RollbackStages> {
    let mut skipped = Vec::new();
    let (commands, weight) = match (&rules.rollback, &rules.deployer) {
        (Some(commands), _) | (None, Deployer::Commands(commands)) => {
            (values.fill_possible(commands, &mut skipped)?, None)
        }
        (None, Deployer::Nobody) => (Vec::new(), None),
        (None, Deployer::Kubectl(deployer)) => {
            (kubectl::possible_commands(deployer, values, rules.timeout, &mut skipped)?, None)
        }
        (None, Deployer::Steps(steps)) => match steps.last() {
            Some(last) => (values.fill_possible(&last.run, &mut skipped)?, last.weight),
            None => (Vec::new(), None),
        },
    };
    let mut stages = Vec::new();
    if !commands.is_empty() {
        stages.push(Stage { weight, ..run_stage("rollback", commands) });
    } else if let Some(first) = skipped.first() {
        return Err(Error::missing("no command is left that would roll back").cause(first));
    }
    let verify = values.fill_possible(&rules.verify, &mut skipped)?;
    stages.extend(verification(verify));
    Ok(RollbackStages { stages, skipped })
}

fn run_stage(name: &str, commands: Vec<CommandLine>) -> Stage {
    Stage { name: name.to_owned(), purpose: Purpose::Run, wait: Duration::ZERO, commands, weight: None }
}

fn verification(commands: Vec<CommandLine>) -> Option<Stage> {
    let stage = || Stage { purpose: Purpose::Verify, ..run_stage("verify", commands.clone()) };
    (!commands.is_empty()).then(stage)
}

/// Returns how long stages may take at most: every wait, the timeout and the grace period of every command, and a minute
/// to record the result.
pub fn max_duration(stages: &[Stage], timeout: Duration) -> Duration {
    let commands: usize = stages.iter().map(|stage| stage.commands.len()).sum();
    let commands = u32::try_from(commands).unwrap_or(u32::MAX);
    let waits: Duration = stages.iter().map(|stage| stage.wait).sum();
    waits
        .saturating_add((timeout + GRACE_PERIOD).saturating_mul(commands))
        .saturating_add(Duration::from_secs(60))
}

#[cfg(test)]
mod tests {
    use super::{Purpose, RollbackStages, Stage, deploy_stages, max_duration, rollback_stages};
    use crate::config::{self, EnvironmentRules};
    use crate::deploy::Values;
    use crate::model::{CommitId, Image, Pin, Release, TagName, Version};
    use std::time::Duration;

    fn values() -> Values {
        let image = Image::parse(&format!("api r.example/api@sha256:{}", "0a".repeat(32))).unwrap();
        let pin = Pin::new(CommitId::from_bytes([1; 20]), vec![image]);
        Values::new(&Release::new(Version::new(1, 4, 0), TagName::new("v1.4.0"), pin), "prod", "shop", None)
    }

    fn rules(text: &str) -> EnvironmentRules {
        let text =
            format!("[[image]]\nname = 'api'\nrepository = 'r.example/api'\n[environment.prod]\n{text}");
        config::read("release.toml", &text).unwrap().environments.get("prod", "shop").unwrap().clone()
    }

    fn listed(stages: &[Stage]) -> Vec<String> {
        let line = |stage: &Stage| {
            let words: Vec<_> = stage.commands.iter().map(|words| words.join(" ")).collect();
            format!("{} +{} {:?}: {}", stage.name, stage.wait.as_secs(), stage.purpose, words.join("; "))
        };
        stages.iter().map(line).collect()
    }

    const STEPS: &str = "timeout = '1m'\nverify = ['v', '{env}']\nsteps = [\n\
        { run = ['./split', '{version}', '10'], weight = 10, wait = '10m', check = ['./monitor'] },\n\
        { run = ['./split', '{version}', '100'], weight = 100 },\n]\n";

    #[test]
    fn a_deploy_waits_and_checks_and_a_rollback_does_not() {
        let rules = rules(STEPS);
        let stages = deploy_stages(&rules, &values()).unwrap();
        assert_eq!(
            listed(&stages),
            [
                "step 1 of 2, 10 % +0 Run: ./split 1.4.0 10",
                "check of step 1 of 2, 10 % +600 Check: ./monitor",
                "step 2 of 2, 100 % +0 Run: ./split 1.4.0 100",
                "verify +0 Verify: v prod",
            ]
        );
        assert_eq!(max_duration(&stages, rules.timeout), Duration::from_secs(600 + 4 * 70 + 60));
        let stages = rollback_stages(&rules, &values()).unwrap().stages;
        assert_eq!(listed(&stages), ["rollback +0 Run: ./split 1.4.0 100", "verify +0 Verify: v prod"]);
        assert_eq!((stages[0].weight, stages[1].purpose), (Some(100), Purpose::Verify));
    }

    #[test]
    fn a_rollback_runs_rollback_else_deploy_else_the_last_step() {
        let first =
            |text: &str| listed(&rollback_stages(&rules(text), &values()).unwrap().stages).first().cloned();
        assert_eq!(first("deploy = ['d']\nrollback = ['r']").as_deref(), Some("rollback +0 Run: r"));
        assert_eq!(first("deploy = ['d']").as_deref(), Some("rollback +0 Run: d"));
        assert_eq!(first(""), None);
    }

    #[test]
    fn a_package_with_its_own_deployer_does_not_inherit_rollback() {
        let text = "[package.api]\npaths = ['a/**']\n[package.web]\npaths = ['w/**']\n[environment.prod]\n\
            deploy = ['d']\nrollback = ['r']\nsoak = '1h'\nfrom = 'dev'\n[environment.prod.package.web]\ndeploy = ['w']\n\
            [environment.dev]\n";
        let config = config::read("release.toml", text).unwrap();
        let web = config.environments.get("prod", "web").unwrap();
        assert_eq!(listed(&rollback_stages(web, &values()).unwrap().stages), ["rollback +0 Run: w"]);
        assert_eq!(web.soak, Duration::from_secs(3600));
        let api = config.environments.get("prod", "api").unwrap();
        assert_eq!(listed(&rollback_stages(api, &values()).unwrap().stages), ["rollback +0 Run: r"]);
    }

    #[test]
    fn a_rollback_skips_commands_with_an_image_that_the_release_does_not_have() {
        let web = "[[image]]\nname = 'web'\nrepository = 'r.example/web'\n";
        let rules = |text: &str| {
            let text = format!(
                "{web}[[image]]\nname = 'api'\nrepository = 'r.example/api'\n[environment.prod]\n{text}"
            );
            config::read("release.toml", &text).unwrap().environments.get("prod", "shop").unwrap().clone()
        };
        let both = rules("deploy = [['d', 'api'], ['d', '{image.web}']]\nverify = [['v', '{image.web}']]");
        let RollbackStages { stages, skipped } = rollback_stages(&both, &values()).unwrap();
        assert_eq!(listed(&stages), ["rollback +0 Run: d api"]);
        assert_eq!(skipped[0], "v1.4.0 has no image web, so this command is skipped: d {image.web}");
        assert_eq!(skipped.len(), 2);
        assert_eq!(deploy_stages(&both, &values()).unwrap_err().kind.code(), 7);
        // Verifying alone is no rollback.
        let only = rules("deploy = ['d', '{image.web}']\nverify = ['v']");
        assert_eq!(rollback_stages(&only, &values()).unwrap_err().kind.code(), 7);
        let kubectl = rules(
            "deploy = { kubectl = { workload = 'deployment/api', containers = { app = 'api', side = 'web' } } }",
        );
        let RollbackStages { stages, skipped } = rollback_stages(&kubectl, &values()).unwrap();
        assert!(listed(&stages)[0].contains(" app=r.example/api@") && !listed(&stages)[0].contains("side="));
        assert_eq!(skipped, ["v1.4.0 has no image web, so container side is left as it is"]);
    }

    #[test]
    fn kubectl_gets_the_digest_and_the_workload() {
        let rules = rules(
            "timeout = '2m'\ndeploy = { kubectl = { workload = 'deployment/api', namespace = 'prod', context = 'eu', containers = { app = 'api' } } }",
        );
        let image = format!("r.example/api@sha256:{}", "0a".repeat(32));
        assert_eq!(
            listed(&deploy_stages(&rules, &values()).unwrap()),
            [format!(
                "kubectl +0 Run: kubectl --context=eu --namespace=prod set image deployment/api app={image}; \
                 kubectl --context=eu --namespace=prod rollout status deployment/api --timeout=120s"
            )]
        );
    }
}
