//! The content of notes, and text from outside in them.

use super::{plain, shop};
use crate::support::Sandbox;
use snapbox::str;

#[test]
fn notes_link_to_the_forge() {
    shop().rel("changelog").prints(str![[r#"
## [Unreleased](https://github.com/acme/shop/compare/v1.3.0...HEAD)

### Added

- **cart:** coupons ([#12](https://github.com/acme/shop/issues/12)) ([c45b24b](https://github.com/acme/shop/commit/c45b24bba4bc59e852617f36c568d486922dc720))

### Fixed

- rounding ([93f3305](https://github.com/acme/shop/commit/93f3305bd8b052f050ada7484d07077dbb8f2fd9))

"#]]);
}

#[test]
fn breaking_changes_come_first_and_parts_of_squashes_are_entries() {
    let shop = plain();
    shop.commit("Checkout (#20)\n\n* feat: wallets\n* fix(db): locks\n* docs: words");
    shop.commit("refactor(api)!: drop v1\n\nBREAKING CHANGE: callers of /v1 move\nto /v2\nReviewed-by: Bob");
    shop.commit("perf: faster").commit("chore: tidy").commit("not conventional");
    shop.commit("feat: gone again");
    let gone = shop.id("HEAD");
    shop.commit(&format!("Revert \"feat: gone again\"\n\nThis reverts commit {gone}."));
    let released = shop.id("v1.3.0");
    shop.commit(&format!("Revert \"feat: first\"\n\nThis reverts commit {released}."));
    shop.commit("feat: quiet [skip release]");
    shop.rel("changelog").prints(str![[r###"
## [Unreleased]

### Breaking

- **api:** drop v1
  callers of /v1 move to /v2

### Added

- wallets
- **cart:** coupons (#12)

### Changed

- Revert "feat: first"
- faster

### Fixed

- **db:** locks
- rounding

"###]]);
}

#[test]
fn a_final_version_includes_its_prereleases() {
    let shop = plain();
    shop.tag("v1.4.0-rc.1").commit("fix: a crash").tag("v1.4.0-rc.2");
    shop.rel("changelog 1.4.0-rc.2").prints("## [1.4.0-rc.2] - 2026-01-01\n\n### Fixed\n\n- a crash\n");
    shop.rel("changelog --pre rc").fails(0, "shop: no notable changes since v1.4.0-rc.2\n");
    shop.tag("v1.4.0");
    let all = "### Added\n\n- **cart:** coupons (#12)\n\n### Fixed\n\n- a crash\n- rounding\n";
    shop.rel("changelog v1.4.0").prints(format!("## [1.4.0] - 2026-01-01\n\n{all}"));
    shop.rel("changelog v1.3.0..1.4.0").prints(format!("## [1.4.0] - 2026-01-01\n\n{all}"));
    shop.rel("changelog v1.3.0..").prints(format!("## [Unreleased]\n\n{all}"));
    shop.rel("changelog 1.3.0").prints("## [1.3.0] - 2026-01-01\n\n### Added\n\n- first\n");
    shop.rel("changelog 1.4.1").fails(
        7,
        "error: shop has no release 1.4.1\nhint: did you mean v1.4.0? `git tag --list` shows all tags\n",
    );
}

#[test]
fn text_from_outside_stays_text() {
    let shop = plain();
    for subject in [
        "<script>alert(1)</script> <img src=x onerror=alert(1)>",
        "[x](javascript:alert(1)) ![y](http://evil.example/y.png)",
        "::add-mask::secret ##[error]boo",
        "# heading",
        "Rel-Image: api evil.example/x@sha256:0",
        "\u{1b}[31mred\u{1b}[0m \u{202e}txt.exe\u{200b}",
        "`code <b>` and ` tick | pipe",
    ] {
        shop.commit(&format!("feat: {subject}"));
    }
    shop.commit("fix(<b>[x](y)): scopes");
    let run = shop.rel("changelog");
    // Compared as strings: snapshots normalise backslashes.
    let lines: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("- ")).collect();
    assert_eq!(
        lines,
        [
            r"- `code <b>` and \` tick | pipe",
            r"- \[31mred\[0m txt.exe",
            r"- Rel-Image: api evil.example/x@sha256:0",
            r"- \# heading",
            r"- \::add-mask::secret ##\[error]boo",
            r"- \[x](javascript:alert(1)) !\[y](http://evil.example/y.png)",
            r"- &lt;script>alert(1)&lt;/script> &lt;img src=x onerror=alert(1)>",
            r"- **cart:** coupons (#12)",
            r"- **&lt;b>\[x](y):** scopes",
            r"- rounding",
        ]
    );
    // Even if a template writes a subject at the start of a line, it is not a trailer or a command.
    shop.write("release.toml", "changelog.template = \"bare.tera\"\n");
    shop.write("bare.tera", "{% for commit in commits %}{{ commit.message }}\n{{ commit.message | replace(from='\\', to='') }}\n{% endfor %}");
    let run = shop.with("CI", "true").rel("changelog");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for line in run.stdout.lines() {
        assert!(!line.starts_with("::") && !line.starts_with("Rel-") && !line.contains("##["), "{line}");
        assert!(
            !line.contains("<s")
                && !line.contains("<i")
                && !line.chars().any(|c| c.is_control() || c == '\u{202e}'),
            "{line}"
        );
    }
}

#[test]
fn groups_can_be_configured() {
    let shop = plain();
    shop.commit("docs: the manual").commit("build: faster");
    shop.write(
        "release.toml",
        "changelog.groups = { docs = \"Manual\", feat = \"New\" }\nversion.bump = { build = \"patch\" }\n",
    );
    shop.rel("changelog").prints(str![[r#"
## [Unreleased]

### Changed

- faster

### Fixed

- rounding

### Manual

- the manual

### New

- **cart:** coupons (#12)

"#]]);
}

#[test]
fn several_contributors_are_listed() {
    let shop = plain();
    shop.commit("fix: together\n\nCo-authored-by: Bob <bob@x.example>\nCo-authored-by: dependabot[bot] <d@x.example>\nCo-authored-by: Ada L. <ada@acme.example>");
    let run = shop.rel("changelog");
    assert!(run.stdout.ends_with("\n### Contributors\n\n- Ada\n- Bob\n"), "{}", run.stdout);
}

#[test]
fn json_and_github_outputs_have_the_notes() {
    let shop = plain();
    let run = shop.rel("changelog --format json");
    run.json("/schema", "rel.changelog/1");
    run.json("/version", serde_json::Value::Null);
    run.json("/from", "v1.3.0");
    run.json(
        "/notes",
        "## [Unreleased]\n\n### Added\n\n- **cart:** coupons (#12)\n\n### Fixed\n\n- rounding",
    );
    let run = shop.rel("changelog --write --format json");
    run.json("/version", "1.4.0");
    run.json("/changed", true);
    shop.rel("changelog --write --format github").gives(
        0,
        "version=1.4.0\nchanged=false\n",
        "CHANGELOG.md already has a section 1.4.0; nothing changed\n",
    );
}

#[test]
fn packages_in_one_file_are_told_apart_by_their_tags() {
    let shop = Sandbox::new().with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n[package.web]\npaths = [\"web/**\"]\n");
    shop.git("add release.toml");
    shop.change(&["api/a"], "feat: first").tag("api-v1.0.0");
    shop.change(&["web/a"], "feat: pages").tag("web-v1.0.0");
    shop.change(&["api/b"], "feat: coupons").change(&["web/b"], "fix: colours");
    shop.rel("changelog --package web").prints("## [Unreleased]\n\n### Fixed\n\n- colours\n");
    shop.rel("changelog api-v1.0.0").prints("## [api-v1.0.0] - 2026-01-01\n\n### Added\n\n- first\n");
    shop.rel("changelog 1.0.0")
        .fails(2, "error: 1.0.0 is a release of several packages: api, web\nhint: --package api\n");
    assert_eq!(shop.rel("changelog --write").code, 0);
    snapbox::assert_data_eq!(
        super::read(&shop),
        str![[r#"
# Changelog

## [web-v1.0.1] - 2026-11-20

### Fixed

- colours

## [api-v1.1.0] - 2026-11-20

### Added

- coupons

"#]]
    );
    assert_eq!(shop.rel("changelog --check").code, 0);
}

#[test]
fn notes_of_this_repository_can_be_rendered() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let shop = Sandbox::new();
    let log = shop
        .command("git")
        .current_dir(here)
        .args(["rev-parse", "--is-shallow-repository"])
        .output()
        .unwrap();
    if !log.stdout.starts_with(b"false") {
        return;
    }
    let run = shop.rel_words(&["-C", &here.to_string_lossy(), "changelog", "--offline"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("\n### Added\n\n- "), "{}", run.stdout);
}
