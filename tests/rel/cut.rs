//! `rel cut` and `rel tag`: one release, whoever dies and whenever; races; refusals.

use crate::support::Sandbox;
use snapbox::str;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

/// A released repository with a changelog, pushed, and one feature more.
fn ready() -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", "name = \"shop\"\n");
    shop.write("CHANGELOG.md", "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- first\n");
    shop.git("add .");
    shop.commit("feat: first").tag("v1.0.0").commit("feat: coupons");
    shop.git("push -q -u origin main --tags");
    shop
}

/// A fresh clone, as the next job has it.
fn fresh(shop: Sandbox, name: &str) -> Sandbox {
    shop.git(&format!("clone -q ../origin/shop.git ../{name}"));
    shop.inside(name)
}

/// On the remote stands exactly one release of 1.1.0: one tag, one release commit, one section.
#[track_caller]
fn one_release(shop: &Sandbox) {
    let refs = shop.git("ls-remote origin");
    assert_eq!(refs.lines().filter(|line| line.ends_with("refs/tags/v1.1.0")).count(), 1, "{refs}");
    assert!(!refs.contains("v1.1.1") && !refs.contains("v1.2.0"), "{refs}");
    shop.git("fetch -q origin");
    let log = shop.git("log --format=%s origin/main");
    assert_eq!(log.lines().filter(|line| *line == "chore(release): v1.1.0").count(), 1, "{log}");
    let changelog = shop.git("show origin/main:CHANGELOG.md");
    assert_eq!(changelog.matches("[1.1.0]").count(), 1, "{changelog}");
    assert!(changelog.contains("## [1.0.0] - 2026-01-01\n\n- first\n"), "{changelog}");
    assert_eq!(
        shop.git("rev-parse origin/main"),
        shop.git("ls-remote origin refs/tags/v1.1.0^{}").split('\t').next().unwrap()
    );
}

#[test]
fn a_release_is_cut_and_run_again() {
    let shop = ready();
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 0, "{}", run.stderr);
    one_release(&shop);
    assert_eq!(shop.git("status --porcelain"), "");
    assert_eq!(shop.id("HEAD"), shop.id("v1.1.0"));
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    assert!(message.contains("Rel-Package: shop\nRel-Previous: v1.0.0\nRel-Build: "), "{message}");
    let again = shop.rel("cut --yes");
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (0, format!("v1.1.0 is out already, at {}\n", &shop.id("HEAD")[..7]).as_str())
    );
    shop.rel("cut --yes --format json").json("/already", true);
    // The job that is run again checks out the commit that it began with.
    shop.git("switch -q --detach HEAD~1");
    shop.rel("cut --yes --branch main --format json").json("/already", true);
    one_release(&shop);
}

#[test]
fn a_dry_run_changes_nothing() {
    let shop = ready();
    let state = |shop: &Sandbox| {
        [shop.git("for-each-ref"), shop.git("ls-remote origin"), shop.git("status --porcelain")].join("\n")
    };
    let before = state(&shop);
    let run = shop.rel("cut --dry-run");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(state(&shop), before);
    shop.rel("cut").code_is(4);
    assert_eq!(state(&shop), before);
}

#[test]
fn everything_in_the_way_is_said_at_once() {
    let shop = ready();
    shop.write("CHANGELOG.md", "changed\n");
    shop.git("switch -q -c feature/x");
    let run = shop.rel("cut --yes");
    run.fails(
        4,
        str![[r#"
error: 2 things are in the way
  because: the work tree is not clean: CHANGELOG.md
  because: branch feature/x releases nothing: without a [[branch]] only main does
hint: commit or stash it; `git status` shows all
hint: switch to main, or add to release.toml:
  [[branch]]
  name = "feature/x"

"#]],
    );
}

/// A `git` on PATH that kills the whole run around its push.
fn deadly(shop: &Sandbox, when: &str) {
    let script = match when {
        "before" => {
            "if [ \"$1\" = push ] && ! echo \"$@\" | grep -q dry-run; then kill -9 $PPID; exit 1; fi\nexec \"$REAL_GIT\" \"$@\"\n"
        }
        "after" => {
            "\"$REAL_GIT\" \"$@\"; code=$?\nif [ \"$1\" = push ] && ! echo \"$@\" | grep -q dry-run; then kill -9 $PPID; fi\nexit $code\n"
        }
        _ => {
            "\"$REAL_GIT\" \"$@\"; code=$?\nif [ \"$1\" = push ] && ! echo \"$@\" | grep -q dry-run; then exit 128; fi\nexit $code\n"
        }
    };
    shop.script("git", script);
}

#[test]
fn a_job_that_dies_around_its_push_is_finished_by_the_next() {
    for when in ["before", "after"] {
        let shop = ready();
        deadly(&shop, when);
        let run = shop.shell("rel cut --yes");
        assert_ne!(run.code, 0, "{when}");
        shop.remove_scripts();
        let again = shop.rel("cut --yes");
        assert_eq!(again.code, 0, "{when}: the same clone: {}", again.stderr);
        one_release(&shop);
        let next = fresh(shop, "next");
        let again = next.rel("cut --yes");
        assert_eq!(again.code, 0, "{when}: {}", again.stderr);
        one_release(&next);
    }
}

#[test]
fn a_push_that_arrived_although_git_failed_is_recognised() {
    let shop = ready();
    deadly(&shop, "late");
    let run = shop.shell("rel cut --yes");
    assert_eq!(run.code, 0, "{}", run.stderr);
    shop.remove_scripts();
    one_release(&shop);
}

#[test]
fn killed_at_a_hundred_moments() {
    let shop = ready();
    let begun = Instant::now();
    shop.rel("cut --dry-run").code_is(0);
    let whole = begun.elapsed() * 2;
    for round in 0..100u32 {
        let shop = ready();
        let mut child = shop.spawn(&["cut", "--yes"]);
        std::thread::sleep(whole * round / 100);
        // SIGKILL; whatever git it had started goes on or dies with its pipes.
        child.kill().unwrap();
        child.wait().unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let next = fresh(shop, "next");
        let run = next.rel("cut --yes");
        assert_eq!(run.code, 0, "round {round}: {}", run.stderr);
        one_release(&next);
    }
}

#[test]
fn two_clones_at_once_and_one_wins() {
    for round in 0..50 {
        let shop = ready();
        shop.git("clone -q ../origin/shop.git ../rival");
        let rival = shop.root().join("rival");
        let mut one = shop.spawn(&["cut", "--yes"]);
        let mut two = shop.spawn(&["-C", &rival.to_string_lossy(), "cut", "--yes"]);
        let codes = [one.wait().unwrap().code(), two.wait().unwrap().code()];
        // Whoever came late enough to see the other's release finds it out already.
        let fair = codes.contains(&Some(0)) && codes.iter().all(|code| matches!(code, Some(0 | 4 | 5)));
        assert!(fair, "round {round}: {codes:?}");
        one_release(&shop);
        for folder in ["shop", "rival"] {
            let path = shop.root().join(folder);
            let refs = shop
                .git(&format!("-C {} for-each-ref --format=%(objectname) refs/tags/v1.1.0", path.display()));
            let remote = shop.git("ls-remote origin refs/tags/v1.1.0");
            assert!(
                refs.is_empty() || remote.starts_with(&refs),
                "round {round}: {folder} keeps a tag that lost"
            );
        }
    }
}

#[test]
fn a_strict_forge_refuses_and_nothing_is_left() {
    let shop = ready();
    let hook = shop.root().join("origin/shop.git/hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let before = [shop.git("for-each-ref"), shop.git("ls-remote origin")];
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("main is protected"), "{}", run.stderr);
    assert_eq!([shop.git("for-each-ref"), shop.git("ls-remote origin")], before);
}

#[test]
fn kept_here_then_pushed_or_taken_back() {
    let shop = ready();
    shop.rel("cut --yes --no-push").code_is(0);
    assert_eq!(shop.git("ls-remote origin refs/tags/v1.1.0"), "");
    shop.rel("cut --yes").code_is(0);
    one_release(&shop);
    let other = ready();
    let before = [other.git("for-each-ref"), other.git("status --porcelain")];
    other.rel("cut --yes --no-push").code_is(0);
    other.rel("cut --abort").code_is(0);
    assert_eq!([other.git("for-each-ref"), other.git("status --porcelain")], before);
}
