//! Several packages in one release: one commit, a tag each, one push.

use super::state;
use crate::support::Sandbox;
use snapbox::str;

/// A monorepo with two packages that share a changelog, each with something to release.
fn pair() -> Sandbox {
    let shop = Sandbox::new();
    shop.write(
        "release.toml",
        "[package.api]\npaths = [\"api/**\"]\n[package.web]\npaths = [\"web/**\"]\n[[file]]\npath = \"api/Cargo.toml\"\n[[file]]\npath = \"web/package.json\"\n",
    );
    shop.write("api/Cargo.toml", "[package]\nname = \"api\"\nversion = \"1.0.0\"\n");
    shop.write("web/package.json", "{\n  \"name\": \"web\",\n  \"version\": \"2.3.0\"\n}\n");
    shop.write("CHANGELOG.md", "# Changelog\n");
    shop.git("add .");
    shop.commit("feat: first").tag("api-v1.0.0").tag("web-v2.3.0");
    shop.change(&["api/a"], "feat: orders").change(&["web/a"], "fix: colours");
    shop.git("push -q -u origin main --tags");
    shop.with("REL_NOW", "2026-11-20T10:00:00Z")
}

#[test]
fn several_packages_get_one_commit_and_a_tag_each() {
    let shop = pair();
    shop.rel("cut --dry-run").fails(
        0,
        str![[r#"
api  1.0.0 → 1.1.0
  the commits require a minor bump: 1.0.0 → 1.1.0 (1 commit since api-v1.0.0 counts)

  Added
  - orders

  and 1 commit that requires no release

web  2.3.0 → 2.3.1
  the commits require a patch bump: 2.3.0 → 2.3.1 (1 commit since web-v2.3.0 counts)

  Fixed
  - colours

  and 1 commit that requires no release

  write   CHANGELOG.md: add section api-v1.1.0; add section web-v2.3.1
  write   api/Cargo.toml: package.version 1.0.0 → 1.1.0
  write   web/package.json: version 2.3.0 → 2.3.1
  commit  chore(release): api-v1.1.0, web-v2.3.1
  tag     api-v1.1.0 on the release commit
  tag     web-v2.3.1 on the release commit
  push    main and tags api-v1.1.0 and web-v2.3.1 to origin, atomically

dry run: nothing was changed

"#]],
    );
    let run = shop.rel("cut --yes --format json");
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json("/packages/0/tag", "api-v1.1.0");
    run.json("/packages/1/tag", "web-v2.3.1");
    assert_eq!(shop.id("api-v1.1.0"), shop.id("web-v2.3.1"));
    assert_eq!(
        shop.git("show HEAD:CHANGELOG.md"),
        "# Changelog\n\n## [web-v2.3.1] - 2026-11-20\n\n### Fixed\n\n- colours\n\n## [api-v1.1.0] - 2026-11-20\n\n### Added\n\n- orders"
    );
    assert_eq!(shop.git("show HEAD:api/Cargo.toml"), "[package]\nname = \"api\"\nversion = \"1.1.0\"");
    assert!(shop.git("show HEAD:web/package.json").contains("\"version\": \"2.3.1\""));
    let again = shop.rel("cut --yes --format json");
    again.json("/packages/1/already", true);
    let old = shop.id("HEAD~1");
    shop.git(&format!("switch -q --detach {old}"));
    shop.rel("cut --yes --branch main --format json").json("/packages/0/already", true);
    shop.rel("cut --yes --branch main --package web --format json").json("/tag", "web-v2.3.1");
    shop.git("switch -q main");
    assert_eq!(shop.rel("next").stdout, "");
}

#[test]
fn one_of_several_packages_can_be_released() {
    let shop = pair();
    let run = shop.rel("cut --yes --package web --format json");
    run.json("/tag", "web-v2.3.1");
    assert_eq!(shop.git("show --format= --name-only HEAD"), "CHANGELOG.md\nweb/package.json");
    // The other package has the same build commit.
    let build = shop.id("HEAD~1");
    let run = shop.rel("cut --yes --package api --format json");
    run.json("/tag", "api-v1.1.0");
    run.json("/build", build);
    let before = state(&shop);
    for (words, error) in [
        (
            "cut --yes 3.0.0",
            "error: a version needs a package, because there are several\nhint: --package NAME\n",
        ),
        (
            "cut --yes --package wbe",
            "error: no package is named wbe\n  because: release.toml has these packages: api, web\nhint: --package web\n",
        ),
    ] {
        shop.rel(words).fails(2, error);
    }
    assert_eq!(state(&shop), before);
    let run = shop.rel("cut --yes 3.0.0 --package web --format json");
    run.json("/tag", "web-v3.0.0");
}
