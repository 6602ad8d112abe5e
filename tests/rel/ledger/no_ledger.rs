//! What is no ledger is refused, and never taken for an empty one, in which nothing is held and no build is bad.

use super::tamper::{origin, signed};
use super::{CONFIG, at, clone, shop, subjects};
use crate::support::{Run, Sandbox};

/// Prod is held, and v1.0.0 is bad.
fn held() -> Sandbox {
    let shop = shop(CONFIG);
    at(&shop, "10:00", "hold prod --reason INC-412").code_is(0);
    at(&shop, "10:01", "bad v1.0.0").code_is(0);
    shop
}

/// Pushes a commit with this tree on top of the ledger.
fn push_tree(shop: &Sandbox, tree: &str) {
    let parent = origin(shop, "rev-parse rel-ledger");
    let commit =
        shop.git_words(&["-C", &place(shop), "commit-tree", "-p", &parent, "-m", "hold prod, by Ada", tree]);
    origin(shop, &format!("update-ref refs/heads/rel-ledger {commit}"));
}

fn place(shop: &Sandbox) -> String {
    shop.root().join("origin/shop.git").display().to_string()
}

/// Runs a command in a clone that never saw the ledger.
fn in_a_fresh_clone(shop: &Sandbox, name: &str, words: &str) -> Run {
    let folder = clone(shop, name).display().to_string();
    shop.shell(&format!("rel -C {folder} {words}"))
}

const COMMANDS: [&str; 5] =
    ["status", "hold staging", "deploy dev v1.0.0 --yes", "rollback prod v1.0.0 --yes", "history prod"];

#[test]
fn a_tip_with_an_empty_tree_is_no_ledger() {
    let shop = held();
    push_tree(&shop, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    for (number, words) in COMMANDS.iter().enumerate() {
        for run in [at(&shop, "12:00", words), in_a_fresh_clone(&shop, &format!("fresh{number}"), words)] {
            run.code_is(5);
            let message = "error: refs/heads/rel-ledger of origin is not a ledger\n";
            assert!(run.stderr.starts_with(message), "{words}: {}", run.stderr);
            assert!(run.stderr.contains(" has no file format\n"), "{words}: {}", run.stderr);
        }
    }
    assert_eq!(subjects(&shop).len(), 3);
    // The hint restores what this clone saw last.
    let hint = at(&shop, "12:01", "status").stderr;
    let line = hint.lines().find_map(|line| line.strip_prefix("hint: to restore it: ")).unwrap();
    shop.shell(&line.replace("$ROOT", &shop.root().display().to_string())).code_is(0);
    assert!(at(&shop, "12:02", "status prod").stdout.contains("held"));
}

#[test]
fn a_tip_without_its_event_or_the_state_of_it_is_no_ledger() {
    for (files, message) in [
        ("format", " has no file event.json\n"),
        ("format event.json", " does not record the event of event.json in bad/shop/newest.json\n"),
    ] {
        let shop = held();
        let names: Vec<&str> = files.split(' ').collect();
        let listed = shop.git_words(&["-C", &place(&shop), "ls-tree", "rel-ledger"]);
        let kept: String = listed
            .lines()
            .filter(|line| names.iter().any(|name| line.ends_with(&format!("\t{name}"))))
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(shop.root().join("tree"), kept).unwrap();
        let tree = shop.shell(&format!("git -C {} mktree < ../tree", place(&shop)));
        push_tree(&shop, tree.stdout.trim());
        let run = at(&shop, "12:00", "deploy dev v1.0.0 --yes");
        run.code_is(5);
        assert!(run.stderr.contains(message), "{files}: {}", run.stderr);
    }
}

#[test]
fn a_signed_commit_of_the_code_is_no_ledger() {
    let shop = signed();
    at(&shop, "10:00", "hold prod").code_is(0);
    shop.git_words(&["commit", "-q", "-S", "--allow-empty", "-m", "feat: signed"]);
    shop.git("push -q origin main");
    shop.git("push -q --force origin main:rel-ledger");
    for words in COMMANDS {
        let run = in_a_fresh_clone(&shop, &words.replace([' ', '.', '-'], "_"), words);
        run.code_is(5);
        assert!(
            run.stderr.contains("refs/heads/rel-ledger of origin is not a ledger"),
            "{words}: {}",
            run.stderr
        );
    }
}

#[test]
fn the_ledger_cannot_be_a_branch_that_releases() {
    let shop = shop(CONFIG);
    let before = origin(&shop, "rev-parse main");
    for (rules, branch) in [
        ("[ledger]\nbranch = \"main\"\n", "main"),
        ("[ledger]\nbranch = \"master\"\nremote = \"origin\"\n", "master"),
        ("[[branch]]\nname = \"release/*\"\n[ledger]\nbranch = \"release/log\"\n", "release/log"),
    ] {
        shop.write("release.toml", &format!("{CONFIG}{rules}"));
        let run = shop.rel("next");
        run.code_is(2);
        assert!(run.stderr.contains(&format!("the ledger cannot be kept on `{branch}`")), "{}", run.stderr);
    }
    assert_eq!(origin(&shop, "rev-parse main"), before);
    // In a repository of its own it may have any branch, and a catch-all rule does not forbid the usual one.
    for rules in [
        "[ledger]\nbranch = \"main\"\nremote = \"../record.git\"\n",
        "[[branch]]\nname = \"*\"\n[ledger]\nbranch = \"rel-ledger\"\n",
    ] {
        shop.write("release.toml", &format!("{CONFIG}{rules}"));
        shop.rel("next").code_is(0);
    }
}

/// Only the remote says which branch that is.
#[test]
fn the_ledger_cannot_be_the_default_branch() {
    let shop = shop(&format!("{CONFIG}[ledger]\nbranch = \"trunk\"\n"));
    shop.git("push -q origin main:trunk");
    origin(&shop, "symbolic-ref HEAD refs/heads/trunk");
    let before = origin(&shop, "rev-parse trunk");
    for words in COMMANDS {
        let run = at(&shop, "12:00", words);
        run.code_is(2);
        assert!(run.stderr.contains("[ledger] branch = \"trunk\" is the default branch"), "{}", run.stderr);
    }
    assert_eq!(origin(&shop, "rev-parse trunk"), before);
}

#[test]
fn an_answer_that_cannot_be_read_is_not_an_empty_one() {
    let shop = held();
    for answer in ["echo hello", "printf '\\001\\002\\n'", "echo '<html>'"] {
        shop.script(
            "git",
            &format!("if [ \"$1\" = ls-remote ]; then {answer}; exit 0; fi\nexec \"$REAL_GIT\" \"$@\"\n"),
        );
        let run = at(&shop, "12:00", "hold staging");
        run.code_is(6);
        assert!(!run.stderr.contains("was deleted"), "{}", run.stderr);
        assert!(run.stderr.contains("cannot read what git ls-remote origin printed"), "{}", run.stderr);
        let run = at(&shop, "12:00", "status prod");
        run.code_is(0);
        assert!(run.stdout.contains("held"), "{}", run.stdout);
    }
    shop.remove_scripts();
    assert_eq!(subjects(&shop).len(), 2);
}
