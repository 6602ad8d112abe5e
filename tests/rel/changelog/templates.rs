//! Somebody else's template cannot end the program, fill the memory or run for ever; and notes neither notify nor link.

use crate::support::Sandbox;

fn with_template(body: &str) -> Sandbox {
    let shop = Sandbox::released("1.0.0").with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.commit("feat: coupons");
    shop.write("notes.tera", body);
    shop.write("release.toml", "[changelog]\ntemplate = \"notes.tera\"\n");
    shop
}

#[test]
fn a_template_is_rendered_in_a_process_of_its_own() {
    let body = "## {{ previous.version | trim_start_matches(pat=\"v\") }}\n{% for commit in commits %}- {{ commit.message }}\n{% endfor %}";
    with_template(body).rel("changelog").prints("## 1.0.0\n- coupons\n");
    let run = with_template("{{ nothing }}").rel("changelog");
    run.code_is(2);
    assert!(run.stderr.contains("nothing"), "{}", run.stderr);
}

#[test]
fn a_template_without_an_end_is_an_error() {
    for body in [
        "{% macro again() %}{{ self::again() }}{% endmacro again %}{{ self::again() }}",
        "{% for i in range(end=100000000) %}{{ i }}{% endfor %}",
        "{% include \"notes\" %}",
        "{% set x = \"0123456789\" %}{% for i in range(end=40) %}{% set_global x = x ~ x %}{% endfor %}{{ x }}",
    ] {
        let run = with_template(body).rel("changelog");
        run.code_is(2);
        assert!(
            run.stderr.starts_with("error: the template notes.tera cannot be rendered\n"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn names_and_numbers_of_subjects_neither_notify_nor_link() {
    let shop = Sandbox::released("1.0.0").with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.commit("feat: thank @ada for acme/lib#12, GH-2 and #3");
    shop.rel("changelog")
        .prints("## [Unreleased]\n\n### Added\n\n- thank `@ada` for acme/lib`#12`, `GH-2` and `#3`\n");
}

#[test]
fn the_date_of_notes_follows_source_date_epoch_where_it_is_not_older_than_head() {
    let shop = Sandbox::released("1.0.0").with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.commit("feat: coupons");
    let at = |epoch: &str| shop.shell(&format!("SOURCE_DATE_EPOCH={epoch} rel changelog --write --dry-run"));
    let run = at("1798000000");
    assert!(run.stdout.contains("## [1.1.0] - 2026-12-23\n"), "{}{}", run.stdout, run.stderr);
    for (epoch, why) in
        [("315532800", "it is older than HEAD"), ("yesterday", "it is not a number of seconds since 1970")]
    {
        let run = at(epoch);
        assert!(run.stdout.contains("## [1.1.0] - 2026-11-20\n"), "{}", run.stdout);
        let warning = format!("warning: SOURCE_DATE_EPOCH={epoch} is ignored: {why}\n");
        assert!(run.stderr.contains(&warning), "{}", run.stderr);
    }
}
