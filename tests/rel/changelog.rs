//! `rel changelog`: notes, and the changelog in the formats of other tools.

use crate::support::{Sandbox, manual};
use snapbox::str;
use std::path::Path;

mod notes;
mod shapes;
mod templates;

/// A repository on GitHub with commits since v1.3.0, at a fixed time.
fn shop() -> Sandbox {
    let shop = Sandbox::released("1.3.0");
    shop.git("remote set-url origin git@github.com:acme/shop.git");
    shop.commit("feat(cart): coupons (#12)").commit("fix: rounding");
    shop.with("REL_NOW", "2026-11-20T10:00:00Z")
}

/// The same without a known forge.
fn plain() -> Sandbox {
    let shop = shop();
    shop.git("remote set-url origin ../origin/shop.git");
    shop
}

fn read(shop: &Sandbox) -> String {
    String::from_utf8(std::fs::read(shop.folder().join("CHANGELOG.md")).unwrap()).unwrap()
}

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rel/fixtures/changelogs");
    String::from_utf8(std::fs::read(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn the_file_is_unchanged_if_there_is_nothing_to_release() {
    let shop = Sandbox::released("1.3.0").with("REL_NOW", "1795168800");
    shop.commit("docs: words");
    shop.rel("changelog").fails(0, "shop: no notable changes since v1.3.0\n");
    shop.rel("changelog --write").fails(
        0,
        str![[r#"
shop: nothing to release: the only commit since v1.3.0 does not require a release; CHANGELOG.md is unchanged
[..]
"#]],
    );
    assert!(!shop.folder().join("CHANGELOG.md").exists());
}

#[test]
fn a_written_section_matches_and_an_edited_one_does_not() {
    let shop = plain();
    shop.rel("changelog --check").fails(
        4,
        str![[r#"
error: CHANGELOG.md has no section 1.4.0
hint: `rel changelog --write` adds it

"#]],
    );
    shop.rel("changelog --write").fails(0, "CHANGELOG.md: added section 1.4.0\n");
    let made = "# Changelog\n\n## [1.4.0] - 2026-11-20\n\n### Added\n\n- **cart:** coupons (#12)\n\n### Fixed\n\n- rounding\n";
    assert_eq!(read(&shop), made);
    shop.rel("changelog --write").fails(0, "CHANGELOG.md already has a section 1.4.0; nothing changed\n");
    assert_eq!(read(&shop), made);
    // The day in the heading is not compared.
    let shop = shop.with("REL_NOW", "2027-01-01T00:00:00Z");
    shop.rel("changelog --check").fails(0, "CHANGELOG.md: section 1.4.0 matches the generated notes\n");
    shop.write("CHANGELOG.md", &made.replace("- rounding", "- rounding of prices"));
    shop.rel("changelog --check").fails(
        4,
        str![[r#"
error: section 1.4.0 of CHANGELOG.md differs from the generated notes
  because: in the file: `- rounding of prices`
  because: generated: `- rounding`
hint: manual edits are fine; only --check compares the file with the generated notes

"#]],
    );
    // An existing release can be checked as well.
    shop.write("CHANGELOG.md", made).tag("v1.4.0");
    shop.rel("changelog --check").fails(0, "CHANGELOG.md: section 1.4.0 matches the generated notes\n");
}

#[test]
fn a_dry_run_shows_the_diff_and_writes_nothing() {
    let shop = plain();
    let before = fixture("keep-a-changelog.md");
    shop.write("CHANGELOG.md", &before);
    shop.rel("changelog --dry-run").prints(str![[r#"
--- CHANGELOG.md
+++ CHANGELOG.md
@@ -7,6 +7,16 @@

 ## [Unreleased]

+## [1.4.0] - 2026-11-20
+
+### Added
+
+- **cart:** coupons (#12)
+
+### Fixed
+
+- rounding
+
 ## [1.3.0] - 2026-01-01

 ### Added
@@ -23,6 +33,7 @@

 - The old API

-[unreleased]: https://github.com/acme/shop/compare/v1.3.0...HEAD
+[unreleased]: https://github.com/acme/shop/compare/v1.4.0...HEAD
+[1.4.0]: https://github.com/acme/shop/compare/v1.3.0...v1.4.0
 [1.3.0]: https://github.com/acme/shop/compare/v1.2.0...v1.3.0
 [1.2.0]: https://github.com/acme/shop/releases/tag/v1.2.0

"#]]);
    assert_eq!(read(&shop), before);
}

#[test]
fn the_manual_shows_the_section_of_the_next_version() {
    let shop = Sandbox::released("1.3.0").with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.git("remote set-url origin git@github.com:acme/shop.git");
    shop.commit("fix: rounding\n\nCloses #14").commit("feat(cart): coupons (#12)");
    shop.commit("feat(api)!: drop v1\n\nBREAKING CHANGE: callers of /v1 move to /v2");
    shop.write("CHANGELOG.md", &fixture("keep-a-changelog.md"));
    let screen = format!("$ rel changelog --dry-run\n{}", shop.rel("changelog --dry-run").stdout.trim_end());
    manual::documented("docs/changelog.md", "the section of the next version", &screen);
}

#[test]
fn paths_outside_the_work_tree_are_refused() {
    let shop = plain();
    std::fs::write(shop.root().join("outside.md"), "mine\n").unwrap();
    std::os::unix::fs::symlink(shop.root().join("outside.md"), shop.folder().join("CHANGELOG.md")).unwrap();
    shop.rel("changelog --write")
        .fails(4, "error: CHANGELOG.md cannot be used: it is outside the work tree\n");
    assert_eq!(std::fs::read_to_string(shop.root().join("outside.md")).unwrap(), "mine\n");
    shop.write("release.toml", "changelog.path = \"notes/x.md\"\n");
    std::os::unix::fs::symlink(".git/hooks", shop.folder().join("notes")).unwrap();
    shop.rel("changelog --write").fails(4, "error: notes/x.md cannot be used: it is inside .git\n");
}

#[test]
fn links_inside_the_work_tree_and_permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let shop = plain();
    shop.write("docs/changes.md", "# Changelog\n");
    let file = shop.folder().join("docs/changes.md");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("docs/changes.md", shop.folder().join("CHANGELOG.md")).unwrap();
    assert_eq!(shop.rel("changelog --write").code, 0);
    assert!(shop.folder().join("CHANGELOG.md").is_symlink());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# Changelog\n\n## [1.4.0] - 2026-11-20\n"));
    assert_eq!(std::fs::read_dir(shop.folder().join("docs")).unwrap().count(), 1);
}

#[test]
fn templates_of_git_cliff_are_rendered_or_refused() {
    let shop = shop();
    shop.write("release.toml", "changelog.template = \"cliff.toml\"\n");
    shop.write("cliff.toml", "[changelog]\nheader = \"# Changes of {{ remote.github.repo }}\"\nbody = \"\"\"\n## {{ version | trim_start_matches(pat=\"v\") }} ({{ timestamp | date(format=\"%Y-%m-%d\") }}), after {{ previous.version }}\n{% for group, commits in commits | group_by(attribute=\"group\") %}\n### {{ group | upper_first }}\n{% for commit in commits %}\n- {% if commit.breaking %}[**breaking**] {% endif %}{% if commit.scope %}*({{ commit.scope }})* {% endif %}{{ commit.message | upper_first }} - {{ commit.id | truncate(length=7, end=\"\") }} by {{ commit.author.name }}{% if commit.remote.pr_number %}, request {{ commit.remote.pr_number }}{% endif %}\\\n{% endfor %}\n{% endfor %}\n\"\"\"\ntrim = true\npostprocessors = [{ pattern = \"Coupons\", replace = \"COUPONS\" }]\n[git]\nconventional_commits = true\n");
    assert_eq!(shop.rel("changelog --write").code, 0);
    snapbox::assert_data_eq!(
        read(&shop),
        str![[r#"
# Changes of shop

## 1.4.0 (2026-11-20), after v1.3.0

### Fixed

- Rounding - 93f3305 by Ada

### Added

- *(cart)* COUPONS ([#12](https://github.com/acme/shop/issues/12)) - c45b24b by Ada, request 12

"#]]
    );
    assert_eq!(shop.rel("changelog --check").code, 0);
    for (text, message) in [
        ("{{ get_env(name=\"HOME\") }}", "notes.tera calls get_env(), which templates may not call"),
        ("{% for x in %}", "the template notes.tera cannot be rendered"),
        ("{{ nothing_such }}", "the template notes.tera cannot be rendered"),
        ("{% include \"/etc/passwd\" %}", "the template notes.tera cannot be rendered"),
    ] {
        shop.write("release.toml", "changelog.template = \"notes.tera\"\n").write("notes.tera", text);
        let run = shop.rel("changelog");
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{text}");
        assert!(run.stderr.starts_with(&format!("error: {message}\n")), "{}", run.stderr);
    }
    shop.write("release.toml", "changelog.template = \"cliff.toml\"\n");
    shop.write("cliff.toml", "[changelog]\nbody = \"x\"\npostprocessors = [{ pattern = \".*\", replace_command = \"touch ran\" }]\n");
    shop.rel("changelog").fails(
        2,
        str![[r#"
error: cliff.toml would run a command: changelog.postprocessors[0].replace_command
hint: use `replace` instead: rel runs no commands to render notes

"#]],
    );
    assert!(!shop.folder().join("ran").exists());
}
