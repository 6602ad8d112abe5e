//! SIGTERM and SIGINT at any moment: what is recorded, what is kept, and that nothing is left behind.

use super::fixture::{Fixture, PLAIN, running, skipped};
use crate::support::Sandbox;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Waits until a file exists.
#[track_caller]
fn wait_for(shop: &Sandbox, name: &str) {
    let begun = Instant::now();
    while !shop.file(name).exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no {name}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the process that `rel` is in a shell that executes it.
fn send(child: &Child, name: &str) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Returns how many events of a clone wait to be sent.
fn pending(shop: &Sandbox) -> usize {
    let run = shop.rel("sync --dry-run --format json");
    run.code_is(0);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    json["events"].as_array().map_or(0, Vec::len)
}

#[test]
fn with_a_silent_remote_the_event_is_kept_within_seven_seconds() {
    for (hangs, call, pause) in [
        ("deploy", "deploy deploy prod 1.2.0 -", Duration::from_secs(4)),
        ("verify", "deploy verify prod 1.2.0 -", Duration::from_secs(4)),
        ("deploy", "deploy deploy prod 1.2.0 -", Duration::ZERO),
    ] {
        let shop = running(PLAIN);
        shop.behave(&format!("hang-{hangs}-1.2.0"), "");
        let silent = shop.file("silent").display().to_string();
        shop.script("git", &format!("case $1 in ls-remote|fetch|push) [ -e {silent} ] && exec sleep 300;; esac\nexec \"$REAL_GIT\" \"$@\"\n"));
        let child = shop.start("exec rel deploy prod v1.2.0");
        shop.wait_for_call(call);
        std::fs::write(&silent, "").unwrap();
        // The look at the lock, every three seconds, hangs by now; without a pause, nothing but the command runs.
        std::thread::sleep(pause);
        let begun = Instant::now();
        send(&child, "-TERM");
        let run = shop.ended(child);
        assert!(begun.elapsed() < Duration::from_secs(7), "{:?}: {}", begun.elapsed(), run.stderr);
        run.code_is(130);
        shop.no_process_is_left();
        shop.remove_scripts();
        std::fs::remove_file(&silent).unwrap();
        assert_eq!(pending(&shop), 1, "{}", run.stderr);
        shop.rel("sync -q").code_is(0);
        assert_eq!(shop.state("prod"), "1.2.0 unknown");
    }
}

#[test]
fn sigterm_during_the_checkout_leaves_nothing_behind() {
    for when in ["before", "after"] {
        let shop = running(PLAIN);
        shop.commit("feat: later");
        let reached = shop.file("reached").display().to_string();
        let add = if when == "after" { "\"$REAL_GIT\" \"$@\"; " } else { "" };
        shop.script("git", &format!("if [ \"$1 $2\" = '-c core.hooksPath=/dev/null' ]; then {add}: > {reached}; exec sleep 300; fi\nexec \"$REAL_GIT\" \"$@\"\n"));
        let child = shop.start("exec rel rollback prod --yes");
        wait_for(&shop, "reached");
        send(&child, "-TERM");
        let run = shop.ended(child);
        run.code_is(130);
        assert_eq!(std::fs::read_dir(shop.file("tmp")).unwrap().count(), 0, "{when}");
        assert!(!shop.folder().join(".git/worktrees").exists(), "{when}");
        assert_eq!(shop.state("prod"), "1.1.0 healthy", "nothing was begun: {}", run.stderr);
        assert_eq!(shop.calls(), "");
    }
}

#[test]
fn sigterm_while_the_lock_is_pushed_changes_nothing() {
    for arrives in [false, true] {
        let shop = running(PLAIN);
        let reached = shop.file("reached").display().to_string();
        let push = if arrives { "\"$REAL_GIT\" \"$@\"; " } else { "" };
        shop.script("git", &format!("if [ \"$1\" = push ] && [ ! -e {reached} ]; then {push}: > {reached}; exec sleep 300; fi\nexec \"$REAL_GIT\" \"$@\"\n"));
        let child = shop.start("exec rel deploy prod v1.2.0");
        wait_for(&shop, "reached");
        let begun = Instant::now();
        send(&child, "-TERM");
        let run = shop.ended(child);
        run.code_is(130);
        assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
        shop.remove_scripts();
        assert_eq!(shop.calls(), "", "{arrives}");
        assert_eq!(shop.state("prod"), "1.1.0 healthy", "{arrives}: {}", run.stderr);
        assert!(!run.stderr.contains("run the same command again"), "{}", run.stderr);
        shop.rel("deploy prod v1.2.0 -q").code_is(0);
    }
}

/// The first process of a PID namespace has no default action for signals.
#[test]
fn as_the_first_process_of_a_container_signals_end_it() {
    let can = Command::new("unshare").args(["-r", "--pid", "--fork", "true"]).status();
    if !can.is_ok_and(|status| status.success()) {
        skipped("unshare --pid is not allowed here");
        return;
    }
    for signal in ["-TERM", "-INT"] {
        let shop = running(PLAIN);
        // Before an operation begins: the remote does not answer.
        let reached = shop.file("reached").display().to_string();
        shop.script(
            "git",
            &format!(
                "case $1 in ls-remote) : > {reached}; exec sleep 300;; esac\nexec \"$REAL_GIT\" \"$@\"\n"
            ),
        );
        assert_eq!(ended_in_container(&shop, signal, || wait_for(&shop, "reached")), 130);
        shop.remove_scripts();
        // While the deployer runs.
        shop.behave("hang-deploy-1.2.0", "");
        let code = ended_in_container(&shop, signal, || shop.wait_for_call("deploy deploy prod 1.2.0 -"));
        assert_eq!(code, 130);
        assert_eq!(shop.state("prod"), "1.2.0 unknown");
    }
}

/// Runs a deploy as process 1, sends it a signal once it is `ready`, and returns its exit code.
fn ended_in_container(shop: &Sandbox, signal: &str, ready: impl Fn()) -> i32 {
    let child = shop.start("exec unshare -r --pid --fork rel deploy prod v1.2.0");
    ready();
    let parent = child.id();
    let list = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    let first = list.split_whitespace().next().unwrap();
    let begun = Instant::now();
    assert!(Command::new("kill").args([signal, first]).status().unwrap().success());
    let run = shop.ended(child);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    run.code
}

#[test]
fn what_left_the_group_of_the_deployer_ends_with_it() {
    let shop = running(&PLAIN.replace(
        "deploy = ['./play', 'deploy']\nverify",
        "timeout = '1s'\ndeploy = ['sh', '-c', '[ $REL_VERSION = 1.2.0 ] || exit 0; setsid sleep 297 & (setsid sh -c \"sleep 298; true\" &); sleep 299']\nverify",
    ));
    shop.rel("deploy prod v1.2.0 -q").code_is(9);
    let commands = |entry: std::io::Result<std::fs::DirEntry>| {
        let bytes = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
        ["sleep 297", "sleep 298", "sleep 299"].iter().any(|sleep| text.contains(sleep)).then_some(text)
    };
    let left: Vec<String> = std::fs::read_dir("/proc").unwrap().filter_map(commands).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn output_that_cannot_be_written_does_not_hide_what_was_recorded() {
    let shop = running(PLAIN);
    let run = shop.shell("rel deploy prod v1.2.0 --format json > /dev/full");
    run.code_is(0);
    assert!(run.stderr.contains("the output could not be written"), "{}", run.stderr);
    assert_eq!(shop.state("prod"), "1.2.0 healthy");
    shop.shell("rel rollback prod --yes --format json > /dev/full").code_is(0);
    // Where the output is the result, it is an error.
    shop.shell("rel status > /dev/full").code_is(6);
}
