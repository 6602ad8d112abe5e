//! Which `GIT_*` variables the `git` programs get that `rel` starts. `docs/git.md` lists them all, with reasons.

use crate::process::CommandEnvironment;
use std::path::Path;

/// Variables that would make git read, write or print something else than `rel` expects. A hook sets `GIT_INDEX_FILE`: a
/// checkout with it would overwrite the index of the user's work tree.
const REMOVED: [&str; 29] = [
    "GIT_INDEX_FILE",
    "GIT_INDEX_VERSION",
    "GIT_NAMESPACE",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_ATTR_SOURCE",
    "GIT_CONFIG",
    "GIT_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_PACKFILE",
    "GIT_TRACE_PACK_ACCESS",
    "GIT_TRACE_PERFORMANCE",
    "GIT_TRACE_REFS",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_SHALLOW",
    "GIT_CURL_VERBOSE",
];

/// Variables that say which repository git uses, or where its objects are.
const OF_THE_REPOSITORY: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
];

/// Returns the environment of `git` in the user's repository. Objects are read as they are: `refs/replace` and
/// `info/grafts` are not applied.
pub(super) fn of_users_repository() -> CommandEnvironment {
    let environment = CommandEnvironment::inherited()
        .with("GIT_NO_REPLACE_OBJECTS", "1")
        .with("GIT_GRAFT_FILE", "/dev/null/none");
    REMOVED.iter().fold(environment, |environment, name| environment.without(*name))
}

/// Returns the environment of `git` in the private repository in `folder`.
pub(super) fn of_private_repository(folder: &Path) -> CommandEnvironment {
    let environment =
        OF_THE_REPOSITORY.iter().fold(of_users_repository(), |environment, name| environment.without(*name));
    environment.with("GIT_DIR", folder)
}
