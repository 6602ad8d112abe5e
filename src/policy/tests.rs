//! Every rule, alone and with all others.

use super::{Order, Question, Rule, Verdict, judge};
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

/// The state of an environment, with these keys laid over one in which nothing is known.
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

/// A question with its parts, each to be changed by a test.
struct Case {
    rules: EnvironmentRules,
    release: Release,
    branches: Vec<String>,
    order: Order,
    actor: Actor,
    prod: EnvironmentState,
    staging: Option<EnvironmentState>,
    dev: Option<EnvironmentState>,
    hold: Option<Hold>,
    freeze: Option<Freeze>,
    bad: Option<BadBuild>,
    retry: bool,
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
            order: Order::Newer,
            actor: serde_json::from_value(actor("ada@acme.example", true)).unwrap(),
            prod: state(json!({})),
            staging: None,
            dev: None,
            hold: None,
            freeze: None,
            bad: None,
            retry: false,
            now: NOW,
        }
    }

    fn judge(&self) -> Verdict {
        let source = |name: &str| match name {
            "staging" => self.staging.as_ref(),
            "dev" => self.dev.as_ref(),
            _ => None,
        };
        let people = People::new([
            ("ada".to_owned(), vec!["ada@acme.example".to_owned()]),
            ("bob".to_owned(), vec!["bob@acme.example".to_owned(), "github:bob".to_owned()]),
        ]);
        judge(&Question {
            rules: &self.rules,
            package: None,
            release: &self.release,
            branches: &self.branches,
            order: self.order,
            actor: &self.actor,
            people: &people,
            state: Some(&self.prod),
            source: &source,
            holds: &self.hold.iter().collect::<Vec<_>>(),
            freezes: &self.freeze.iter().map(|freeze| ("prod", freeze)).collect::<Vec<_>>(),
            bad: self.bad.as_ref(),
            config: Some("c1"),
            retry: self.retry,
            now: Timestamp::parse(self.now).unwrap(),
        })
    }

    fn rules_that_refuse(&self) -> Vec<Rule> {
        self.judge().refusals.iter().map(|refusal| refusal.rule).collect()
    }
}

#[test]
fn what_an_environment_accepts() {
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
        assert_eq!(case.rules_that_refuse() == [Rule::Accept], refused, "{accept} {}", what.label());
    }
}

#[test]
fn an_older_version_goes_back_and_what_runs_is_deployed_again_bad_or_not() {
    let older = Case { order: Order::Older, ..Case::new("") };
    let verdict = older.judge();
    assert_eq!(verdict.refusals[0].lifts, ["rel rollback prod v1.4.0"]);
    assert!(!verdict.refusals[0].passable);
    let here = |how: &str| Case {
        order: Order::Same,
        bad: Some(bad(&release("1.4.0", 'a'))),
        prod: state(json!({ "running": running(&release("1.4.0", 'a'), how) })),
        ..Case::new("from = 'staging'")
    };
    assert_eq!(here("failed").rules_that_refuse(), [Rule::Bad, Rule::From]);
    assert_eq!(here("unknown").rules_that_refuse(), [Rule::Bad, Rule::From]);
    let again = here("healthy");
    assert_eq!(again.rules_that_refuse(), []);
    let bad = Case { bad: again.bad, ..Case::new("") };
    assert_eq!(bad.rules_that_refuse(), [Rule::Bad]);
}

/// `from` and `soak`: digests, not names; the longest time without a break.
#[test]
fn where_it_must_have_been_healthy_and_for_how_long() {
    let rules = "from = 'staging'\nsoak = '2h'";
    let other_name = Release::bare(release("1.4.0", 'a').pin);
    let refused = |staging: Option<Value>| {
        let case = Case { staging: staging.map(state), ..Case::new(rules) };
        case.rules_that_refuse()
    };
    assert_eq!(refused(None), [Rule::From]);
    assert_eq!(refused(Some(json!({}))), [Rule::From]);
    assert_eq!(refused(Some(healthy(&release("1.4.0", 'b'), "2026-11-01T00:00:00Z", None))), [Rule::From]);
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-20T14:00:01Z", None))), [Rule::Soak]);
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-20T14:00:00Z", None))), []);
    assert_eq!(
        refused(Some(healthy(&other_name, "2026-11-10T14:00:00Z", Some("2026-11-10T15:59:59Z")))),
        [Rule::Soak]
    );
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-10T14:00:00Z", Some("2026-11-10T16:00:00Z")))), []);
    let case =
        Case { staging: Some(state(healthy(&other_name, "2026-11-20T15:20:00Z", None))), ..Case::new(rules) };
    let refusal = &case.judge().refusals[0];
    assert_eq!(refusal.message, "v1.4.0 has been healthy in staging for 40 min, and prod asks for 2 h");
    assert_eq!(refusal.lifts, ["rel deploy prod v1.4.0   # in 1 h 20 min, if it stays healthy"]);
}

#[test]
fn nothing_soaks_while_something_else_is_brought() {
    let it = release("1.4.0", 'a');
    let mut keys = healthy(&it, "2026-11-20T13:00:00Z", None);
    keys["lock"] = json!({ "operation": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "kind": "deploy", "actor": actor("bob@acme.example", false),
        "host": "runner-7", "since": "2026-11-20T13:40:00Z", "deadline": "2026-11-20T14:00:00Z", "release": release("1.4.1", 'b') });
    let case = Case { staging: Some(state(keys)), ..Case::new("from = 'staging'\nsoak = '2h'") };
    assert_eq!(case.rules_that_refuse(), [Rule::Soak]);
}

#[test]
fn approvals_of_robots_and_nobody_do_not_count() {
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
        assert_eq!(case.rules_that_refuse() == [Rule::Approvals], refused, "{by} for {deployer}");
    }
}

#[test]
fn a_hold_that_stood_before_a_rollback_stays_its_owners() {
    let mut kept = hold("bob@acme.example", true);
    kept["event"] = "01ARZ3NDEKTSV4RRFFQ69G5FAW".into();
    let case = Case { prod: state(json!({ "hold": kept })), ..Case::new("") };
    assert_eq!(case.rules_that_refuse(), [Rule::Hold]);
}

#[test]
fn a_lane_is_for_its_branches_alone() {
    let rules = "from = 'staging'\nsoak = '2h'\n[environment.prod.lane.hotfix]\nbranch = 'hotfix/*'\nfrom = 'dev'\nsoak = '0s'";
    let dev = Some(state(healthy(&release("1.4.0", 'a'), NOW, None)));
    let case = Case { dev, branches: vec!["main".into(), "hotfix/coupon".into()], ..Case::new(rules) };
    let verdict = case.judge();
    assert_eq!((verdict.refusals.len(), verdict.lane.as_deref()), (0, Some("hotfix")));
    let case = Case { branches: vec!["main".into()], ..case };
    assert_eq!(case.rules_that_refuse(), [Rule::From]);
}

#[test]
fn approvals_are_of_other_people_and_for_these_digests_and_this_configuration() {
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
            case.rules_that_refuse() == [Rule::Approvals],
            refused,
            "{approvals:?} by {}",
            deployer.id
        );
    }
    let both =
        json!({ "approvals": [approval("bob@acme.example", &it, "c1"), approval("github:bob", &it, "c1")] });
    let case = Case { prod: state(both), ..Case::new("approvals = 2") };
    assert!(case.judge().refusals[0].message.contains("bob has approved already"), "{:?}", case.judge());
}

#[test]
fn holds_end_where_a_person_brings_something_higher() {
    for (by, rollback, person, order, marked, refused) in [
        ("bob@acme.example", true, true, Order::Newer, false, false),
        ("bob@acme.example", true, false, Order::Newer, false, true),
        ("bob@acme.example", true, true, Order::Same, false, true),
        ("bob@acme.example", false, true, Order::Newer, false, true),
        ("ada@acme.example", false, true, Order::Newer, false, false),
    ] {
        let mut case = Case { order, prod: state(json!({ "hold": hold(by, rollback) })), ..Case::new("") };
        case.actor.person = person;
        case.bad = marked.then(|| bad(&case.release));
        assert_eq!(case.rules_that_refuse() == [Rule::Hold], refused, "{by} {rollback} {person} {order:?}");
        assert_eq!(case.judge().ends_hold, !refused);
    }
    let whole = serde_json::from_value(hold("ada@acme.example", false)).unwrap();
    let case = Case { hold: Some(whole), ..Case::new("") };
    assert_eq!(case.rules_that_refuse(), [Rule::Hold]);
}

#[test]
fn what_failed_here_is_tried_again_only_when_asked_for() {
    let prod = state(json!({ "refused": release("1.4.0", 'a') }));
    let case = Case { prod, ..Case::new("") };
    assert_eq!(case.judge().refusals[0].lifts, ["rel deploy prod v1.4.0 --retry"]);
    let case = Case { retry: true, ..case };
    assert_eq!(case.rules_that_refuse(), []);
    let case = Case { retry: false, release: release("1.4.1", 'b'), ..case };
    assert_eq!(case.rules_that_refuse(), []);
}

#[test]
fn who_is_at_work_is_named_until_the_deadline() {
    let lock = |deadline: &str| {
        state(
            json!({ "lock": { "operation": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "kind": "deploy", "actor": actor("bob@acme.example", false),
            "host": "runner-7", "since": "2026-11-20T15:59:00Z", "deadline": deadline, "release": release("1.3.9", 'c') } }),
        )
    };
    let case = Case { prod: lock("2026-11-20T16:30:00Z"), ..Case::new("") };
    let refusal = &case.judge().refusals[0];
    assert_eq!((refusal.rule, refusal.kind.code(), refusal.passable), (Rule::Lock, 5, false));
    assert_eq!(
        refusal.message,
        "prod is busy: deploy of v1.3.9 by bob@acme.example on runner-7 since 2026-11-20T15:59:00Z, until 2026-11-20T16:30:00Z at the latest"
    );
    let case = Case { prod: lock("2026-11-20T15:59:59Z"), ..Case::new("") };
    assert!(case.rules_that_refuse().is_empty() && case.judge().notes[0].contains("never ended"));
}

/// Held, frozen, unapproved, too fresh, bad: all at once.
#[test]
fn five_reasons_each_with_its_command() {
    let rules = "from = 'staging'\nsoak = '2h'\napprovals = 1\nfreeze = [{ from = 'Fri 16:00', until = 'Mon 08:00', zone = 'Europe/Berlin' }]";
    let case = Case {
        prod: state(json!({ "hold": hold("bob@acme.example", false) })),
        staging: Some(state(healthy(&release("1.4.0", 'a'), "2026-11-20T15:50:00Z", None))),
        bad: Some(bad(&release("1.4.0", 'a'))),
        ..Case::new(rules)
    };
    let verdict = case.judge();
    let rules: Vec<Rule> = verdict.refusals.iter().map(|refusal| refusal.rule).collect();
    assert_eq!(rules, [Rule::Bad, Rule::Soak, Rule::Approvals, Rule::Freeze, Rule::Hold]);
    assert!(verdict.refusals.iter().all(|refusal| refusal.passable && !refusal.lifts.is_empty()));
}

proptest! {
    /// More time in staging never refuses what less time allowed, and what is refused says how long it still takes.
    #[test]
    fn waiting_only_helps(first in 0..20_000_i64, more in 0..20_000_i64, soak in 0..20_000_u64) {
        let rules = format!("from = 'staging'\nsoak = '{soak}s'");
        let since = |seconds: i64| Timestamp::from_seconds(Timestamp::parse(NOW).unwrap().seconds() - seconds).unwrap().to_string();
        let refused = |seconds| {
            let staging = Some(state(healthy(&release("1.4.0", 'a'), &since(seconds), None)));
            !Case { staging, ..Case::new(&rules) }.rules_that_refuse().is_empty()
        };
        prop_assert_eq!(refused(first), first < i64::try_from(soak).unwrap());
        prop_assert!(refused(first) || !refused(first + more));
    }

    /// However many approvals there are: never enough from the one who deploys, and one person counts once.
    #[test]
    fn nobody_counts_twice(who in prop::collection::vec(0..4_usize, 0..6), wanted in 1..4_usize) {
        let names = ["ada@acme.example", "bob@acme.example", "github:bob", "eve@acme.example"];
        let it = release("1.4.0", 'a');
        let approvals: Vec<Value> = who.iter().map(|one| approval(names[*one], &it, "c1")).collect();
        let case = Case { prod: state(json!({ "approvals": approvals })), ..Case::new(&format!("approvals = {wanted}")) };
        let bob = who.contains(&1) || (who.contains(&2) && who.contains(&1));
        let most = usize::from(bob || who.contains(&2)) + usize::from(who.contains(&3));
        if case.rules_that_refuse().is_empty() {
            prop_assert!(most >= wanted);
        }
    }
}
