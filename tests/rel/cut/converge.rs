//! Exactly one release, whenever a run is killed; races; releases that were never pushed.

use super::{fresh, one_release, ready, state};
use crate::support::{crashing_git, program};
use std::time::Instant;

#[test]
fn one_release_whichever_git_call_cut_is_killed_at() {
    let start = ready();
    let calls = crashing_git(&start.copy(), "cut --yes", 0, "never");
    assert!((8..=20).contains(&calls), "{calls} calls");
    for call in 1..=calls {
        for when in ["before", "after"] {
            let shop = start.copy();
            crashing_git(&shop, "cut --yes", call, when);
            shop.wait_until_quiet();
            // Half of them first in the same clone, which may have a tag that was never pushed.
            if call % 2 == 0 {
                let run = shop.rel("cut --yes");
                assert_eq!(run.code, 0, "{when} call {call}, the same clone: {}", run.stderr);
                one_release(&shop);
            }
            let next = fresh(shop, "next");
            let run = next.rel("cut --yes");
            assert_eq!(run.code, 0, "{when} call {call}: {}", run.stderr);
            one_release(&next);
            let old = next.inside("shop");
            let run = old.rel("cut --yes");
            assert_eq!(run.code, 0, "{when} call {call}, the old clone: {}", run.stderr);
            one_release(&old);
            assert_eq!(old.id("HEAD"), old.id("origin/main"));
        }
    }
}

#[test]
fn one_release_whichever_git_call_tag_is_killed_at() {
    let start = ready();
    let calls = crashing_git(&start.copy(), "tag --yes", 0, "never");
    for (call, when) in (1..=calls).flat_map(|call| [(call, "before"), (call, "after")]) {
        let shop = start.copy();
        crashing_git(&shop, "tag --yes", call, when);
        shop.wait_until_quiet();
        let run = shop.rel("tag --yes");
        assert_eq!(run.code, 0, "{when} call {call}: {}", run.stderr);
        let tag = shop.git("ls-remote --refs --tags origin").lines().last().unwrap().to_owned();
        assert_eq!(tag, format!("{}\trefs/tags/v1.1.0", shop.git("rev-parse v1.1.0")), "{when} call {call}");
        assert_eq!(shop.id("v1.1.0"), shop.id("HEAD"));
        let next = fresh(shop, "next");
        next.rel("tag --yes --format json").json("/already", true);
    }
}

#[test]
fn one_release_whenever_cut_is_killed() {
    let start = ready();
    let whole = {
        let shop = start.copy();
        let begun = Instant::now();
        shop.rel("cut --yes").code_is(0);
        begun.elapsed()
    };
    let (mut before, mut after) = (0, 0);
    for round in 0..100u32 {
        let shop = start.copy();
        let mut child = shop.spawn(&["cut", "--yes"]);
        // Up to 1.5 times the measured duration: under load a run takes longer.
        std::thread::sleep(whole * round * 3 / 200);
        child.kill().unwrap();
        child.wait().unwrap();
        shop.wait_until_quiet();
        match shop.git("ls-remote origin refs/tags/v1.1.0").is_empty() {
            true => before += 1,
            false => after += 1,
        }
        let next = fresh(shop, "next");
        let run = next.rel("cut --yes");
        assert_eq!(run.code, 0, "round {round}: {}", run.stderr);
        one_release(&next);
    }
    println!("killed before the push arrived: {before}, after it: {after}");
    assert!(before > 0);
}

#[test]
fn of_two_runs_at_once_one_wins_and_the_other_leaves_nothing() {
    // A `git` that waits before the push until the other run reaches its push.
    const MEET: &str = r#"
case "$*" in push*--dry-run*) ;; push*)
  touch "$MEET.$$"; tries=0
  while [ "$(ls "$MEET".* | wc -l)" -lt 2 ] && [ $tries -lt 1000 ]; do sleep 0.005; tries=$((tries + 1)); done;;
esac
exec "$REAL_GIT" "$@"
"#;
    let start = ready();
    for round in 0..50 {
        let shop = start.copy();
        let meet = shop.root().join("meet");
        shop.script("git", &format!("MEET='{}'{MEET}", meet.display()));
        shop.git("clone -q ../origin/shop.git ../rival");
        let before = state(&shop);
        let (one, two) = (shop.start("rel cut --yes"), shop.start("cd ../rival && rel cut --yes"));
        let runs = [shop.ended(one), shop.ended(two)];
        shop.remove_scripts();
        let mut codes = [runs[0].code, runs[1].code];
        let lost = usize::from(codes[0] == 0);
        codes.sort_unstable();
        assert_eq!(codes, [0, 5], "round {round}: {}\n{}", runs[0].stderr, runs[1].stderr);
        let said = &runs[lost].stderr;
        assert!(said.contains("error: the push lost a race: "), "round {round}: {said}");
        assert!(said.contains(" by Ada"), "round {round}: the winner is not named: {said}");
        // Nothing is left: no tag, no commit on a branch, a clean work tree.
        let loser = if lost == 0 { shop } else { shop.inside("rival") };
        assert_eq!(loser.git("tag --list"), "v1.0.0", "round {round}");
        assert_eq!(loser.git("status --porcelain"), "", "round {round}");
        assert_eq!(Some(loser.id("HEAD").as_str()), before.lines().last(), "round {round}");
        one_release(&loser);
        // A second run finds the other's release.
        loser.rel("cut --yes --format json").json("/already", true);
    }
}

#[test]
fn a_push_that_arrived_although_git_failed_counts() {
    for failure in
        ["exit 128", "echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128", "kill -9 $$"]
    {
        let shop = ready();
        shop.script("git", &format!("\"$REAL_GIT\" \"$@\"; code=$?\ncase \"$*\" in push*--dry-run*) ;; push*) {failure};; esac\nexit $code\n"));
        let run = shop.shell("rel cut --yes");
        assert_eq!(run.code, 0, "{}", run.stderr);
        shop.remove_scripts();
        one_release(&shop);
        assert_eq!(shop.id("HEAD"), shop.id("v1.1.0"));
    }
}

#[test]
fn a_repeated_job_on_the_old_commit_finds_its_release() {
    let shop = ready();
    let old = shop.id("HEAD");
    shop.rel("cut --yes").code_is(0);
    // The branch may have moved on since.
    shop.commit("feat: more").git("push -q");
    let after = shop.git("ls-remote origin");
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    let job = |name: &str, depth: &str| {
        let folder = shop.root().join(name);
        shop.git(&format!("init -q -b main {}", folder.display()));
        let git = |words: &str| shop.git(&format!("-C {} {words}", folder.display()));
        git(&format!("remote add origin {url}"));
        git(&format!("fetch -q {depth} --no-tags origin +{old}:refs/remotes/origin/main"));
        git(&format!("checkout -q --detach {old}"));
        folder
    };
    for (name, depth) in [("whole", "--no-tags"), ("shallow", "--depth=1")] {
        let folder = job(name, depth);
        let folder = folder.to_string_lossy();
        for (variables, branch) in [
            ("", "--branch main"),
            ("", "--branch origin/main"),
            ("GITHUB_ACTIONS=true GITHUB_REF=refs/heads/main", ""),
            ("GITLAB_CI=true CI_COMMIT_BRANCH=main", ""),
        ] {
            let run = shop.shell(&format!("{variables} rel -C {folder} cut --yes {branch} --format json"));
            assert_eq!(run.code, 0, "{name} {variables} {branch}: {}", run.stderr);
            run.json("/already", true);
            run.json("/tag", "v1.1.0");
        }
    }
    assert_eq!(shop.git("ls-remote origin"), after);
}

#[test]
fn a_shallow_clone_can_make_a_release() {
    for (branch, variables) in [(false, "CI=1 GITHUB_ACTIONS=true GITHUB_REF=refs/heads/main"), (true, "")] {
        let shop = ready();
        let url = format!("file://{}", shop.root().join("origin/shop.git").display());
        shop.git(&format!("clone -q --depth=1 {url} ../shallow"));
        let shallow = shop.inside("shallow");
        if !branch {
            shallow.git("switch -q --detach");
        }
        let run = shallow.shell(&format!("{variables} rel cut --yes"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        one_release(&shallow.inside("shop"));
    }
}

#[test]
fn a_local_release_is_pushed_later_or_aborted() {
    let shop = ready();
    let run = shop.rel("cut --yes --no-push");
    assert!(run.stderr.contains("v1.1.0 was created here and has not been pushed"), "{}", run.stderr);
    assert_eq!(run.code, 0);
    assert_eq!(shop.git("ls-remote origin refs/tags/v1.1.0"), "");
    let kept = state(&shop);
    let run = shop.rel("cut --dry-run");
    assert!(run.stderr.contains("not pushed yet: v1.1.0; pushing to origin"), "{}", run.stderr);
    shop.rel("cut").code_is(4);
    let run = shop.rel("cut --yes --no-push --format json");
    run.json("/already", true);
    run.json("/pushed", false);
    assert_eq!(state(&shop), kept);
    let made = shop.git("rev-parse v1.1.0");
    shop.rel("cut --yes --format json").json("/pushed", true);
    one_release(&shop);
    assert_eq!(shop.git("rev-parse v1.1.0"), made);
    shop.rel("cut --abort").fails(0, "nothing to abort: there is no unpushed release here\n");
    one_release(&shop);

    let other = ready();
    let before = state(&other);
    other.rel("cut --yes --no-push").code_is(0);
    let head = other.id("HEAD");
    other
        .rel("cut --abort --dry-run")
        .fails(0, format!("would delete tag v1.1.0\nwould remove release commit {}\n", &head[..7]));
    other.rel("cut --abort").fails(0, format!("deleted tag v1.1.0\nremoved release commit {}\n", &head[..7]));
    assert_eq!(state(&other), before);

    // The remote's branch has moved on since a local tag: the tag is pushed, and the branch is not changed.
    let tagged = ready();
    tagged.rel("tag --yes --no-push").code_is(0);
    tagged.commit("fix: later").git("push -q");
    tagged.git("reset -q --hard HEAD~1");
    let branch = tagged.git("ls-remote origin refs/heads/main");
    tagged.rel("tag --yes").code_is(0);
    assert_eq!(tagged.git("ls-remote origin refs/heads/main"), branch);
    assert!(tagged.git("ls-remote origin refs/tags/v1.1.0").ends_with("v1.1.0"));

    // HEAD has moved on since a release that was never pushed.
    let third = ready();
    third.rel("tag --yes --no-push").code_is(0);
    third.commit("fix: later").git("push -q");
    let run = third.rel("cut --yes");
    assert_eq!(run.code, 4);
    assert!(
        run.stderr.contains("v1.1.0 was created here and never pushed, and HEAD has moved on since"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_tag_of_another_person_is_never_deleted() {
    // A tag of rel from another remote: its commit is on no branch, and the remote of this clone does not have it.
    let shop = ready();
    shop.git("switch -q --detach");
    let run = shop.shell("GIT_COMMITTER_EMAIL=bob@acme.example rel cut 0.9.9 --yes --no-push --branch main");
    assert_eq!(run.code, 4, "{}", run.stderr);
    let run = shop.shell("GIT_COMMITTER_EMAIL=bob@acme.example rel cut 1.9.9 --yes --no-push --branch main");
    assert_eq!(run.code, 0, "{}", run.stderr);
    shop.git("switch -q main");
    let theirs = shop.git("rev-parse v1.9.9");
    shop.rel("cut --yes").code_is(0);
    shop.rel("cut --abort").fails(0, "nothing to abort: there is no unpushed release here\n");
    assert_eq!(shop.git("rev-parse v1.9.9"), theirs);
}

#[test]
fn a_local_release_that_cannot_be_pushed_is_kept() {
    let shop = ready();
    shop.rel("cut --yes --no-push").code_is(0);
    let kept = shop.git("for-each-ref refs/tags refs/heads");
    shop.git("clone -q ../origin/shop.git ../rival");
    let rival = shop.root().join("rival");
    shop.git(&format!("-C {} commit -q --allow-empty -m feat:faster", rival.display()));
    shop.git(&format!("-C {} push -q", rival.display()));
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("hint: rel cut --abort undoes the local release"), "{}", run.stderr);
    assert_eq!(shop.git("for-each-ref refs/tags refs/heads"), kept);
    shop.rel("cut --abort").code_is(0);
    shop.git("pull -q --ff-only");
    shop.rel("cut --yes").code_is(0);
    one_release(&shop);
}

#[test]
fn nothing_is_left_if_a_hook_or_the_remote_rejects_the_push() {
    for (hook, code) in [("origin/shop.git/hooks/pre-receive", 6), ("shop/.git/hooks/pre-push", 4)] {
        let shop = ready();
        let file = shop.root().join(hook);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        program(&file, "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n");
        let before = state(&shop);
        let run = shop.rel("cut --yes");
        assert_eq!(run.code, code, "{}", run.stderr);
        assert!(run.stderr.contains("main is protected"), "{}", run.stderr);
        assert!(run.stderr.contains("hint: nothing was pushed; "), "{}", run.stderr);
        assert_eq!(state(&shop), before);
    }
    let shop = ready();
    shop.git("-C ../origin/shop.git config receive.advertiseAtomic false");
    let before = state(&shop);
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert_eq!(state(&shop), before);
}

/// A race in git: the remote does not wait for the push options of a dry run, and may have exited when git sends them.
#[test]
fn a_dry_run_push_that_ended_with_sigpipe_is_repeated() {
    let shop = ready();
    shop.git("-C ../origin/shop.git config receive.advertisePushOptions true");
    let died = shop.root().join("died");
    let script = format!(
        "case \"$*\" in *push*--dry-run*) [ -e '{0}' ] || {{ touch '{0}'; kill -PIPE $$; }};; esac\nexec \"$REAL_GIT\" \"$@\"\n",
        died.display()
    );
    shop.script("git", &script);
    shop.shell("rel cut --yes -o ci.skip").code_is(0);
    shop.remove_scripts();
    assert!(died.exists());
    one_release(&shop);
}

#[test]
fn push_options_reach_the_hooks_of_the_remote() {
    let shop = ready();
    shop.git("-C ../origin/shop.git config receive.advertisePushOptions true");
    let file = shop.root().join("origin/shop.git/hooks/pre-receive");
    program(&file, "#!/bin/sh\necho \"$GIT_PUSH_OPTION_0\" > options\n");
    shop.rel("cut --yes -o ci.skip").code_is(0);
    let told = std::fs::read_to_string(shop.root().join("origin/shop.git/options")).unwrap();
    assert_eq!(told, "ci.skip\n");
}
