//! Arguments in the wrong order: the hint is the command in the right order.

use super::{CONFIG, at, shop};

#[test]
fn the_hint_puts_environment_and_release_in_the_right_order() {
    let shop = shop(CONFIG);
    let order = "the arguments are in the wrong order: prod is the environment";
    let release = "v1.2.0 is a release, not an environment";
    for (typed, message, hint) in [
        ("rollback v1.2.0 prod", order, "rel rollback prod v1.2.0"),
        ("rollback 1.2.0 prod", order, "rel rollback prod 1.2.0"),
        ("deploy v1.2.0 prod --package shop", order, "rel deploy prod v1.2.0 --package shop"),
        ("deploy main prod", order, "rel deploy prod main"),
        ("approve v1.2.0 prod", order, "rel approve prod v1.2.0"),
        ("adopt v1.2.0 prod", order, "rel adopt prod v1.2.0"),
        ("rollback v1.2.0 prdo", release, "rel rollback prod v1.2.0"),
        ("rollback v1.2.0", release, "rel rollback ENV v1.2.0"),
        ("promote v1.2.0 prod", release, "rel deploy prod v1.2.0"),
        ("promote prod v1.2.0", release, "rel deploy prod v1.2.0"),
        ("status v1.2.0", release, "rel status   # every environment, and the release that runs there"),
        ("history v1.2.0", release, "rel history ENV"),
        ("hold v1.2.0", release, "rel hold ENV"),
        ("bad prod", "prod is an environment, not a release", "rel status prod   # which release runs there"),
        (
            "verify prod",
            "prod is an environment, not a release",
            "rel status prod   # which release runs there",
        ),
        (
            "deploy prod staging",
            "staging is an environment, not a release",
            "rel status staging   # which release runs there",
        ),
    ] {
        let message = message
            .replace("v1.2.0", typed.split(' ').find(|word| word.contains("1.2.0")).unwrap_or("v1.2.0"));
        let run = at(&shop, "12:00", typed);
        run.code_is(2);
        assert!(run.stderr.starts_with(&format!("error: {message}\n")), "{typed}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("hint: {hint}\n")), "{typed}: {}", run.stderr);
    }
}

#[test]
fn with_one_environment_the_hint_names_it() {
    let shop = shop("name = \"shop\"\n\n[environment.prod]\n");
    for (typed, hint) in
        [("rollback v1.2.0", "rel rollback prod v1.2.0"), ("history v1.2.0", "rel history prod")]
    {
        let run = at(&shop, "12:00", typed);
        run.code_is(2);
        assert!(run.stderr.ends_with(&format!("hint: {hint}\n")), "{typed}: {}", run.stderr);
    }
}
