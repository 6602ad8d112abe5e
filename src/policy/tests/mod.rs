//! Tests every rule by itself and together with the others.

mod builds;

use super::{Authority, FreezeScope, PolicyDecision, PolicyInput, PolicyRule, ReleaseOrder, evaluate};
use crate::config::{self, EnvironmentRules};
use crate::model::{
    Actor, BadBuild, CommitId, EnvironmentState, Freeze, Hold, Image, People, Pin, Release, TagName,
    Timestamp, Version,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Friday, 17:00 in Berlin.
const NOW: &str = "2026-11-20T16:00:00Z";

fn digest(digit: char) -> String {
    format!("sha256:{}", digit.to_string().repeat(64))
}

fn release(version: &str, digit: char) -> Release {
    let image = Image::parse(&format!("api ghcr.io/acme/api@{}", digest(digit))).unwrap();
    let commit = CommitId::from_bytes([u8::try_from(digit).unwrap(); 20]);
    let version = Version::parse(version).unwrap();
    let tag = TagName::new(format!("v{version}"));
    Release::new(version, tag, Pin::new(commit, vec![image]))
}

fn actor(id: &str, person: bool) -> Value {
    json!({ "id": id, "person": person })
}

/// Returns the state of an environment with these keys, everything else empty.
fn state(keys: Value) -> EnvironmentState {
    let mut state = json!({ "newest": {
        "format": 1, "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "sequence": 1, "host": "h", "at": "2026-11-01T00:00:00Z",
        "repository": { "name": "shop", "root": "01".repeat(20) }, "actor": actor("ada@acme.example", true), "kind": "deploy",
    } });
    let all = state.as_object_mut().unwrap();
    all.extend(keys.as_object().unwrap().clone());
    serde_json::from_value(state).unwrap()
}

fn healthy(release: &Release, since: &str, until: Option<&str>) -> Value {
    json!({ "healthy": [{ "release": release, "by": actor("ada@acme.example", true), "intervals": [{ "since": since, "until": until }] }] })
}

fn hold(by: &str, rollback: bool) -> Value {
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let rollback = rollback.then_some(id);
    json!({ "by": actor(by, true), "since": "2026-11-20T03:12:00Z", "reason": "INC-412", "event": id, "rollback": rollback })
}

fn approval(by: &str, release: &Release, config: &str) -> Value {
    let digests: Vec<String> = release.pin.images.iter().map(|image| image.digest.to_string()).collect();
    json!({ "by": actor(by, true), "at": NOW, "commit": release.pin.commit, "digests": digests, "config": config,
        "event": "01ARZ3NDEKTSV4RRFFQ69G5FAV" })
}

fn running(release: &Release, state: &str) -> Value {
    json!({ "release": release, "state": state, "since": NOW, "by": actor("ada@acme.example", true),
        "event": "01ARZ3NDEKTSV4RRFFQ69G5FAV" })
}

fn bad(release: &Release) -> BadBuild {
    let mark = json!({ "release": release, "names": [release.label()], "by": actor("bob@acme.example", true),
        "since": "2026-11-20T03:12:00Z", "reason": "drops orders", "event": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    serde_json::from_value(mark).unwrap()
}

/// A policy input that owns its parts, each of which a test can change.
struct Case {
    rules: EnvironmentRules,
    release: Release,
    branches: Vec<String>,
    order: ReleaseOrder,
    same_trees: Vec<CommitId>,
    off_branch: Option<&'static str>,
    actor: Actor,
    prod: EnvironmentState,
    staging: Option<EnvironmentState>,
    dev: Option<EnvironmentState>,
    hold: Option<Hold>,
    freeze: Option<Freeze>,
    bad: Option<BadBuild>,
    retry: bool,
    asks: bool,
    now: &'static str,
}

impl Case {
    fn new(rules: &str) -> Self {
        let text = format!(
            "[[image]]\nname = 'api'\nrepository = 'ghcr.io/acme/api'\n[environment.staging]\n[environment.dev]\n\
             [environment.prod]\n{rules}"
        );
        let config = config::read("release.toml", &text).unwrap();
        Case {
            rules: config.environments.get("prod", "shop").unwrap().clone(),
            release: release("1.4.0", 'a'),
            branches: Vec::new(),
            order: ReleaseOrder::Newer,
            same_trees: Vec::new(),
            off_branch: None,
            actor: serde_json::from_value(actor("ada@acme.example", true)).unwrap(),
            prod: state(json!({})),
            staging: None,
            dev: None,
            hold: None,
            freeze: None,
            bad: None,
            retry: false,
            asks: true,
            now: NOW,
        }
    }

    fn evaluate(&self) -> PolicyDecision {
        let source = |name: &str| match name {
            "staging" => self.staging.as_ref(),
            "dev" => self.dev.as_ref(),
            _ => None,
        };
        let people = People::new([
            ("ada".to_owned(), vec!["ada@acme.example".to_owned()]),
            ("bob".to_owned(), vec!["bob@acme.example".to_owned(), "github:bob".to_owned()]),
        ]);
        evaluate(&PolicyInput {
            rules: &self.rules,
            package: None,
            release: &self.release,
            branches: &self.branches,
            order: self.order,
            verb: "deploy",
            not_on_final_branch: &|| self.off_branch.map(str::to_owned),
            same_tree: &|commit| self.same_trees.contains(&commit),
            authority: &Authority {
                actor: self.actor.clone(),
                at_terminal: self.actor.person,
                in_ci: self.actor.ci.is_some(),
                environment: Some("prod".to_owned()),
                override_in_ci: false,
            },
            asks: self.asks,
            people: &people,
            state: Some(&self.prod),
            source: &source,
            holds: &self.hold.iter().collect::<Vec<_>>(),
            freezes: &self.freeze.iter().map(|freeze| (FreezeScope::Environment, freeze)).collect::<Vec<_>>(),
            bad: self.bad.as_ref(),
            config: Some("c1"),
            retry: self.retry,
            promoted_from: None,
            now: Timestamp::parse(self.now).unwrap(),
        })
    }

    fn refusing_rules(&self) -> Vec<PolicyRule> {
        self.evaluate().refusals.iter().map(|refusal| refusal.rule).collect()
    }
}

#[test]
fn accept_refuses_what_the_environment_does_not_take() {
    let bare = Release::bare(release("1.4.0", 'a').pin);
    for (accept, what, refused) in [
        ("final", release("1.4.0", 'a'), false),
        ("final", release("1.4.0-rc.1", 'a'), true),
        ("final", bare.clone(), true),
        ("prerelease", release("1.4.0-rc.1", 'a'), false),
        ("prerelease", bare.clone(), true),
        ("any", bare, false),
    ] {
        let case = Case { release: what.clone(), ..Case::new(&format!("accept = '{accept}'")) };
        assert_eq!(case.refusing_rules() == [PolicyRule::Accept], refused, "{accept} {}", what.label());
    }
}

#[test]
fn what_was_adopted_counts_for_no_from_soak_or_redeploy() {
    let mut case = Case::new("accept = 'final'\nfrom = 'staging'\nsoak = '1h'\n");
    let mut adopted = healthy(&case.release, "2026-11-01T00:00:00Z", None);
    adopted["healthy"][0]["intervals"][0]["unproven"] = true.into();
    case.staging = Some(state(adopted));
    assert_eq!(case.refusing_rules(), [PolicyRule::From]);
    let mut running = running(&case.release, "recorded");
    running["unproven"] = true.into();
    case.prod = state(json!({ "running": running }));
    case.order = ReleaseOrder::SameBuild;
    assert_eq!(case.refusing_rules(), [PolicyRule::From]);
}

#[test]
fn soak_time_stops_while_another_release_is_deployed() {
    let it = release("1.4.0", 'a');
    let mut keys = healthy(&it, "2026-11-20T13:00:00Z", None);
    keys["lock"] = json!({ "operation": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "kind": "deploy", "actor": actor("bob@acme.example", false),
        "host": "runner-7", "since": "2026-11-20T13:40:00Z", "deadline": "2026-11-20T14:00:00Z", "release": release("1.4.1", 'b') });
    let case = Case { staging: Some(state(keys)), ..Case::new("from = 'staging'\nsoak = '2h'") };
    assert_eq!(case.refusing_rules(), [PolicyRule::Soak]);
}

#[test]
fn approvals_by_machines_and_unknown_identities_do_not_count() {
    let it = release("1.4.0", 'a');
    for (by, person, deployer, refused) in [
        ("circleci:bob", false, "circleci:ada", true),
        ("circleci:unknown", true, "circleci:ada", true),
        ("circleci:bob", true, "circleci:unknown", true),
        ("circleci:bob", true, "circleci:ada", false),
    ] {
        let mut approval = approval(by, &it, "c1");
        approval["by"] = json!({ "id": by, "person": person, "ci": "circleci" });
        let case = Case {
            prod: state(json!({ "approvals": [approval] })),
            actor: serde_json::from_value(actor(deployer, true)).unwrap(),
            ..Case::new("approvals = 1")
        };
        assert_eq!(case.refusing_rules() == [PolicyRule::Approvals], refused, "{by} for {deployer}");
    }
}

#[test]
fn a_rollback_does_not_take_over_an_existing_hold() {
    let mut kept = hold("bob@acme.example", true);
    kept["event"] = "01ARZ3NDEKTSV4RRFFQ69G5FAW".into();
    let case = Case { prod: state(json!({ "hold": kept })), ..Case::new("") };
    assert_eq!(case.refusing_rules(), [PolicyRule::Hold]);
}

#[test]
fn a_lane_applies_only_to_its_branches() {
    let rules = "from = 'staging'\nsoak = '2h'\n[environment.prod.lane.hotfix]\nbranch = 'hotfix/*'\nfrom = 'dev'\nsoak = '0s'";
    let dev = Some(state(healthy(&release("1.4.0", 'a'), NOW, None)));
    let case = Case { dev, branches: vec!["main".into(), "hotfix/coupon".into()], ..Case::new(rules) };
    let decision = case.evaluate();
    assert_eq!((decision.refusals.len(), decision.lane.as_deref()), (0, Some("hotfix")));
    let case = Case { branches: vec!["main".into()], ..case };
    assert_eq!(case.refusing_rules(), [PolicyRule::From]);
}

#[test]
fn approvals_count_only_from_other_people_for_the_same_digests_and_configuration() {
    let it = release("1.4.0", 'a');
    let github: Actor = serde_json::from_value(actor("github:eve", true)).unwrap();
    let ada: Actor = serde_json::from_value(actor("ada@acme.example", true)).unwrap();
    let bob: Actor = serde_json::from_value(actor("github:bob", true)).unwrap();
    for (approvals, deployer, refused) in [
        (vec![], &ada, true),
        (vec![approval("bob@acme.example", &it, "c1")], &ada, false),
        (vec![approval("ada@acme.example", &it, "c1")], &ada, true),
        (vec![approval("bob@acme.example", &it, "c2")], &ada, true),
        (vec![approval("bob@acme.example", &release("1.4.0", 'b'), "c1")], &ada, true),
        (vec![approval("bob@acme.example", &it, "c1")], &bob, true),
        (vec![approval("bob@acme.example", &it, "c1")], &github, true),
        (vec![approval("github:mia", &it, "c1")], &github, false),
    ] {
        let prod = state(json!({ "approvals": approvals }));
        let case = Case { prod, actor: deployer.clone(), ..Case::new("approvals = 1") };
        assert_eq!(
            case.refusing_rules() == [PolicyRule::Approvals],
            refused,
            "{approvals:?} by {}",
            deployer.id
        );
    }
    let both =
        json!({ "approvals": [approval("bob@acme.example", &it, "c1"), approval("github:bob", &it, "c1")] });
    let case = Case { prod: state(both), ..Case::new("approvals = 2") };
    assert!(
        case.evaluate().refusals[0].message.contains("github:bob may be the same person as another approver"),
        "{:?}",
        case.evaluate()
    );
}

#[test]
fn a_person_who_deploys_a_newer_release_ends_a_hold() {
    for (by, rollback, person, order, marked, refused) in [
        ("bob@acme.example", true, true, ReleaseOrder::Newer, false, false),
        ("bob@acme.example", true, false, ReleaseOrder::Newer, false, true),
        ("bob@acme.example", true, true, ReleaseOrder::SameBuild, false, true),
        ("bob@acme.example", false, true, ReleaseOrder::Newer, false, true),
        ("ada@acme.example", false, true, ReleaseOrder::Newer, false, false),
    ] {
        let mut case = Case { order, prod: state(json!({ "hold": hold(by, rollback) })), ..Case::new("") };
        case.actor.person = person;
        case.bad = marked.then(|| bad(&case.release));
        assert_eq!(
            case.refusing_rules() == [PolicyRule::Hold],
            refused,
            "{by} {rollback} {person} {order:?}"
        );
        assert_eq!(case.evaluate().ends_hold, !refused);
    }
    // Without being asked, a person ends only their own hold.
    for (by, refused) in [("bob@acme.example", true), ("ada@acme.example", false)] {
        let case = Case { asks: false, prod: state(json!({ "hold": hold(by, true) })), ..Case::new("") };
        assert_eq!(case.refusing_rules() == [PolicyRule::Hold], refused, "{by}");
    }
    let whole = serde_json::from_value(hold("ada@acme.example", false)).unwrap();
    let case = Case { hold: Some(whole), ..Case::new("") };
    assert_eq!(case.refusing_rules(), [PolicyRule::Hold]);
}

#[test]
fn a_release_that_failed_before_needs_retry() {
    let prod = state(json!({ "refused": release("1.4.0", 'a') }));
    let case = Case { prod, ..Case::new("") };
    assert_eq!(case.evaluate().refusals[0].remedies, ["rel deploy prod v1.4.0 --retry"]);
    let case = Case { retry: true, ..case };
    assert_eq!(case.refusing_rules(), []);
    let case = Case { retry: false, release: release("1.4.1", 'b'), ..case };
    assert_eq!(case.refusing_rules(), []);
}

#[test]
fn a_running_operation_refuses_until_its_deadline() {
    let lock = |deadline: &str| {
        state(
            json!({ "lock": { "operation": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "kind": "deploy", "actor": actor("bob@acme.example", false),
            "host": "runner-7", "since": "2026-11-20T15:59:00Z", "deadline": deadline, "release": release("1.3.9", 'c') } }),
        )
    };
    let case = Case { prod: lock("2026-11-20T16:30:00Z"), ..Case::new("") };
    let refusal = &case.evaluate().refusals[0];
    assert_eq!((refusal.rule, refusal.kind.code(), refusal.overridable), (PolicyRule::Lock, 5, false));
    assert_eq!(
        refusal.message,
        "prod is locked: deploy of v1.3.9 by bob@acme.example on runner-7, started at 2026-11-20T15:59:00Z, times out at 2026-11-20T16:30:00Z"
    );
    let case = Case { prod: lock("2026-11-20T15:59:59Z"), ..Case::new("") };
    assert!(case.refusing_rules().is_empty() && case.evaluate().notes[0].contains("never finished"));
}

#[test]
fn all_refusals_are_reported_at_once_with_remedies() {
    let rules = "from = 'staging'\nsoak = '2h'\napprovals = 1\nfreeze = [{ from = 'Fri 16:00', until = 'Mon 08:00', zone = 'Europe/Berlin' }]";
    let case = Case {
        prod: state(json!({ "hold": hold("bob@acme.example", false) })),
        staging: Some(state(healthy(&release("1.4.0", 'a'), "2026-11-20T15:50:00Z", None))),
        bad: Some(bad(&release("1.4.0", 'a'))),
        ..Case::new(rules)
    };
    let decision = case.evaluate();
    let rules: Vec<PolicyRule> = decision.refusals.iter().map(|refusal| refusal.rule).collect();
    assert_eq!(
        rules,
        [PolicyRule::Bad, PolicyRule::Soak, PolicyRule::Approvals, PolicyRule::Freeze, PolicyRule::Hold]
    );
    assert!(decision.refusals.iter().all(|refusal| refusal.overridable && !refusal.remedies.is_empty()));
}

proptest! {
    /// More time in staging never refuses what less time allowed.
    #[test]
    fn more_soak_time_never_adds_a_refusal(first in 0..20_000_i64, more in 0..20_000_i64, soak in 0..20_000_u64) {
        let rules = format!("from = 'staging'\nsoak = '{soak}s'");
        let since = |seconds: i64| Timestamp::from_seconds(Timestamp::parse(NOW).unwrap().seconds() - seconds).unwrap().to_string();
        let refused = |seconds| {
            let staging = Some(state(healthy(&release("1.4.0", 'a'), &since(seconds), None)));
            !Case { staging, ..Case::new(&rules) }.refusing_rules().is_empty()
        };
        prop_assert_eq!(refused(first), first < i64::try_from(soak).unwrap());
        prop_assert!(refused(first) || !refused(first + more));
    }

    /// Approvals by the person who deploys never count, and one person counts once.
    #[test]
    fn no_person_counts_twice(who in prop::collection::vec(0..4_usize, 0..6), wanted in 1..4_usize) {
        let names = ["ada@acme.example", "bob@acme.example", "github:bob", "eve@acme.example"];
        let it = release("1.4.0", 'a');
        let approvals: Vec<Value> = who.iter().map(|one| approval(names[*one], &it, "c1")).collect();
        let case = Case { prod: state(json!({ "approvals": approvals })), ..Case::new(&format!("approvals = {wanted}")) };
        let bob = who.contains(&1) || (who.contains(&2) && who.contains(&1));
        let most = usize::from(bob || who.contains(&2)) + usize::from(who.contains(&3));
        if case.refusing_rules().is_empty() {
            prop_assert!(most >= wanted);
        }
    }
}
