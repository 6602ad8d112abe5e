//! The branch of the ledger: every event is a commit on it, so it cannot be a branch of the code.

use super::tree;
use crate::config::fault::Fault;
use crate::config::formats;
use crate::config::quote::quoted;
use toml::de::DeTable;

/// The usual names of default branches.
const USUAL_DEFAULTS: [&str; 2] = ["main", "master"];
/// The branch of a ledger that names none. A rule for all branches does not forbid it.
const USUAL_BRANCH: &str = "rel-ledger";

/// Finds a branch of the ledger that also releases. In a repository of its own, the ledger may have any branch; which branch
/// is the default one, only the remote says.
pub(super) fn check(file: &DeTable<'_>, faults: &mut Vec<Fault>) {
    let Some(ledger) = tree::table(file, "ledger") else { return };
    let Some((branch, span)) = tree::text(ledger, "branch") else { return };
    let separate = tree::text(ledger, "remote").is_some_and(|(remote, _)| remote != "origin");
    if separate || branch == USUAL_BRANCH {
        return;
    }
    let mut rules = tree::items(file, "branch").filter_map(|rule| tree::text(rule, "name"));
    let matches = |glob: &str| formats::branch_glob(glob).is_ok_and(|glob| glob.matches.matches(branch));
    let why = if USUAL_DEFAULTS.contains(&branch) {
        "a branch of the code".to_owned()
    } else if let Some((glob, _)) = rules.find(|(glob, _)| matches(glob)) {
        format!("which releases: [[branch]] {} matches it", quoted(glob))
    } else {
        return;
    };
    let message = format!("the ledger cannot be kept on {}, {why}", quoted(branch));
    faults.push(Fault::new(span, message, "use a branch of its own, such as \"rel-ledger\""));
}
