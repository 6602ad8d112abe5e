//! Concurrent writers: no event is lost or recorded twice, and every writer ends.

use super::{CONFIG, at, clone, shop};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Instant;

/// How many writers there are.
const WRITERS: usize = 20;

#[test]
fn twenty_clones_record_at_the_same_time() {
    let mut config = "name = \"shop\"\n".to_owned();
    for number in 0..WRITERS {
        let _ = writeln!(config, "[environment.e{number}]");
    }
    let shop = shop(&config);
    let folders: Vec<_> = (0..WRITERS).map(|number| clone(&shop, &format!("clone{number}"))).collect();
    let begun = Instant::now();
    let threads: Vec<_> = folders
        .into_iter()
        .enumerate()
        .map(|(number, folder)| {
            let mut command = shop.command(env!("CARGO_BIN_EXE_rel"));
            command.current_dir(folder).args(["hold", &format!("e{number}")]).stderr(Stdio::piped());
            std::thread::spawn(move || {
                let output = command.output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "e{number}: {said}");
                begun.elapsed()
            })
        })
        .collect();
    let mut took: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    took.sort();
    println!("{WRITERS} writers: median {:?}, worst {:?}", took[WRITERS / 2], took[WRITERS - 1]);
    let subjects = super::subjects(&shop);
    assert_eq!(subjects.len(), WRITERS);
    assert_eq!(subjects.iter().collect::<BTreeSet<_>>().len(), WRITERS);
    let run = at(&shop, "12:00", "ledger verify --format json");
    run.json("/ok", true);
    run.json("/events", WRITERS);
}

#[test]
fn two_equal_holds_are_one_event() {
    let shop = shop(CONFIG);
    let folders = [clone(&shop, "one"), clone(&shop, "two"), clone(&shop, "three")];
    let children: Vec<_> = folders
        .iter()
        .map(|folder| {
            let mut command = shop.command(env!("CARGO_BIN_EXE_rel"));
            command.current_dir(folder).args(["hold", "prod"]).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let mut recorded = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        recorded += usize::from(said.starts_with("recorded: "));
        assert!(said.starts_with("recorded: ") || said.starts_with("prod has been held by Ada"), "{said}");
    }
    assert_eq!((recorded, super::subjects(&shop).len()), (1, 1));
}

#[test]
fn two_processes_of_one_clone_record_at_the_same_time() {
    let shop = shop(CONFIG);
    let children: Vec<_> =
        ["dev", "staging", "prod"].map(|name| shop.spawn(&["hold", name])).into_iter().collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(super::subjects(&shop).len(), 3);
    at(&shop, "12:00", "ledger verify").code_is(0);
}
