//! A rollback while this machine, its clone, the registry or the remote is broken: one fault after the other, and all at once. Every
//! time the deployer runs, and afterwards everybody sees the environment healthy.

mod faults;

use super::fixture::Fixture;
use crate::support::registry::{PASSWORD, USER};
use crate::support::{Registry, Sandbox, layout};
use base64::Engine;
use faults::{CLONE, COPY, DISKS, Fault, MACHINE, OBJECTS, REMOTE, SLOW, write};
use std::sync::atomic::{AtomicUsize, Ordering};

const DEPLOYER: &str = "#!/bin/sh\necho \"$REL_ACTION $1 $REL_VERSION $2\" >> \"$TOLD\"\n";

/// A repository whose prod ran 1.0.0 and runs 1.1.0, with images in a registry that requires credentials.
fn shop(registry: &Registry) -> Sandbox {
    let shop = Sandbox::new();
    let host = &registry.host;
    shop.write(
        "release.toml",
        &format!(
            "name = 'shop'\n[[image]]\nname = 'api'\nrepository = '{host}/acme/shop-api'\n[environment.prod]\n\
             deploy = ['./play', 'deploy', '{{image.api}}']\nverify = ['./play', 'verify']\npass_env = ['TOLD']\n"
        ),
    );
    shop.write("play", DEPLOYER);
    shop.git("add .");
    // Here it is not executable: what the release has counts, and not this work tree.
    shop.git("update-index --chmod=+x play");
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    let shop = write(
        shop,
        "home/.docker/config.json",
        &format!("{{\"auths\":{{\"{host}\":{{\"auth\":\"{auth}\"}}}}}}"),
    );
    for version in ["1.0.0", "1.1.0"] {
        shop.commit(&format!("feat: what is new in {version}"));
        shop.git_words(&["tag", "-a", "-m", version, &format!("v{version}")]);
        let (layout, commit) = (shop.file("built"), shop.id("HEAD"));
        std::fs::create_dir_all(&layout).unwrap();
        layout::image(&layout, version, version, &commit);
        registry.push(&layout, version, &format!("acme/shop-api:v{version}"));
        shop.git("push -q origin main --tags");
        let mut command = shop.rel_command(&["deploy", "prod", &format!("v{version}"), "--yes"]);
        let output = command.env("TOLD", shop.file("told")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    shop
}

/// How a rollback under a fault ended.
struct Row {
    name: String,
    seconds: u64,
    /// `recorded` or `UNRECORDED`; else what went wrong.
    outcome: Result<&'static str, String>,
}

/// Rolls back under a fault, mends what was broken at the remote, and looks at the environment from a fresh clone.
fn roll_back(shop: &Sandbox, through: &str, needs_mount: bool) -> Result<&'static str, String> {
    let namespace = if needs_mount { "unshare --mount --map-root-user " } else { "" };
    let words = "rel rollback prod --yes --reason INC-1";
    let run = shop.shell(&format!("exec timeout -k 5 150 {namespace}sh -c '{through}' sh {words}"));
    let told = std::fs::read_to_string(shop.file("called")).unwrap_or_default();
    let calls: Vec<&str> = told.lines().map(|line| line.split(" 127.").next().unwrap().trim_end()).collect();
    if run.code != 0 || calls != ["rollback deploy 1.0.0", "rollback verify 1.0.0"] {
        return Err(format!("exit code {}, the deployer was called {calls:?}\n{}", run.code, run.stderr));
    }
    let _ = std::fs::rename(shop.file("away"), shop.file("origin"));
    for gone in ["origin/shop.git/hooks/pre-receive", "home/.gitconfig"] {
        let _ = std::fs::remove_file(shop.file(gone));
    }
    shop.git_words(&["-C", "..", "clone", "-q", "origin/shop.git", "next"]);
    let rel = |words: &[&str], input: &str| {
        let mut command = shop.command(env!("CARGO_BIN_EXE_rel"));
        std::fs::write(shop.file("input"), input).unwrap();
        command
            .args(words)
            .current_dir(shop.file("next"))
            .stdin(std::fs::File::open(shop.file("input")).unwrap());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let lines: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("[{")).collect();
    if !lines.is_empty() {
        let (code, text) = rel(&["sync", "-"], &format!("{}\n", lines.join("\n")));
        if code != Some(0) {
            return Err(format!("its lines cannot be sent: {text}"));
        }
    }
    let (_, status) = rel(&["status", "prod", "--format", "json"], "");
    let status: serde_json::Value =
        serde_json::from_str(&status).map_err(|error| format!("{error}: {status}"))?;
    let row = &status["environments"][0];
    if (row["version"].as_str(), row["state"].as_str(), row["hold"].is_null())
        != (Some("1.0.0"), Some("healthy"), false)
    {
        return Err(format!("afterwards: {row:#}\n{}", run.stderr));
    }
    let (code, text) = rel(&["ledger", "verify"], "");
    if code != Some(0) {
        return Err(text);
    }
    Ok(if lines.is_empty() { "recorded" } else { "UNRECORDED" })
}

/// Rolls back once for each group of faults, several at a time, and prints a table.
fn table(base: &Sandbox, groups: &[(&str, Vec<&Fault>)]) -> Vec<Row> {
    let scenes: Vec<(String, Sandbox, &str, bool)> = groups
        .iter()
        .map(|(name, faults)| {
            let shop = base.copy();
            let temporary = shop.file("tmp").display().to_string();
            std::fs::create_dir_all(&temporary).unwrap();
            let called = shop.file("called").display().to_string();
            let shop = shop.with("TMPDIR", &temporary).with("TOLD", &called);
            let shop = faults.iter().fold(shop, |shop, fault| (fault.breaks)(shop));
            let through = faults.iter().map(|fault| fault.through).find(|through| through.contains("mount"));
            ((*name).to_owned(), shop, through.unwrap_or("exec \"$@\""), through.is_some())
        })
        .collect();
    let (next, rows) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    let scenes: Vec<_> = scenes.into_iter().map(|scene| std::sync::Mutex::new(Some(scene))).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(scene) = scenes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (name, shop, through, needs_mount) = scene.lock().unwrap().take().unwrap();
                    let begun = std::time::Instant::now();
                    let outcome = roll_back(&shop, through, needs_mount);
                    rows.lock().unwrap().push(Row { name, seconds: begun.elapsed().as_secs(), outcome });
                }
            });
        }
    });
    rows.into_inner().unwrap()
}

/// Prints the table, and fails if the environment did not become healthy in a row.
#[track_caller]
#[expect(clippy::print_stdout, reason = "the table is what this is for: cargo test -- --nocapture")]
fn all_are_healthy(mut rows: Vec<Row>) {
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    println!("{:<55} {:<11} {:<15} seconds", "fault", "deployer", "ledger");
    for row in &rows {
        let (deployer, ledger) =
            if row.outcome.is_ok() { ("ran", row.outcome.as_deref().unwrap_or("")) } else { ("", "FAILED") };
        println!("{:<55} {deployer:<11} {ledger:<15} {}", row.name, row.seconds);
    }
    let failed: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.name, row.outcome.as_ref().err()?)))
        .collect();
    assert!(failed.is_empty(), "{} of {} failed\n\n{}", failed.len(), rows.len(), failed.join("\n\n"));
}

fn one_by_one(faults: &[&'static [Fault]]) -> Vec<(&'static str, Vec<&'static Fault>)> {
    faults.iter().copied().flatten().map(|fault| (fault.name, vec![fault])).collect()
}

#[test]
fn a_rollback_survives_every_fault_of_the_clone_the_machine_and_the_remote() {
    let registry = Registry::with_htpasswd();
    let base = shop(&registry);
    let mut rows = table(&base, &one_by_one(&[CLONE, COPY, MACHINE, REMOTE]));
    drop(registry);
    rows.extend(table(&base, &[("the registry is down", Vec::new())]));
    all_are_healthy(rows);
}

#[test]
fn a_rollback_survives_damaged_objects_of_the_clone() {
    let registry = Registry::with_htpasswd();
    all_are_healthy(table(&shop(&registry), &one_by_one(&[OBJECTS])));
}

#[test]
fn a_rollback_survives_all_faults_at_once() {
    let registry = Registry::with_htpasswd();
    let base = shop(&registry);
    drop(registry);
    // These settings of git replace the hostile ones.
    let without = |faults: &'static [Fault], names: &[&str]| {
        faults.iter().filter(|fault| !names.contains(&fault.name)).collect::<Vec<_>>()
    };
    let machine = without(MACHINE, &["events cannot be signed"]);
    let everything = [without(CLONE, &[]), without(COPY, &["the copy is a file"]), machine.clone()].concat();
    let locks: Vec<&Fault> = COPY.iter().filter(|fault| fault.name.contains("lock")).collect();
    let offline = [
        without(CLONE, &[]),
        locks,
        machine,
        without(REMOTE, &["the remote refuses the push"])[..1].to_vec(),
    ]
    .concat();
    all_are_healthy(table(
        &base,
        &[
            ("everything here, and the registry is down", everything),
            ("the same, a copy that is whole, and no remote", offline),
        ],
    ));
}

#[test]
#[ignore = "takes minutes, and mounts disks of its own; ./check --full runs it"]
fn a_rollback_survives_full_and_read_only_disks_and_a_remote_that_does_not_answer() {
    let registry = Registry::with_htpasswd();
    let base = shop(&registry);
    all_are_healthy(table(&base, &one_by_one(&[DISKS, SLOW])));
}
