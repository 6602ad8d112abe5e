//! `rel changelog`: notes, and the file that keeps them, in the shapes found in the wild.

use crate::support::Sandbox;
use snapbox::str;
use std::path::Path;

mod notes;
mod shapes;

/// A shop with commits since v1.3.0, on a forge, at a fixed time.
fn shop() -> Sandbox {
    let shop = Sandbox::released("1.3.0");
    shop.git("remote set-url origin git@github.com:acme/shop.git");
    shop.commit("feat(cart): coupons (#12)").commit("fix: rounding");
    shop.with("REL_NOW", "2026-11-20T10:00:00Z")
}

/// The same where no forge is known.
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
fn nothing_to_release_leaves_the_file_alone() {
    let shop = Sandbox::released("1.3.0").with("REL_NOW", "1795168800");
    shop.commit("docs: words");
    shop.rel("changelog").fails(0, "shop: no notable changes since v1.3.0\n");
    shop.rel("changelog --write").fails(
        0,
        str![[r#"
shop: nothing to release: the one commit since v1.3.0 releases nothing; CHANGELOG.md is unchanged
[..]
"#]],
    );
    assert!(!shop.folder().join("CHANGELOG.md").exists());
}

#[test]
fn a_file_is_made_and_then_agrees() {
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
    // Written on another day, it still is what would be rendered.
    let shop = shop.with("REL_NOW", "2027-01-01T00:00:00Z");
    shop.rel("changelog --check").fails(0, "CHANGELOG.md: section 1.4.0 matches the generated notes\n");
    shop.write("CHANGELOG.md", &made.replace("- rounding", "- rounding of prices"));
    shop.rel("changelog --check").fails(
        4,
        str![[r#"
error: section 1.4.0 of CHANGELOG.md differs from the generated notes
  because: in the file: `- rounding of prices`
  because: generated: `- rounding`
hint: manual edits are fine; only --check compares them

"#]],
    );
    // A release that is made is checked as well as one to come.
    shop.write("CHANGELOG.md", made).tag("v1.4.0");
    shop.rel("changelog --check").fails(0, "CHANGELOG.md: section 1.4.0 matches the generated notes\n");
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
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
fn paths_stay_inside_the_work_tree() {
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
fn a_link_inside_the_tree_and_permissions_are_kept() {
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
fn templates_of_git_cliff() {
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
        ("{{ get_env(name=\"HOME\") }}", "notes.tera calls get_env(), which a template may not use"),
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
