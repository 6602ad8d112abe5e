//! Rollbacks on a machine where something is broken, or with a remote that is: each goes ahead, with a warning.

use super::fixture::{Fixture, PLAIN, running, shop, skipped};
use crate::support::{Run, Sandbox};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// The folder of the copy of the ledger.
fn copy(shop: &Sandbox) -> PathBuf {
    let entries = std::fs::read_dir(shop.folder().join(".git/rel")).unwrap();
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("ledger-") && !name.contains('.')
    };
    entries.map(|entry| entry.unwrap().path()).find(is_copy).unwrap()
}

/// All files below a folder.
fn files(folder: PathBuf) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}

/// Replaces every object of the copy by as much of it as `keep` says of its length.
fn damage(shop: &Sandbox, keep: impl Fn(usize) -> usize) {
    let objects = files(copy(shop).join("objects"));
    assert!(objects.len() > 3);
    for file in objects {
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &bytes[..keep(bytes.len())]).unwrap();
    }
}

/// Moves the default branch of the remote on, so that there is something to fetch.
fn push_to_main(shop: &Sandbox) {
    shop.clone_to("other", "");
    let other = shop.file("other").display().to_string();
    shop.git(&format!("-C {other} commit -q --allow-empty -m later"));
    shop.git(&format!("-C {other} push -q origin main"));
}

/// Checks that a rollback ran and that prod is healthy, whether or not it is recorded.
#[track_caller]
fn rolled_back(shop: &Sandbox, run: &Run) {
    run.code_is(0);
    assert_eq!(
        shop.calls(),
        "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n",
        "{}",
        run.stderr
    );
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held", "{}", run.stderr);
}

#[test]
fn a_damaged_copy_of_the_ledger_is_fetched_again() {
    // A loop without end would run into this limit.
    let limited = |shop: &Sandbox, words: &str| shop.shell(&format!("ulimit -t 20; rel {words}"));
    for keep in [|_| 0, |length: usize| length / 2] {
        for words in ["status prod", "sync", "rollback prod --yes", "ledger verify", "history prod"] {
            let shop = running(PLAIN);
            damage(&shop, keep);
            let run = limited(&shop, words);
            run.code_is(0);
            assert!(run.stderr.contains("the copy of the ledger was damaged"), "{words}: {}", run.stderr);
            let run = limited(&shop, "ledger verify");
            run.code_is(0);
            assert!(!run.stderr.contains("damaged"), "{}", run.stderr);
        }
    }
}

#[test]
fn a_damaged_copy_keeps_pending_events_and_the_last_tip() {
    let shop = running(PLAIN);
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    shop.rel("rollback prod --yes -q").code_is(0);
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    damage(&shop, |_| 0);
    let run = shop.rel("status prod");
    assert!(run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    // A ledger that was rewritten meanwhile is still noticed.
    damage(&shop, |_| 0);
    let origin = shop.file("origin/shop.git").display().to_string();
    shop.git(&format!("-C {origin} update-ref refs/heads/rel-ledger refs/heads/rel-ledger~2"));
    let run = shop.rel("status prod");
    run.code_is(5);
    assert!(run.stderr.contains("was rewritten"), "{}", run.stderr);
}

/// Runs the command of a hint that begins like this.
fn follow(shop: &Sandbox, run: &Run, hint: &str) {
    let command = run.stderr.lines().find_map(|line| line.strip_prefix(hint));
    shop.shell(&command.unwrap().replace("$ROOT", &shop.root().display().to_string())).code_is(0);
}

#[test]
fn a_copy_that_was_damaged_remembers_the_last_tip_until_it_has_it() {
    let unreadable = |shop: &Sandbox| {
        // The remote is away when the copy is replaced.
        std::fs::remove_file(copy(shop).join("HEAD")).unwrap();
        std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
        shop.rel("status prod").code_is(6);
        std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    };
    for damage in [&|shop: &Sandbox| damage(shop, |_| 0) as _, &unreadable as &dyn Fn(&Sandbox)] {
        let shop = running(PLAIN);
        damage(&shop);
        let origin = shop.file("origin/shop.git").display().to_string();
        let tip = shop.git(&format!("-C {origin} rev-parse refs/heads/rel-ledger"));
        shop.git(&format!("-C {origin} update-ref refs/heads/rel-ledger refs/heads/rel-ledger~2"));
        for _ in 0..3 {
            let run = shop.rel("status prod");
            run.code_is(5);
            assert!(run.stderr.contains("was rewritten"), "{}", run.stderr);
            assert!(run.stderr.contains(&format!("that still has {tip}")), "{}", run.stderr);
        }
        follow(&shop, &shop.rel("status"), "hint: to accept the new one, in this clone only: ");
        assert_eq!(shop.state("prod"), "1.0.0 healthy");
    }
}

#[test]
fn pending_events_in_a_damaged_copy_are_not_lost() {
    let shop = running(PLAIN);
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    shop.rel("rollback prod --yes -q").code_is(0);
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    // They could not be moved when the copy was replaced, and now it is damaged again.
    let away = copy(&shop).with_extension("damaged");
    std::fs::create_dir(&away).unwrap();
    std::fs::rename(copy(&shop).join("pending"), away.join("pending")).unwrap();
    damage(&shop, |_| 0);
    shop.rel("sync -q").code_is(0);
    assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
}

#[test]
fn the_unreadable_state_of_another_environment_does_not_stop_a_rollback() {
    let shop = shop(PLAIN);
    for deploy in ["prod v1.0.0", "staging v1.1.0", "prod v1.1.0"] {
        shop.rel(&format!("deploy {deploy} -q --yes")).code_is(0);
    }
    shop.forget_calls();
    let folder = copy(&shop);
    let blob = shop.git(&format!("-C {} rev-parse refs/rel/tip:state/shop/staging.json", folder.display()));
    let file = folder.join("objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
    let run = shop.rel("rollback prod --yes");
    std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
    rolled_back(&shop, &run);
}

#[test]
fn a_damaged_older_event_is_fetched_again() {
    let shop = running(PLAIN);
    shop.rel("history prod -q").code_is(0);
    let folder = copy(&shop).display().to_string();
    let oldest = shop.git(&format!("-C {folder} rev-list --max-parents=0 refs/rel/tip"));
    let file = copy(&shop).join("objects").join(&oldest[..2]).join(&oldest[2..]);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, "").unwrap();
    let run = shop.rel("history prod --format json");
    run.code_is(0);
    run.json("/events/1/version", "1.0.0");
}

#[test]
fn a_lock_that_is_left_over_stops_nothing() {
    let shop = running(PLAIN);
    let locks = ["refs/rel/tip.lock", "shallow.lock"].map(|name| copy(&shop).join(name));
    for lock in &locks {
        std::fs::write(lock, "").unwrap();
    }
    // A lock of this moment may be held: it is gone around.
    push_to_main(&shop);
    shop.rel("status prod").code_is(0);
    let run = shop.rel("rollback prod --yes");
    assert!(run.stderr.contains("warning: "), "{}", run.stderr);
    rolled_back(&shop, &run);
    // An old one is replaced.
    for lock in &locks {
        let file = std::fs::File::options().write(true).open(lock).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - Duration::from_secs(3600)).unwrap();
    }
    let run = shop.rel("unhold prod");
    run.code_is(0);
    assert!(!run.stderr.contains("warning: "), "{}", run.stderr);
    assert!(!locks[0].exists());
}

#[test]
fn a_rollback_runs_though_main_or_the_ledger_cannot_be_fetched() {
    for (what, recorded) in [("HEAD", true), ("refs/heads/rel-ledger", false)] {
        let shop = running(PLAIN);
        push_to_main(&shop);
        let other = shop.file("other").display().to_string();
        shop.shell(&format!("cd {other} && git config user.name Ada && rel hold staging -q")).code_is(0);
        shop.script("git", &format!("case \" $* \" in *' fetch '*' {what} '*) echo 'fatal: fetch-pack: invalid index-pack output' >&2; exit 128;; esac\nexec \"$REAL_GIT\" \"$@\"\n"));
        let run = shop.shell("rel rollback prod --yes");
        assert_eq!(run.stderr.contains("UNRECORDED"), !recorded, "{what}: {}", run.stderr);
        assert!(run.stderr.contains("warning: cannot "), "{what}: {}", run.stderr);
        // A deploy cannot know the rules or the restrictions.
        shop.shell("rel deploy staging v1.2.0 -q").code_is(6);
        shop.remove_scripts();
        if !recorded {
            shop.rel("sync -q").code_is(0);
        }
        rolled_back(&shop, &run);
    }
}

/// The fetch is ended after ten seconds, and keeps nothing: it would be ended every time.
#[test]
fn a_rollback_runs_though_main_takes_too_long_to_fetch() {
    let shop = running(PLAIN);
    push_to_main(&shop);
    shop.script(
        "git",
        "case \" $* \" in *' fetch '*' HEAD '*) exec sleep 300;; esac\nexec \"$REAL_GIT\" \"$@\"\n",
    );
    let begun = Instant::now();
    let run = shop.shell("rel rollback prod --yes");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert!(run.stderr.contains("git fetch did not finish within 10 s"), "{}", run.stderr);
    shop.remove_scripts();
    rolled_back(&shop, &run);
}

#[test]
fn a_rollback_whose_start_may_have_arrived_runs() {
    let shop = running(PLAIN);
    // The push arrives, and from then on the remote is gone.
    let origin = shop.file("origin").display().to_string();
    shop.script(
        "git",
        &format!("if [ \"$1\" = push ] && [ -d {origin} ]; then \"$REAL_GIT\" \"$@\"; mv {origin} {origin}-cut; exit 128; fi\nexec \"$REAL_GIT\" \"$@\"\n"),
    );
    let run = shop.shell("rel rollback prod --yes");
    run.code_is(0);
    assert!(run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    shop.remove_scripts();
    std::fs::rename(format!("{origin}-cut"), &origin).unwrap();
    shop.rel("sync -q").code_is(0);
    rolled_back(&shop, &run);
    let run = shop.rel("ledger verify --format json");
    run.json("/ok", true);
    // Two deploys and the rollback, two events each.
    run.json("/events", 6);
}

/// After the push nothing can be written any more.
#[test]
fn a_rollback_that_was_begun_for_everybody_runs_though_its_tip_cannot_be_remembered() {
    let shop = running(PLAIN);
    let rel = copy(&shop).join("refs/rel").display().to_string();
    shop.script(
        "git",
        &format!("\"$REAL_GIT\" \"$@\"; code=$?\nif [ \"$1\" = push ]; then rm -rf {rel}; : > {rel}; fi\nexit $code\n"),
    );
    let run = shop.shell("rel rollback prod --yes");
    run.code_is(0);
    assert!(!run.stderr.contains("UNRECORDED"), "{}", run.stderr);
    shop.remove_scripts();
    std::fs::remove_file(&rel).unwrap();
    rolled_back(&shop, &run);
}

/// Returns whether mounts of a namespace can be changed here.
fn can_mount() -> bool {
    let can = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if !can {
        skipped("unshare -rm is not allowed here, so no file system can be mounted");
    }
    can
}

#[test]
fn a_rollback_runs_in_a_repository_that_is_read_only() {
    if !can_mount() {
        return;
    }
    for moved in [false, true] {
        let shop = running(PLAIN);
        if moved {
            push_to_main(&shop);
        }
        let mount = "mount --bind .git .git && mount -o remount,bind,ro .git";
        let run = shop.shell(&format!("unshare -rm sh -c '{mount} && exec rel rollback prod --yes'"));
        assert!(run.stderr.contains("Read-only file system"), "{}", run.stderr);
        assert!(!run.stderr.contains("UNRECORDED"), "{}", run.stderr);
        rolled_back(&shop, &run);
    }
}

#[test]
fn a_rollback_runs_on_a_full_disk() {
    if !can_mount() {
        return;
    }
    for offline in [false, true] {
        let shop = running(PLAIN);
        let root = shop.root().display();
        // The repository and the temporary files of this machine are on a file system without a free byte.
        let mount = format!(
            "mkdir {root}/full && mount -t tmpfs -o size=4m full {root}/full && cp -a .git {root}/full/git && mkdir {root}/full/tmp \
             && mount --bind {root}/full/git .git && mount --bind {root}/full/tmp {root}/tmp; head -c 8m /dev/zero > {root}/full/zeros 2>/dev/null"
        );
        if offline {
            std::fs::rename(shop.file("origin"), shop.file("cut")).unwrap();
        }
        let line = "rel rollback prod --yes; echo code $?; cd / ; rm -f ROOT/full/zeros; cp -a ROOT/full/git/rel ROOT/left";
        let line = line.replace("ROOT", &root.to_string());
        let run = shop.shell(&format!("unshare -rm sh -c '{mount}; {line}'"));
        assert!(run.stdout.contains("code 0"), "{}\n{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("No space left on device"), "{}", run.stderr);
        assert_eq!(run.stderr.contains("UNRECORDED"), offline, "{}", run.stderr);
        assert_eq!(
            shop.calls(),
            "rollback deploy prod 1.0.0 -\nrollback verify prod 1.0.0 -\n",
            "{}",
            run.stderr
        );
        if offline {
            // The lines are all that is left; they are sent from anywhere.
            std::fs::rename(shop.file("cut"), shop.file("origin")).unwrap();
            let lines: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("[{")).collect();
            std::fs::write(shop.file("lines"), format!("{}\n", lines.join("\n"))).unwrap();
            shop.shell("rel sync - -q < ../lines").code_is(0);
        }
        assert_eq!(shop.state("prod"), "1.0.0 healthy, held");
    }
}

#[test]
fn a_broken_index_does_not_stop_a_rollback() {
    let shop = running(PLAIN);
    shop.git("switch -q --detach v1.0.0");
    std::fs::write(shop.folder().join(".git/index"), "broken").unwrap();
    let run = shop.rel("rollback prod --yes");
    rolled_back(&shop, &run);
}
