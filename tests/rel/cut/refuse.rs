//! Everything that prevents a release is reported at once, and nothing is changed.

use super::{documented, ready, state};
use crate::support::Sandbox;
use snapbox::str;

#[test]
fn everything_that_prevents_a_release_is_reported_at_once() {
    let shop = ready();
    shop.write("release.toml", "[cut]\nbefore = [\"no-such-program\"]\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.write("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.9.0\"\n");
    shop.git("commit -qam config");
    shop.git("switch -q -c feature/x");
    shop.write("CHANGELOG.md", "changed\n").write("Cargo.toml", "changed\n");
    let before = state(&shop);
    documented(
        "everything at once",
        &format!("$ rel cut --yes\n{}", shop.rel("cut --yes").stderr.trim_end()),
    );
    shop.rel("cut --yes").fails(
        4,
        str![[r#"
error: 4 problems
  1. Cargo.toml:3 has `0.9.0`, expected 1.0.0
     hint: change it to 1.0.0; the release then sets it to 1.1.0
  2. the work tree is not clean: CHANGELOG.md, Cargo.toml
     hint: commit or stash the changes; `git status` lists them
  3. no releases are made from branch feature/x: without a [[branch]], only main makes them
     hint: switch to main, or add to release.toml:
       [[branch]]
       name = "feature/x"
  4. no-such-program, which [cut] before runs, is not on PATH
     hint: install it, or remove it from release.toml

"#]],
    );
    assert_eq!(state(&shop), before);
}

/// Asserts that a command fails with one error and changes nothing.
#[track_caller]
fn refused(shop: &Sandbox, words: &str, code: i32, error: &str) {
    let before = state(shop);
    let run = shop.shell(&format!("rel {words}"));
    assert_eq!(run.code, code, "{}", run.stderr);
    let start = run.stderr.find("error: ").unwrap();
    snapbox::assert_data_eq!(run.stderr[start..].to_owned(), error.to_owned());
    assert_eq!(state(shop), before);
}

#[test]
fn head_must_be_on_an_up_to_date_release_branch() {
    let shop = ready();
    shop.git("clone -q ../origin/shop.git ../other");
    let other = shop.root().join("other");
    shop.git(&format!("-C {} commit -q --allow-empty -m feat:other", other.display()));
    shop.git(&format!("-C {} push -q", other.display()));
    refused(
        &shop,
        "cut --yes",
        4,
        "error: main is 1 commit behind origin/main\nhint: git pull --ff-only origin main\n",
    );
    shop.commit("fix: mine");
    refused(
        &shop,
        "cut --yes",
        4,
        "error: main and origin/main have diverged: 1 commit ahead, 1 commit behind\nhint: git pull --rebase origin main\n",
    );
    let shop = ready();
    shop.git("switch -q --detach");
    refused(
        &shop,
        "cut --yes",
        4,
        "error: HEAD is detached, so the release branch is unknown\nhint: pass --branch NAME; in CI, the job's branch is used if it exists on the remote and contains HEAD\n",
    );
    shop.git("switch -q -c feature");
    refused(
        &shop,
        "cut --yes --branch main",
        4,
        "error: HEAD is on feature, not on main\nhint: git switch main   # --branch is for a detached HEAD\n",
    );
    shop.write("release.toml", "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"1.x\"\nrange = \"1\"\n[[file]]\npath = \"Cargo.toml\"\n");
    shop.git("commit -qam config");
    let run = shop.rel("cut --yes");
    assert!(run.stderr.contains("error: branch feature makes no releases: release.toml lists only main, 1.x\nhint: switch to one of them, or add a [[branch]]\n"), "{}", run.stderr);
    assert_eq!(run.code, 4);
}

#[test]
fn a_tag_on_another_commit_is_a_conflict() {
    let shop = ready();
    shop.git("switch -q --detach HEAD~1");
    shop.git_words(&["commit", "-q", "--allow-empty", "-m", "feat: elsewhere"]);
    shop.git("tag -a -m mine v1.1.0");
    shop.git("push -q origin HEAD:refs/heads/topic v1.1.0");
    shop.git("switch -q main");
    let at = &shop.id("v1.1.0")[..7];
    refused(
        &shop,
        "cut --yes",
        5,
        &format!(
            "error: the next version is 1.1.0, but tag v1.1.0 exists on another commit, {at}, by Ada\n  because: branches that contain it: origin/topic\nhint: `git log v1.1.0..HEAD` and `git log HEAD..v1.1.0` show how they differ\nhint: merge that branch first, or choose another version with --bump\n"
        ),
    );
    // --explain shows how the version was computed before the error.
    let run = shop.rel("next --explain");
    assert_eq!(run.code, 5);
    assert!(
        run.stderr.starts_with("shop  no version: the next version is 1.1.0, but tag v1.1.0 exists"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("\n  base     v1.0.0 at "), "{}", run.stderr);
    assert!(run.stderr.contains("  minor  "), "{}", run.stderr);
}

#[test]
fn a_merge_in_progress_is_refused() {
    let shop = ready();
    shop.git("branch other HEAD~1");
    shop.git("switch -q other");
    shop.commit("fix: other").git("switch -q main");
    shop.git("merge -q --no-commit --no-ff other");
    refused(
        &shop,
        "cut --yes",
        4,
        "error: a merge is in progress in this work tree\nhint: `git status` shows how to finish or abort it\n",
    );
}

#[test]
fn the_plan_counts_unpushed_commits() {
    let shop = ready();
    shop.commit("fix: here").commit("fix: alone");
    let run = shop.rel("cut --dry-run");
    assert!(
        run.stderr.contains("\n  push    main (2 unpushed commits) and tag v1.1.0 to origin, atomically\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_remote_and_an_identity_are_required() {
    let shop = ready();
    shop.git("remote remove origin");
    shop.rel("cut --yes").code_is(4);
    shop.rel("cut --yes --no-push").code_is(0);
    assert_eq!(shop.git("tag --list"), "v1.0.0\nv1.1.0");
    let shop = ready();
    shop.git("remote set-url origin ../origin/gone.git");
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 6);
    assert!(run.stderr.starts_with("error: cannot reach origin\n"), "{}", run.stderr);
    // A local release needs no remote.
    let run = shop.rel("cut --yes --no-push");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.starts_with("warning: cannot reach origin: only local tags are considered\n"),
        "{}",
        run.stderr
    );
    let shop = ready();
    shop.git("config user.useConfigOnly true");
    let before = state(&shop);
    let unset: String = ["AUTHOR", "COMMITTER"]
        .iter()
        .flat_map(|role| [format!(" -u GIT_{role}_NAME"), format!(" -u GIT_{role}_EMAIL")])
        .collect();
    let run = shop.shell(&format!("env{unset} rel cut --yes"));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("error: git user.name and user.email are not set\n"), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("hint: git config user.name \"…\" && git config user.email \"…\"\n"),
        "{}",
        run.stderr
    );
    assert_eq!(state(&shop), before);
    // An untracked file where the release would put one.
    let shop = ready();
    shop.write("release.toml", "[changelog]\npath = \"CHANGES.md\"\n[cut]\ncommit = true\n");
    shop.git("commit -qam config");
    shop.git("push -q");
    shop.write("CHANGES.md", "mine\n");
    refused(
        &shop,
        "cut --yes",
        4,
        "error: CHANGES.md exists but is not tracked by git\nhint: `git add CHANGES.md` and commit it, or move it away\n",
    );
}

#[test]
fn names_that_git_could_read_as_options_are_refused() {
    for (config, words, code, error) in [
        (
            "[version]\ntag = \"-v{version}\"\n",
            "cut --yes",
            2,
            "-v1.2.3 is not a valid tag name: it begins with a hyphen",
        ),
        (
            "",
            "cut --yes --branch=--upload-pack=x",
            2,
            "--upload-pack=x is not a valid branch name: it begins with a hyphen",
        ),
    ] {
        let shop = ready();
        shop.write("release.toml", config);
        shop.git("commit -qam config --allow-empty");
        shop.git("push -q");
        shop.git("switch -q --detach");
        let before = state(&shop);
        let run = shop.rel(words);
        assert_eq!(run.code, code, "{}", run.stderr);
        assert!(run.stderr.contains(error), "{}", run.stderr);
        assert_eq!(state(&shop), before);
    }
    let shop = ready();
    let config = shop.root().join("shop/.git/config");
    let text = std::fs::read_to_string(&config).unwrap().replace("\"origin\"", "\"-origin\"");
    std::fs::write(&config, text.replace("remote = origin", "remote = -origin")).unwrap();
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: the remote -origin begins with a hyphen"), "{}", run.stderr);
}

#[test]
fn a_commit_of_a_time_that_git_cannot_tag_is_refused_by_name() {
    let shop = ready();
    let (tree, parent) = (shop.git("rev-parse HEAD^{tree}"), shop.id("HEAD"));
    let who = "Ada <ada@acme.example> -100 +0000";
    let text = format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nfeat: old\n");
    std::fs::write(shop.root().join("commit"), text).unwrap();
    let id = shop.git("hash-object -t commit -w --literally ../commit");
    shop.git(&format!("reset -q --hard {id}"));
    shop.git("push -q origin main");
    let run = shop.rel("tag --yes");
    run.code_is(4);
    let message =
        format!("error: commit {} is dated before 1970, and git cannot tag such a commit\n", &id[..7]);
    assert!(run.stderr.contains(&message), "{}", run.stderr);
}

#[test]
fn the_tag_of_another_run_in_this_clone_stays() {
    let shop = ready();
    shop.write(
        "release.toml",
        "[cut]\nbefore = [[\"git\", \"tag\", \"-a\", \"-m\", \"other\", \"v1.1.0\"]]\n",
    );
    shop.git("add release.toml");
    shop.git("commit -qm config");
    shop.git("push -q");
    let run = shop.rel("cut --yes");
    run.code_is(5);
    assert!(run.stderr.contains("tag v1.1.0 was created here by somebody else just now"), "{}", run.stderr);
    assert!(!run.stderr.contains("git tag -d"), "{}", run.stderr);
    assert_eq!(shop.git("tag -l --format=%(subject) v1.1.0"), "other");
}
