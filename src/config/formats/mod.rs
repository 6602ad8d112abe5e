//! The formats of strings: each is a function that parses the string and returns what it means, or says what is wrong.

mod images;
mod names;
mod paths;
mod times;
mod versions;

pub(super) use images::{moving_tag, repository, source_tag, version_tag};
pub(super) use names::{
    branch_name, commit_type, identity, line, name, registry_host, remote, variable, without_nul,
};
pub(super) use paths::{BranchGlob, PathGlob, branch_glob, notes_template, optional_path, path, path_glob};
pub(super) use times::{duration, parse_duration, time_zone, timeout, week_time};
pub(super) use versions::{
    branch_version, channel, core_version, file_pattern, release_message, tag_template, version,
    version_range,
};
