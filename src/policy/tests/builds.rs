//! Tests what counts as the same build: in a redeploy, and in `from`, soak and approvals.

use super::*;

#[test]
fn an_older_version_is_refused_and_a_redeploy_is_exempt_unless_it_is_bad() {
    let prod = state(json!({ "running": running(&release("1.5.0", 'b'), "healthy") }));
    let older = Case { order: ReleaseOrder::Older, prod, ..Case::new("") };
    let decision = older.evaluate();
    assert_eq!(
        decision.refusals[0].remedies,
        ["rel rollback prod v1.4.0 --keep-good   # without --keep-good, v1.5.0 is marked bad"]
    );
    assert!(!decision.refusals[0].overridable);
    let here = |how: &str| Case {
        order: ReleaseOrder::SameBuild,
        bad: Some(bad(&release("1.4.0", 'a'))),
        prod: state(json!({ "running": running(&release("1.4.0", 'a'), how) })),
        ..Case::new("from = 'staging'")
    };
    assert_eq!(here("failed").refusing_rules(), [PolicyRule::Bad, PolicyRule::From]);
    assert_eq!(here("unknown").refusing_rules(), [PolicyRule::Bad, PolicyRule::From]);
    let again = here("healthy");
    assert_eq!(again.refusing_rules(), [PolicyRule::Bad]);
    assert_eq!(Case { bad: None, ..again }.refusing_rules(), []);
    let bad = Case { bad: here("healthy").bad, ..Case::new("") };
    assert_eq!(bad.refusing_rules(), [PolicyRule::Bad]);
}

#[test]
fn only_the_same_build_under_the_same_name_is_a_redeploy() {
    let rules = "accept = 'final'\nfrom = 'staging'\napprovals = 1";
    let runs = |release: &Release| Case {
        order: ReleaseOrder::SameBuild,
        prod: state(json!({ "running": running(release, "healthy") })),
        ..Case::new(rules)
    };
    let own = release("1.4.0", 'a');
    let asked = [PolicyRule::From, PolicyRule::Approvals];
    assert_eq!(runs(&own).refusing_rules(), []);
    // The digest of what runs, on a commit with other scripts.
    let moved =
        Release { pin: Pin::new(release("1.4.0", 'b').pin.commit, own.pin.images.clone()), ..own.clone() };
    assert_eq!(runs(&moved).refusing_rules(), asked);
    let merged = Case { same_trees: vec![moved.pin.commit], ..runs(&moved) };
    assert_eq!(merged.refusing_rules(), []);
    for other in [
        Release { pin: own.pin.clone(), ..release("1.3.9", 'a') },
        Release { tag: Some(TagName::new("1.4.0")), ..own.clone() },
        Release::bare(own.pin.clone()),
    ] {
        assert_eq!(runs(&other).refusing_rules(), asked, "{}", other.label());
    }
}

#[test]
fn the_same_digest_on_another_tree_counts_for_no_from_soak_or_approval() {
    let own = release("1.4.0", 'a');
    let elsewhere = Pin::new(release("1.4.0", 'b').pin.commit, own.pin.images.clone());
    let other = Release { pin: elsewhere, ..own };
    let case = |same_trees: Vec<CommitId>| Case {
        staging: Some(state(healthy(&other, "2026-11-01T00:00:00Z", None))),
        prod: state(json!({ "approvals": [approval("bob@acme.example", &other, "c1")] })),
        same_trees,
        ..Case::new("from = 'staging'\nsoak = '2h'\napprovals = 1")
    };
    assert_eq!(case(Vec::new()).refusing_rules(), [PolicyRule::From, PolicyRule::Approvals]);
    // A merge that changes nothing has the same tree.
    assert_eq!(case(vec![other.pin.commit]).refusing_rules(), []);
}

#[test]
fn from_and_soak_compare_builds_and_the_longest_healthy_interval() {
    let rules = "from = 'staging'\nsoak = '2h'";
    let other_name = Release::bare(release("1.4.0", 'a').pin);
    let refused = |staging: Option<Value>| {
        let case = Case { staging: staging.map(state), ..Case::new(rules) };
        case.refusing_rules()
    };
    assert_eq!(refused(None), [PolicyRule::From]);
    assert_eq!(refused(Some(json!({}))), [PolicyRule::From]);
    assert_eq!(
        refused(Some(healthy(&release("1.4.0", 'b'), "2026-11-01T00:00:00Z", None))),
        [PolicyRule::From]
    );
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-20T14:00:01Z", None))), [PolicyRule::Soak]);
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-20T14:00:00Z", None))), []);
    assert_eq!(
        refused(Some(healthy(&other_name, "2026-11-10T14:00:00Z", Some("2026-11-10T15:59:59Z")))),
        [PolicyRule::Soak]
    );
    assert_eq!(refused(Some(healthy(&other_name, "2026-11-10T14:00:00Z", Some("2026-11-10T16:00:00Z")))), []);
    let case =
        Case { staging: Some(state(healthy(&other_name, "2026-11-20T15:20:00Z", None))), ..Case::new(rules) };
    let refusal = &case.evaluate().refusals[0];
    assert_eq!(refusal.message, "v1.4.0 has been healthy in staging for only 40 min; prod requires 2 h");
    assert_eq!(
        refusal.remedies,
        ["rel deploy prod v1.4.0   # after another 1 h 20 min, if it stays healthy"]
    );
}
