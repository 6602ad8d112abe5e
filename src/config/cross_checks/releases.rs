//! Faults between branches, packages, files, images, people and notifications, and between the keys of one.

use super::tree;
use crate::config::fault::Fault;
use crate::config::formats;
use crate::config::quote::{escaped, quoted};
use std::ops::Range;
use toml::de::DeTable;

/// Files in which the place of the version is known.
const KNOWN_FILES: [&str; 4] = ["Cargo.toml", "package.json", "pyproject.toml", "Chart.yaml"];

/// Finds all of them.
pub(super) fn check(file: &DeTable<'_>, faults: &mut Vec<Fault>) {
    for (what, list) in [("branch", "branch"), ("image", "image")] {
        let names = tree::items(file, list).filter_map(|item| tree::text(item, "name"));
        duplicates(names, what, "use each name once", faults);
    }
    let people = tree::table(file, "people").into_iter().flatten();
    let identities = people.flat_map(|(_, identities)| tree::texts(identities.get_ref()));
    duplicates(identities, "identity", "an identity can belong to one person only", faults);
    tag_of_packages(file, faults);
    for branch in tree::items(file, "branch") {
        if let (Some(_), Some(span)) = (tree::key(branch, "range"), tree::key(branch, "version")) {
            faults.push(Fault::new(
                span,
                "a branch can have `range` or `version`, not both",
                "remove one of the two",
            ));
        }
    }
    for item in tree::items(file, "file").filter(|item| !item.contains_key("pattern")) {
        if let Some(span) = tree::key(item, "matches") {
            let help = "add a `pattern`, or remove the line";
            faults.push(Fault::new(span, "`matches` needs a `pattern`", help));
        }
        let Some((path, span)) = tree::text(item, "path") else { continue };
        let known = KNOWN_FILES.contains(&path.rsplit('/').next().unwrap_or_default());
        if !known && formats::path(path).is_ok() {
            let message = format!("rel does not know where the version is in {}", quoted(path));
            faults.push(Fault::new(span, message, "add a line such as: pattern = \"rel@{version}\""));
        }
    }
    tree::items(file, "notify").for_each(|notify| notification(notify, faults));
}

/// Finds names that are used more than once.
fn duplicates<'a>(
    names: impl Iterator<Item = (&'a str, Range<usize>)>,
    what: &str,
    help: &str,
    faults: &mut Vec<Fault>,
) {
    let mut seen = std::collections::HashSet::new();
    for (name, span) in names {
        if !seen.insert(name) {
            faults.push(Fault::new(span, format!("the {what} {} is used twice", quoted(name)), help));
        }
    }
}

/// Checks that tags of two packages cannot have the same name.
fn tag_of_packages(file: &DeTable<'_>, faults: &mut Vec<Fault>) {
    if tree::names(file, "package").len() < 2 {
        return;
    }
    let tag = tree::table(file, "version").and_then(|version| tree::text(version, "tag"));
    if let Some((tag, span)) = tag.filter(|(tag, _)| !tag.contains("{package}")) {
        let help = format!("write \"{{package}}-{}\"", escaped(tag));
        faults.push(Fault::new(span, "tags of two packages would have the same name", help));
    }
}

/// Checks that a notification has the key that its kind needs.
fn notification(notify: &DeTable<'_>, faults: &mut Vec<Fault>) {
    let Some((kind, span)) = tree::text(notify, "kind") else { return };
    let wanted = match kind {
        "slack" | "webhook" => "url_env",
        "command" => "command",
        _ => return,
    };
    if !notify.contains_key(wanted) {
        let message = format!("a notification of kind `{kind}` needs `{wanted}`");
        faults.push(Fault::new(span, message, format!("add a line `{wanted} = …`")));
    }
}
