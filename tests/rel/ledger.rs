//! The ledger: verbs, queries, concurrent writers, tampering, shallow clones, an unreachable remote.

mod answers;
mod no_ledger;
mod offline;
mod races;
mod shallow;
mod sync_lines;
mod tamper;
mod verbs;
mod verify;
mod wrong_order;

use crate::support::{Run, Sandbox};

/// The configuration of the tests.
pub const CONFIG: &str = "name = \"shop\"\n\n[environment.dev]\naccept = \"any\"\n\n[environment.staging]\n\n[environment.prod]\naccept = \"final\"\n";

/// A pushed repository with a release and environments.
pub fn shop(config: &str) -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", config);
    shop.git("add release.toml");
    shop.commit("feat: first").tag("v1.0.0");
    shop.git("push -q -u origin main --tags");
    shop
}

/// Runs `rel` at a time of 2026-11-20.
pub fn at(shop: &Sandbox, time: &str, words: &str) -> Run {
    shop.shell(&format!("REL_HOST=laptop REL_NOW=2026-11-20T{time}:00Z rel {words}"))
}

/// The commit subjects of the ledger on its remote, oldest first.
pub fn subjects(shop: &Sandbox) -> Vec<String> {
    let origin = shop.root().join("origin/shop.git").display().to_string();
    let text = shop.git_words(&["-C", &origin, "log", "--reverse", "--format=%s", "rel-ledger"]);
    text.lines().map(str::to_owned).collect()
}

/// Another clone, in its own folder.
pub fn clone(shop: &Sandbox, name: &str) -> std::path::PathBuf {
    shop.git(&format!("clone -q ../origin/shop.git ../{name}"));
    shop.root().join(name)
}
