//! `rel status`, `rel history`, `rel diff`: what they show.

use super::{CONFIG, at, shop};
use crate::support::Sandbox;
use snapbox::str;

/// A repository whose ledger has some events.
fn with_events() -> Sandbox {
    let shop = shop(CONFIG);
    shop.commit("feat: coupons").tag("v1.1.0").commit("fix: rounding").tag("v1.1.1").tag("v1.2.0-rc.1");
    shop.git("push -q origin main --tags");
    for (time, words) in [
        ("08:00", "adopt prod v1.0.0"),
        ("09:00", "adopt staging v1.1.0"),
        ("10:00", "hold prod --reason INC-412"),
        ("11:00", "freeze staging --until 13:00"),
        ("11:30", "bad 1.1.1 --reason leaks"),
    ] {
        at(&shop, time, words).code_is(0);
    }
    shop
}

#[test]
fn status_shows_every_environment_and_what_blocks_it() {
    let shop = with_events();
    at(&shop, "12:00", "status").prints(str![[r#"
environment  runs    state        since    by   remarks
dev          -       nothing yet  -        -
staging      v1.1.0  recorded     3 h ago  Ada  frozen, 1 behind
prod         v1.0.0  recorded     4 h ago  Ada  held, 1 behind

staging  frozen by Ada 1 h ago until 2026-11-20T13:00:00Z
prod     held by Ada 2 h ago (INC-412); `rel unhold prod` ends the hold

"#]]);
    at(&shop, "14:00", "status staging").prints(str![[r#"
environment  runs    state     since    by   remarks
staging      v1.1.0  recorded  5 h ago  Ada  1 behind

"#]]);
}

#[test]
fn status_in_json() {
    let shop = with_events();
    let run = at(&shop, "12:00", "status prod --format json");
    run.json("/schema", "rel.status/1");
    for (pointer, value) in [
        ("name", "prod"),
        ("package", "shop"),
        ("state", "recorded"),
        ("version", "1.0.0"),
        ("tag", "v1.0.0"),
        ("since", "2026-11-20T08:00:00Z"),
        ("by", "ada@acme.example"),
        ("hold/reason", "INC-412"),
        ("hold/since", "2026-11-20T10:00:00Z"),
    ] {
        run.json(&format!("/environments/0/{pointer}"), value);
    }
    run.json("/environments/0/behind", 1);
    run.json("/environments/0/images", serde_json::json!([]));
}

#[test]
fn history_includes_events_of_the_whole_environment() {
    let shop = with_events();
    at(&shop, "12:00", "freeze --all").code_is(0);
    at(&shop, "12:00", "history prod").prints(str![[r#"
just now  freeze                    Ada  [everything]
2 h ago   hold                      Ada  INC-412
4 h ago   adopt   v1.0.0  recorded  Ada

"#]]);
    let run = at(&shop, "12:00", "history prod -n 2 --format json");
    run.json("/schema", "rel.history/1");
    run.json("/events/0/kind", "freeze");
    run.json("/events/1/reason", "INC-412");
    run.json("/events/1/sequence", 1);
    at(&shop, "12:00", "history dev").prints("just now  freeze      Ada  [everything]\n");
}

#[test]
fn diff_compares_environments_versions_and_commits() {
    let shop = with_events();
    at(&shop, "12:00", "diff prod staging").prints(str![[r#"
prod (v1.0.0) → staging (v1.1.0)
+  [..]  feat: coupons

### Added

- coupons

"#]]);
    at(&shop, "12:00", "diff v1.1.1 prod").prints(str![[r#"
v1.1.1 → prod (v1.0.0)
-  [..]  fix: rounding
-  [..]  feat: coupons

"#]]);
    let run = at(&shop, "12:00", "diff 1.0.0 HEAD --format json");
    run.json("/schema", "rel.diff/1");
    run.json("/from/version", "1.0.0");
    run.json("/to/version", serde_json::Value::Null);
    run.json("/commits/0/subject", "rounding");
    at(&shop, "12:00", "diff dev prod").fails(
        7,
        str![[r#"
error: the ledger has no release of shop in dev
hint: rel adopt dev VERSION   # records what runs there

"#]],
    );
}

#[test]
fn ledger_log_verify_and_export_show_all_events() {
    let shop = with_events();
    at(&shop, "12:00", "ledger log -n 2").prints(str![[r#"
[..]  30 min ago  bad shop v1.1.1, by Ada (leaks)
[..]  1 h ago     freeze staging until 2026-11-20T13:00:00Z, by Ada

"#]]);
    at(&shop, "12:00", "ledger verify")
        .fails(0, "5 events verified: linear history, states match, tip [..]\n");
    let run = at(&shop, "12:00", "ledger verify -q --format json");
    run.json("/schema", "rel.ledger.verify/1");
    run.json("/ok", true);
    run.json("/events", 5);
    assert_eq!(at(&shop, "12:00", "ledger export").stdout.lines().count(), 5);
}

#[test]
fn status_of_several_packages_names_them() {
    let shop = shop(
        "name = \"shop\"\n[package.api]\npaths = [\"api/**\"]\n[package.web]\npaths = [\"web/**\"]\n[environment.prod]\n",
    );
    shop.tag("api-v1.0.0").tag("web-v2.0.0");
    at(&shop, "10:00", "adopt prod api-v1.0.0").code_is(0);
    at(&shop, "10:00", "adopt prod web-v2.0.0").code_is(0);
    at(&shop, "10:00", "adopt prod 1.0.0").code_is(2);
    at(&shop, "11:00", "hold prod --package api").code_is(0);
    at(&shop, "12:00", "status prod").prints(str![[r#"
package  environment  runs        state     since    by   remarks
api      prod         api-v1.0.0  recorded  2 h ago  Ada  held
web      prod         web-v2.0.0  recorded  2 h ago  Ada

api prod  held by Ada 1 h ago; `rel unhold prod --package api` ends the hold

"#]]);
    at(&shop, "12:00", "unhold prod").code_is(0);
    let run = at(&shop, "12:00", "status prod --format json");
    run.json("/environments/0/hold", serde_json::Value::Null);
}

#[test]
fn a_comparison_with_what_is_no_commit_says_so_in_words_of_rel() {
    let shop = shop(CONFIG);
    let error = |words: &str| at(&shop, "12:00", words).stderr;
    let unknown = "error: nothing is not a commit of this repository\nhint: git log --oneline --all\n";
    assert_eq!(error("diff v1.0.0 nothing"), unknown);
    let tree = "error: HEAD^{tree} is not a commit of this repository\n  because: it is not the name of a commit\nhint: git log --oneline --all\n";
    assert_eq!(error("diff v1.0.0 HEAD^{tree}"), tree);
}
