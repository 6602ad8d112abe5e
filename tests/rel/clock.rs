//! The clock of policies is the machine's: only test builds can pin it.

use crate::deploy::fixture::{PLAIN, shop};
use std::path::Path;
use std::process::Command;

/// A freeze until the year 9000, and a time after it.
const FREEZE: &str = "rel freeze prod --until 9000-01-01T00:00:00Z -q";
const AFTER: &str = "REL_NOW=9001-01-01T00:00:00Z";

#[test]
fn only_test_builds_read_the_variable_that_pins_the_clock() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let clock = std::fs::read_to_string(top.join("src/context/clock.rs")).unwrap();
    let gated = "#[cfg(debug_assertions)]\nfn pinned() -> Option<String> {\n    variable(\"REL_NOW\")";
    assert!(clock.contains(gated) && clock.matches("REL_NOW").count() == 1);
    // What is shipped is built without debug assertions.
    let manifest = std::fs::read_to_string(top.join("Cargo.toml")).unwrap();
    assert!(!manifest.contains("debug-assertions"));
    let shop = shop(PLAIN);
    shop.shell(FREEZE).code_is(0);
    shop.shell("rel deploy prod v1.2.0").code_is(4);
    shop.shell(&format!("{AFTER} rel deploy prod v1.2.0 -q")).code_is(0);
}

#[test]
#[ignore = "takes minutes; ./check --full runs it"]
fn the_shipped_program_does_not_know_rel_now() {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--release", "--locked", "--quiet"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(build.status().unwrap().success());
    let debug = Path::new(env!("CARGO_BIN_EXE_rel"));
    let shipped = debug.parent().unwrap().parent().unwrap().join("release/rel");
    let bytes = std::fs::read(&shipped).unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"REL_NOW"));
    let shop = shop(PLAIN);
    shop.shell(FREEZE).code_is(0);
    let run = shop.shell(&format!("{AFTER} {} deploy prod v1.2.0", shipped.display()));
    run.code_is(4);
    assert!(run.stderr.contains("frozen"), "{}", run.stderr);
}
