//! `rel cut` and `rel tag`: what they create and print, and what a second run finds.

use crate::support::{Sandbox, manual};
use snapbox::str;

mod converge;
mod foreign;
mod images;
mod packages;
mod refuse;
mod sign;
mod terminal;

/// A pushed repository with a release, a changelog, a version file, and an unreleased feature.
fn ready() -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", "name = \"shop\"\n\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.write("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.0.0\" # released\n");
    shop.write("CHANGELOG.md", "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- first\n");
    shop.git("add .");
    shop.commit("feat: first")
        .tag("v1.0.0")
        .commit("feat(cart): coupons (#12)")
        .commit("docs: how to use them");
    shop.git("push -q -u origin main --tags");
    shop.with("REL_NOW", "2026-11-20T10:00:00Z")
}

/// A fresh clone, such as the next job gets.
fn fresh(shop: Sandbox, name: &str) -> Sandbox {
    shop.git(&format!("clone -q ../origin/shop.git ../{name}"));
    shop.inside(name)
}

/// Everything that a release could change in the clone and on the remote.
fn state(shop: &Sandbox) -> String {
    [shop.git("for-each-ref"), shop.git("ls-remote origin"), shop.git("status --porcelain"), shop.id("HEAD")]
        .join("\n")
}

/// Asserts that the remote has exactly one release of 1.1.0: one tag, one release commit, one section, one version.
#[track_caller]
fn one_release(shop: &Sandbox) {
    let refs = shop.git("ls-remote --tags --refs origin");
    let tags: Vec<&str> = refs.lines().filter_map(|line| line.split('\t').nth(1)).collect();
    assert_eq!(tags, ["refs/tags/v1.0.0", "refs/tags/v1.1.0"]);
    shop.git("fetch -q origin");
    let log = shop.git("log --format=%s origin/main");
    assert_eq!(log.lines().filter(|line| line.starts_with("chore(release)")).count(), 1, "{log}");
    let changelog = shop.git("show origin/main:CHANGELOG.md");
    assert_eq!(changelog.matches("## [1.1.0]").count(), 1, "{changelog}");
    assert!(changelog.ends_with("## [1.0.0] - 2026-01-01\n\n- first"), "{changelog}");
    assert!(shop.git("show origin/main:Cargo.toml").contains("version = \"1.1.0\" # released"));
    let tagged = shop.git("ls-remote origin refs/tags/v1.1.0^{}");
    assert_eq!(shop.git("rev-parse origin/main"), tagged.split('\t').next().unwrap());
}

/// Compares a screen with the one in `docs/cut.md`.
#[track_caller]
fn documented(name: &str, screen: &str) {
    manual::documented("docs/cut.md", name, screen);
}

#[test]
fn cut_creates_files_commit_tag_and_pushes_them() {
    let shop = ready();
    shop.rel("cut --yes").gives(
        0,
        "v1.1.0\n",
        str![[r#"
shop  1.0.0 → 1.1.0
  the commits require a minor bump: 1.0.0 → 1.1.0 (1 commit since v1.0.0 counts)

  Added
  - cart: coupons (#12)

  and 1 commit that requires no release

  write   CHANGELOG.md: add section 1.1.0
  write   Cargo.toml: package.version 1.0.0 → 1.1.0
  commit  chore(release): v1.1.0
  tag     v1.1.0 on the release commit
  push    main and tag v1.1.0 to origin, atomically

pushing to origin
v1.1.0 is released at [..]

"#]],
    );
    one_release(&shop);
    assert_eq!(shop.git("status --porcelain"), "");
    assert_eq!(shop.id("HEAD"), shop.id("v1.1.0"));
    assert_eq!(shop.id("HEAD"), shop.id("origin/main"));
    assert_eq!(shop.git("log -1 --format=%B"), "chore(release): v1.1.0\n\nRel-Release: v1.1.0");
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    let (text, run) = message.rsplit_once("Rel-Run: ").unwrap();
    let build = shop.id("HEAD~1");
    assert_eq!(
        text,
        format!(
            "v1.1.0\n\n### Added\n\n- **cart:** coupons (#12)\n\nRel-Package: shop\nRel-Previous: v1.0.0\nRel-Build: {build}\n"
        )
    );
    assert!(run.starts_with("local."), "{run}");
    // release commit made by rel does not affect the version.
    shop.rel("next").fails(0, "nothing to release: HEAD is already released as v1.1.0\n");
}

#[test]
fn a_second_run_changes_nothing() {
    let shop = ready();
    shop.rel("cut --yes").code_is(0);
    let after = state(&shop);
    let said = format!("v1.1.0 is already released at {}\n", &shop.id("HEAD")[..7]);
    shop.rel("cut --yes").gives(0, "v1.1.0\n", said.clone());
    shop.rel("cut --yes --require").gives(0, "v1.1.0\n", said.clone());
    shop.rel("cut 1.1.0 --yes").gives(0, "v1.1.0\n", said.clone());
    shop.rel("tag").gives(0, "v1.1.0\n", said);
    let run = shop.rel("cut --yes --format json");
    run.json("/already", true);
    run.json("/pushed", true);
    run.json("/version", "1.1.0");
    run.json("/previous", "1.0.0");
    run.json("/commit", shop.id("HEAD"));
    assert_eq!(state(&shop), after);
}

#[test]
fn json_and_github_outputs_have_the_release() {
    let shop = ready();
    let plan = shop.rel("cut --dry-run --format json");
    plan.json("/dry_run", true);
    plan.json("/commit", serde_json::Value::Null);
    plan.json("/steps/4/step", "push");
    let run = shop.rel("cut --yes -q --format json");
    assert_eq!(run.stderr, "");
    run.json("/schema", "rel.cut/1");
    run.json("/package", "shop");
    run.json("/tag", "v1.1.0");
    run.json("/commit", shop.id("HEAD"));
    run.json("/build", shop.id("HEAD~1"));
    run.json("/pushed", true);
    run.json("/already", false);
    run.json("/images", serde_json::json!([]));
    shop.commit("docs: more").git("push -q");
    let run = shop.rel("cut --yes -q --format json");
    run.json("/version", serde_json::Value::Null);
    run.json("/reason", "the only commit since v1.1.0 does not require a release");
    shop.rel("cut --yes -q --format github").prints("release=false\n");
    shop.rel("cut --yes --require").code_is(3);
    shop.commit("fix: x").git("push -q");
    shop.rel("cut --yes -q --format github")
        .prints("release=true\nnext=1.1.1\ntag=v1.1.1\ncurrent=1.1.0\nbump=patch\n");
}

#[test]
fn a_dry_run_changes_nothing_and_shows_every_file() {
    let shop = ready();
    let before = state(&shop);
    let run = shop.rel("cut --dry-run -v");
    run.code_is(0);
    let run = shop.rel("cut --dry-run -v");
    assert!(run.stderr.contains("+## [1.1.0] - 2026-11-20\n+\n+### Added\n"), "{}", run.stderr);
    assert!(run.stderr.contains("-version = \"1.0.0\" # released\n+version = \"1.1.0\" # released\n"));
    assert!(run.stderr.ends_with("dry run: nothing was changed\n"));
    assert_eq!(state(&shop), before);
    let run = shop.rel("cut");
    assert_eq!(run.code, 4);
    assert!(
        run.stderr.ends_with("there is no terminal\nhint: pass --yes to skip the confirmation\n"),
        "{}",
        run.stderr
    );
    assert_eq!(state(&shop), before);
}

#[test]
fn the_version_can_be_chosen_on_the_command_line() {
    for (words, tag) in [
        ("cut --yes 2.0.0", "v2.0.0"),
        ("cut --yes v1.5.0", "v1.5.0"),
        ("cut --yes --bump major", "v2.0.0"),
        ("cut --yes --pre rc", "v1.1.0-rc.1"),
        ("cut --yes 3.0.0-beta.2", "v3.0.0-beta.2"),
    ] {
        let shop = ready();
        shop.rel(words).code_is(0);
        assert_eq!(shop.git("describe --exact-match"), tag, "{words}");
    }
    let shop = ready();
    for (words, code, error) in [
        ("cut --yes 1.0.0", 5, "error: the next version is 1.0.0, but tag v1.0.0 exists on another commit"),
        ("cut --yes 0.9.0", 4, "error: 0.9.0 is not higher than v1.0.0, which is reachable from HEAD"),
        ("cut --yes x", 2, "error: invalid value 'x'"),
        (
            "cut --yes --pre rc.1",
            2,
            "error: --pre rc.1: rel adds the prerelease number itself\nhint: --pre rc\n",
        ),
    ] {
        let run = shop.rel(words);
        assert_eq!(run.code, code, "{words}: {}", run.stderr);
        assert!(run.stderr.starts_with(error), "{words}: {}", run.stderr);
    }
}

#[test]
fn a_prerelease_and_its_final_share_a_build() {
    let shop = ready();
    shop.rel("cut --yes --pre rc").code_is(0);
    let build = shop.id("HEAD~1");
    // HEAD is the release commit of the prerelease, so the final version has the same build commit.
    shop.rel("cut --yes").code_is(0);
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    assert!(message.contains(&format!("Rel-Previous: v1.0.0\nRel-Build: {build}\n")), "{message}");
    assert!(message.contains("- **cart:** coupons (#12)"), "{message}");
    let changelog = shop.git("show HEAD:CHANGELOG.md");
    assert!(changelog.contains("## [1.1.0] - 2026-11-20"), "{changelog}");
    assert!(shop.git("show HEAD:Cargo.toml").contains("version = \"1.1.0\""));
}

#[test]
fn only_a_tag_is_created_without_a_release_commit() {
    // Configured, requested, or because there is no file that a commit could change.
    for (config, words) in [("[cut]\ncommit = false\n", "cut"), ("", "tag"), ("", "cut")] {
        let shop = Sandbox::new();
        shop.write("release.toml", config);
        if !config.is_empty() || words == "tag" {
            shop.write("CHANGELOG.md", "# Changelog\n");
        }
        shop.git("add .");
        shop.commit("feat: first").tag("v1.0.0").commit("feat: coupons");
        shop.git("push -q -u origin main --tags");
        // The remote's branch has moved on: HEAD only needs to be on it.
        shop.commit("fix: later").git("push -q");
        shop.git("reset -q --hard HEAD~1");
        let head = shop.id("HEAD");
        let run = shop.rel(&format!("{words} --yes"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!([shop.id("HEAD"), shop.id("v1.1.0")], [head.clone(), head.clone()]);
        let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
        assert!(message.contains(&format!("Rel-Build: {head}")), "{message}");
        assert!(shop.git("ls-remote origin refs/tags/v1.1.0").ends_with("refs/tags/v1.1.0"));
        shop.rel(&format!("{words} --yes --format json")).json("/already", true);
        // A local commit is not on the remote's branch.
        shop.git("reset -q --hard origin/main");
        shop.commit("feat: mine");
        let run = shop.rel(&format!("{words} --yes"));
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(
            run.stderr.contains(" is not on origin/main yet\nhint: git push origin HEAD:main\n"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_changelog_is_created_if_a_commit_is_configured() {
    let shop = Sandbox::new().with("REL_NOW", "2026-11-20T10:00:00Z");
    shop.write("release.toml", "[cut]\ncommit = true\nmessage = \"release {package} {version}\"\n");
    shop.git("add .");
    shop.commit("feat: first");
    shop.git("push -q -u origin main");
    shop.rel("cut --yes").code_is(0);
    assert_eq!(
        shop.git("show HEAD:CHANGELOG.md"),
        "# Changelog\n\n## [0.1.0] - 2026-11-20\n\n### Added\n\n- first"
    );
    assert_eq!(shop.git("log -1 --format=%s"), "release shop 0.1.0");
}

#[test]
fn handwritten_notes_become_part_of_the_release() {
    let shop = ready().with("EDITOR", "sed -i s/coupons/vouchers/");
    shop.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- by hand: Rel-Image: x\n\n## [1.0.0] - 2026-01-01\n\n- first\n");
    shop.git("commit -qam docs:changelog");
    shop.git("push -q");
    shop.rel("cut --yes --edit").code_is(0);
    let whole = "### Added\n\n- by hand: Rel-Image: x\n- **cart:** vouchers (#12)";
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    assert!(message.starts_with(&format!("v1.1.0\n\n{whole}\n\nRel-Package: shop\n")), "{message}");
    assert!(
        shop.git("show HEAD:CHANGELOG.md")
            .contains(&format!("## [1.1.0] - 2026-11-20\n\n{whole}\n\n## [1.0.0]"))
    );
    one_release(&shop);
    // An existing section is the notes of the release, and is not changed.
    let shop = ready();
    let text = "# Changelog\n\n## [1.1.0] - 2026-11-19\n\nThe one with coupons.\n\n## [1.0.0] - 2026-01-01\n\n- first\n";
    shop.write("CHANGELOG.md", text).git("commit -qam docs:changelog");
    shop.git("push -q");
    shop.rel("cut --yes").code_is(0);
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    assert!(message.starts_with("v1.1.0\n\nThe one with coupons.\n\nRel-Package: shop\n"), "{message}");
    assert_eq!(shop.git("show HEAD:CHANGELOG.md"), text.trim_end());
    one_release(&shop);
}

#[test]
fn before_commands_run_first_and_see_no_release() {
    let shop = ready();
    let config = |before: &str| {
        shop.write("release.toml", &format!("[cut]\nbefore = {before}\n[[file]]\npath = \"Cargo.toml\"\n"));
        shop.git("commit -qam config");
        shop.git("push -q");
        state(&shop)
    };
    let before = config(r#"[["sh", "-c", "echo out; echo checked >&2; git tag --list v1.1.0"], ["false"]]"#);
    let run = shop.rel("cut --yes");
    assert_eq!((run.code, run.stdout.as_str()), (4, ""));
    assert!(run.stderr.ends_with("out\nchecked\nrunning false\nerror: [cut] before failed: false\n  because: exit status: 1\nhint: nothing was changed\n"), "{}", run.stderr);
    assert_eq!(state(&shop), before);
    let before = config(r#"["sh", "-c", "echo changed >> Cargo.toml"]"#);
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 4);
    assert!(
        run.stderr.contains("error: files changed while the release was being prepared: Cargo.toml\n"),
        "{}",
        run.stderr
    );
    shop.git("checkout -q .");
    assert_eq!(state(&shop), before);
    config(r#"["git", "rev-parse", "--verify", "HEAD"]"#);
    shop.rel("cut --yes").code_is(0);
    one_release(&shop);
}

/// Makes two releases in a clone of this repository.
#[test]
fn this_repository_can_be_cut() {
    let shop = Sandbox::new().with("REL_NOW", "2026-11-20T10:00:00Z");
    let here = env!("CARGO_MANIFEST_DIR");
    if shop.try_git(&["-C", here, "rev-parse", "--is-shallow-repository"]).1.trim() != "false" {
        println!("this clone is shallow: no release is made");
        return;
    }
    let head = shop.git_words(&["-C", here, "rev-parse", "HEAD"]);
    shop.git_words(&["fetch", "-q", "--tags", here, "HEAD"]);
    shop.git(&format!("reset -q --hard {head}"));
    shop.git("push -q -u origin main --tags");
    for message in ["feat: something to release", "fix: and more"] {
        shop.commit(message).git("push -q");
        let next = shop.next();
        let run = shop.rel("cut --yes");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let changed = shop.git("show --format= --name-only HEAD");
        assert!(changed.starts_with("CHANGELOG.md"), "{changed}");
        assert!(shop.git("show HEAD:Cargo.toml").contains(&format!("\nversion = \"{next}\"\n")));
        assert!(
            shop.git("show HEAD:Cargo.lock").contains(&format!("\nname = \"rel\"\nversion = \"{next}\"\n"))
        );
        assert!(shop.git("show HEAD:CHANGELOG.md").contains(&format!("\n## [{next}] - 2026-11-20\n")));
        // The first release also takes over what is listed as unreleased, so only the second is exactly as generated.
        if message.starts_with("fix") {
            shop.rel("changelog --check").code_is(0);
        } else {
            assert!(shop.git("show HEAD:CHANGELOG.md").contains("\n- something to release\n"));
        }
    }
    assert_eq!(shop.git("show --format= --name-only HEAD"), "CHANGELOG.md\nCargo.lock\nCargo.toml");
}
