//! Laws of `fold`, checked with random histories of an environment.

use super::fold::fold;
use super::tree_layout::{Files, read_json};
use crate::error::Result;
use crate::model::{
    Actor, CommitId, EnvironmentState, Event, EventId, EventKind, EventPayload, FORMAT, Image, Interval, Pin,
    REMEMBERED, Release, RepositoryIdentity, State, Synced, TagName, Timestamp, Version,
};
use proptest::prelude::*;
use serde_json::Map;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
struct Tree(BTreeMap<String, String>);

impl Files for Tree {
    fn read(&self, path: &str) -> Result<Option<String>> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let inside = |path: &String| {
            let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
            rest.split('/').next().map(str::to_owned)
        };
        let mut names: Vec<String> = self.0.keys().filter_map(inside).collect();
        names.dedup();
        Ok(names)
    }
}

impl Tree {
    fn apply(&mut self, event: &Event) {
        for (path, text) in fold(event, self).unwrap() {
            match text {
                Some(text) => self.0.insert(path, text),
                None => self.0.remove(&path),
            };
        }
    }

    fn state(&self) -> Option<EnvironmentState> {
        read_json(self, "state/shop/prod.json").unwrap()
    }
}

fn release(number: u8) -> Release {
    let digest = format!("{number:064x}");
    let image = Image::parse(&format!("api ghcr.io/acme/api@sha256:{digest}")).unwrap();
    let version = Version::new(1, u64::from(number), 0);
    Release::new(
        version.clone(),
        TagName::new(format!("v{version}")),
        Pin::new(CommitId::from_bytes([number; 20]), vec![image]),
    )
}

fn ada() -> Actor {
    Actor { id: "ada@acme.example".into(), name: None, person: true, run: None, ci: None, rest: Map::new() }
}

/// An event this many minutes after the epoch.
fn event(minutes: u64, sequence: u64, what: EventPayload) -> Event {
    Event {
        format: FORMAT,
        id: EventId::new(minutes, 0),
        sequence,
        previous: None,
        repository: RepositoryIdentity { name: "shop".into(), root: CommitId::from_bytes([0; 20]) },
        actor: ada(),
        host: "vm".into(),
        at: Timestamp::from_seconds(i64::try_from(minutes).unwrap() * 60).unwrap(),
        config: None,
        synced: None,
        late: false,
        what,
    }
}

fn payload(kind: EventKind, state: Option<State>, number: u8) -> EventPayload {
    EventPayload {
        state,
        release: Some(release(number)),
        ..EventPayload::new(kind).at(Some("shop"), Some("prod"))
    }
}

/// One step of a history: a whole operation, or a single event.
#[derive(Clone, Debug)]
enum Step {
    Operation { kind: EventKind, end: State, number: u8 },
    Single(EventKind),
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = prop_oneof![Just(EventKind::Deploy), Just(EventKind::Promote), Just(EventKind::Rollback)];
    let ends = prop_oneof![
        3 => Just(State::Healthy),
        1 => Just(State::Recorded),
        2 => Just(State::Failed),
        1 => Just(State::Unknown),
        1 => Just(State::Mixed),
        1 => Just(State::Superseded),
        1 => Just(State::read("paused")),
    ];
    let singles = prop_oneof![
        Just(EventKind::Hold),
        Just(EventKind::Unhold),
        Just(EventKind::Freeze),
        Just(EventKind::Thaw),
        Just(EventKind::Unlock),
        Just(EventKind::read("quarantine")),
    ];
    prop_oneof![
        4 => (kinds, ends, 0_u8..40).prop_map(|(kind, end, number)| Step::Operation { kind, end, number }),
        1 => singles.prop_map(Step::Single),
    ]
}

/// Plays a history; `look` sees every event with the tree after it.
fn play(steps: &[Step], mut look: impl FnMut(&Event, &Tree)) -> Tree {
    let (mut tree, mut minutes, mut sequence) = (Tree::default(), 0, 0);
    let mut one = |what: EventPayload, tree: &mut Tree| {
        minutes += 7;
        sequence += 1;
        let event = event(minutes, sequence, what);
        tree.apply(&event);
        look(&event, tree);
        event
    };
    for step in steps {
        match step {
            Step::Operation { kind, end, number } => {
                let started = one(payload(kind.clone(), Some(State::Deploying), *number), &mut tree);
                let result = payload(kind.clone(), Some(end.clone()), *number);
                one(
                    EventPayload { operation: Some(started.id.clone()), began: Some(started.at), ..result },
                    &mut tree,
                );
            }
            Step::Single(kind) => {
                one(EventPayload::new(kind.clone()).at(Some("shop"), Some("prod")), &mut tree);
            }
        }
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn failures_never_push_a_healthy_release_out(steps in prop::collection::vec(step(), 1..80)) {
        let mut last: Vec<Pin> = Vec::new();
        play(&steps, |event, tree| {
            let state = tree.state().unwrap();
            let pins: Vec<Pin> = state.healthy.iter().map(|healthy| healthy.release.pin.clone()).collect();
            let served = event.state.as_ref().is_some_and(State::is_usable);
            if !served {
                assert_eq!(pins, last, "{event:?}");
            }
            assert!(pins.len() <= REMEMBERED);
            for (place, pin) in pins.iter().enumerate() {
                assert!(!pins[..place].contains(pin), "twice");
            }
            last = pins;
        });
    }

    #[test]
    fn intervals_follow_each_other_and_one_at_most_is_open(steps in prop::collection::vec(step(), 1..80)) {
        play(&steps, |_, tree| {
            let state = tree.state().unwrap();
            let open = state.healthy.iter().filter(|healthy| healthy.since().is_some()).count();
            assert!(open <= 1);
            let mut all: Vec<Interval> = state.healthy.iter().flat_map(|healthy| healthy.intervals.clone()).collect();
            all.sort_by_key(|interval| interval.since);
            for pair in all.windows(2) {
                assert!(pair[0].until.unwrap() <= pair[1].since, "{pair:?}");
            }
            if let Some(running) = &state.running {
                let serves = state.healthy.first().is_some_and(|first| first.since().is_some());
                assert_eq!(running.state.is_usable(), serves, "what runs and what is healthy");
            }
        });
    }

    #[test]
    fn the_lock_is_that_of_the_open_operation(steps in prop::collection::vec(step(), 1..40)) {
        play(&steps, |event, tree| {
            let lock = tree.state().unwrap().lock;
            match &event.state {
                Some(State::Deploying) => assert_eq!(lock.unwrap().operation, event.id),
                // How an unknown state ends an operation is for a later program to say.
                Some(State::Other(_)) => {}
                Some(_) => assert!(lock.is_none()),
                None => {}
            }
        });
    }

    #[test]
    fn unknown_keys_are_kept(steps in prop::collection::vec(step(), 1..20)) {
        let mut tree = play(&steps, |_, _| {});
        let text = tree.0["state/shop/prod.json"].replacen('{', "{ \"canary\": { \"weight\": 10 },", 1);
        tree.0.insert("state/shop/prod.json".into(), text);
        let mut what = EventPayload::new(EventKind::read("quarantine")).at(Some("shop"), Some("prod"));
        what.rest.insert("ward".into(), 7.into());
        let before = tree.state().unwrap();
        tree.apply(&event(10_000, 1_000, what));
        let after = tree.state().unwrap();
        assert_eq!(after.rest["canary"]["weight"], 10);
        assert_eq!(after.newest.what.rest["ward"], 7);
        assert_eq!(after.newest.kind.word(), "quarantine");
        assert_eq!((after.running, after.healthy), (before.running, before.healthy));
    }

    #[test]
    fn an_event_is_read_as_it_is_written(steps in prop::collection::vec(step(), 1..20)) {
        play(&steps, |event, tree| {
            let read: Event = read_json(tree, "event.json").unwrap().unwrap();
            assert_eq!(read, *event);
        });
    }
}

#[test]
fn the_start_of_a_rollback_sets_the_hold_and_the_bad_mark() {
    let mut tree = play(
        &[1, 2].map(|number| Step::Operation { kind: EventKind::Deploy, end: State::Healthy, number }),
        |_, _| {},
    );
    let from = Some(release(2));
    let start = EventPayload {
        from: from.clone(),
        hold: true,
        bad: true,
        ..payload(EventKind::Rollback, Some(State::Deploying), 1)
    };
    let started = event(100, 5, start);
    tree.apply(&started);
    let state = tree.state().unwrap();
    assert_eq!(state.hold.unwrap().rollback, Some(started.id.clone()));
    assert!(state.healthy[0].rolled_back_from && !state.healthy[1].rolled_back_from);
    assert!(tree.0.contains_key(&format!("bad/shop/{}.json", CommitId::from_bytes([2; 20]))));
    // It fails: both stay.
    let end = EventPayload {
        operation: Some(started.id),
        from,
        ..payload(EventKind::Rollback, Some(State::Failed), 1)
    };
    tree.apply(&event(101, 6, end));
    let state = tree.state().unwrap();
    assert!(state.hold.is_some() && state.lock.is_none());
    assert_eq!(state.running.unwrap().state, State::Failed);
    // Good under another name takes the mark away, and a whole environment's unhold the hold.
    let other = Release { tag: None, version: None, ..release(2) };
    let good =
        EventPayload { release: Some(other), ..EventPayload::new(EventKind::Good).at(Some("shop"), None) };
    tree.apply(&event(102, 1, good));
    assert!(!tree.0.keys().any(|path| path.starts_with("bad/shop/02")));
    tree.apply(&event(103, 1, EventPayload::new(EventKind::Unhold).at(None, Some("prod"))));
    assert!(tree.state().unwrap().hold.is_none());
    // It is deployed again, and healthy.
    tree.apply(&event(104, 7, payload(EventKind::Deploy, Some(State::Healthy), 2)));
    assert!(!tree.state().unwrap().healthy[0].rolled_back_from);
}

#[test]
fn an_automatic_rollback_refuses_the_release_until_another_one_runs() {
    let mut tree =
        play(&[Step::Operation { kind: EventKind::Deploy, end: State::Healthy, number: 1 }], |_, _| {});
    let back = EventPayload {
        from: Some(release(2)),
        automatic: true,
        ..payload(EventKind::Rollback, Some(State::Healthy), 1)
    };
    tree.apply(&event(100, 3, back));
    let state = tree.state().unwrap();
    assert_eq!(state.refused, Some(release(2)));
    assert!(state.hold.is_none() && !state.healthy[0].rolled_back_from);
    let again =
        EventPayload { from: Some(release(1)), ..payload(EventKind::Deploy, Some(State::Healthy), 1) };
    tree.apply(&event(101, 4, again));
    assert!(tree.state().unwrap().refused.is_some(), "the same release again settles nothing");
    let newer =
        EventPayload { from: Some(release(1)), ..payload(EventKind::Deploy, Some(State::Healthy), 3) };
    tree.apply(&event(102, 5, newer));
    assert!(tree.state().unwrap().refused.is_none());
}

#[test]
fn a_late_event_only_decides_if_nobody_acted_since() {
    let mut tree = play(
        &[1, 2].map(|number| Step::Operation { kind: EventKind::Deploy, end: State::Healthy, number }),
        |_, _| {},
    );
    let late = |minutes, number| {
        let mut late = event(minutes, 9, payload(EventKind::Rollback, Some(State::Healthy), number));
        late.late = true;
        late
    };
    // It happened between the two deploys.
    tree.apply(&late(20, 3));
    let state = tree.state().unwrap();
    assert_eq!(state.running.unwrap().release, release(2));
    assert_eq!(state.healthy[1].release, release(3));
    assert!(state.healthy[1].since().is_none() && state.healthy[0].since().is_some());
    // It happened after both.
    tree.apply(&late(200, 1));
    assert_eq!(tree.state().unwrap().running.unwrap().release, release(1));
}

#[test]
fn a_rollback_takes_over_the_lock_and_the_old_operation_keeps_its_end() {
    let mut tree = Tree::default();
    let deploy = event(1, 1, payload(EventKind::Deploy, Some(State::Deploying), 2));
    tree.apply(&deploy);
    let rollback = EventPayload {
        takes_over: Some(deploy.id.clone()),
        ..payload(EventKind::Rollback, Some(State::Deploying), 1)
    };
    let rollback = event(2, 2, rollback);
    tree.apply(&rollback);
    for (minutes, end) in [(3, State::Superseded), (4, State::Healthy)] {
        let end =
            EventPayload { operation: Some(deploy.id.clone()), ..payload(EventKind::Deploy, Some(end), 2) };
        tree.apply(&event(minutes, minutes, end));
        let state = tree.state().unwrap();
        assert_eq!(state.lock.unwrap().operation, rollback.id);
        assert!(state.running.is_none());
    }
}

#[test]
fn an_unlock_leaves_what_runs_unknown() {
    let mut tree =
        play(&[Step::Operation { kind: EventKind::Deploy, end: State::Healthy, number: 1 }], |_, _| {});
    let started = event(100, 3, payload(EventKind::Deploy, Some(State::Deploying), 2));
    tree.apply(&started);
    let unlock = EventPayload {
        operation: Some(started.id),
        ..EventPayload::new(EventKind::Unlock).at(Some("shop"), Some("prod"))
    };
    tree.apply(&event(200, 4, unlock));
    let state = tree.state().unwrap();
    let running = state.running.unwrap();
    assert_eq!((running.release, running.state), (release(2), State::Unknown));
    assert!(state.lock.is_none() && state.healthy[0].since().is_none());
}

#[test]
fn a_late_rollback_keeps_the_lock_of_a_later_deploy() {
    let mut tree =
        play(&[Step::Operation { kind: EventKind::Deploy, end: State::Healthy, number: 1 }], |_, _| {});
    let deploy = event(200, 3, payload(EventKind::Deploy, Some(State::Deploying), 2));
    tree.apply(&deploy);
    let rollback = payload(EventKind::Rollback, Some(State::Deploying), 1);
    tree.apply(&Event { late: true, ..event(100, 4, EventPayload { hold: true, ..rollback }) });
    let state = tree.state().unwrap();
    assert_eq!(state.lock.unwrap().operation, deploy.id);
    assert!(state.hold.is_none());
}

#[test]
fn what_was_adopted_is_proven_only_by_a_deploy() {
    let adopt = |number| EventPayload { unproven: true, ..payload(EventKind::Adopt, None, number) };
    let deploy = |number| payload(EventKind::Deploy, Some(State::Healthy), number);
    let synced = |number| EventPayload { unproven: true, ..deploy(number) };
    let minute = |minutes: i64| Timestamp::from_seconds(minutes * 60).unwrap();
    let seen = |steps: &[EventPayload]| {
        let mut tree = Tree::default();
        for (index, step) in steps.iter().enumerate() {
            tree.apply(&event(10 * (index as u64 + 1), index as u64 + 1, step.clone()));
        }
        let state = tree.state().unwrap();
        let known = state.healthy.first().unwrap();
        let last = *known.intervals.last().unwrap();
        (state.running.unwrap().unproven, known.is_proven(), last.since)
    };
    for (what, steps, expected) in [
        ("adopted", vec![adopt(1)], (true, false, minute(10))),
        ("deployed", vec![deploy(1)], (false, true, minute(10))),
        ("adopted, then deployed", vec![adopt(1), deploy(1)], (false, true, minute(20))),
        ("deployed, then adopted", vec![deploy(1), adopt(1)], (true, true, minute(10))),
        ("adopted twice", vec![adopt(1), adopt(1)], (true, false, minute(10))),
        ("synced", vec![synced(1)], (true, false, minute(10))),
        ("synced, and known before", vec![deploy(1), deploy(2), synced(1)], (false, true, minute(30))),
        ("adopted, and known before", vec![deploy(1), deploy(2), adopt(1)], (true, true, minute(30))),
    ] {
        assert_eq!(seen(&steps), expected, "{what}");
    }
}

#[test]
fn a_synced_build_soaks_from_its_recording_and_only_where_it_was_known() {
    let deploy = |number| payload(EventKind::Deploy, Some(State::Healthy), number);
    let minute = |minutes: i64| Timestamp::from_seconds(minutes * 60).unwrap();
    let synced = Synced { at: minute(500), by: ada() };
    for (known, unproven) in [(true, false), (false, true)] {
        let mut tree = Tree::default();
        let before = if known { 1 } else { 3 };
        tree.apply(&event(10, 1, deploy(before)));
        tree.apply(&event(20, 2, deploy(2)));
        let claimed =
            EventPayload { unproven: true, ..payload(EventKind::Rollback, Some(State::Healthy), 1) };
        tree.apply(&Event { synced: Some(synced.clone()), ..event(30, 3, claimed) });
        let state = tree.state().unwrap();
        let last = *state.healthy[0].intervals.last().unwrap();
        assert_eq!((last.since, last.unproven), (minute(500), unproven));
        let running = state.running.unwrap();
        assert_eq!((running.since, running.unproven), (minute(30), unproven));
    }
}

#[test]
fn what_is_synced_sets_a_hold_and_lifts_none() {
    let mut tree = Tree::default();
    tree.apply(&event(10, 1, payload(EventKind::Deploy, Some(State::Healthy), 2)));
    let synced = |minutes, sequence, what| Event {
        late: true,
        synced: Some(Synced { at: Timestamp::from_seconds(6_000).unwrap(), by: ada() }),
        ..event(minutes, sequence, EventPayload { unproven: true, ..what })
    };
    let start = payload(EventKind::Rollback, Some(State::Deploying), 1);
    tree.apply(&synced(5, 2, EventPayload { hold: true, ..start }));
    let state = tree.state().unwrap();
    assert!(state.hold.is_some() && state.lock.is_none());
    let deploy = payload(EventKind::Deploy, Some(State::Healthy), 3);
    tree.apply(&synced(20, 3, EventPayload { ends_hold: true, ..deploy }));
    assert!(tree.state().unwrap().hold.is_some());
}
