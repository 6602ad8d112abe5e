//! Reads any bytes as files of the ledger and events: sections that are separated by a line `---`, each with a path and a text;
//! a section without a path is a line of events, as `rel sync -` reads them. Whatever they say, applying an event ends with new files or
//! with a conflict, the new files can be read again, and the commit message names that event and no other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rel::internals::{Event, Files, Result, commit_message, fold, parse_pending_lines};
use std::collections::BTreeMap;

#[derive(Default)]
struct Tree(BTreeMap<String, String>);

impl Files for Tree {
    fn read(&self, path: &str) -> Result<Option<String>> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let below = self.0.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        let mut names: Vec<String> =
            below.map(|path| path.split('/').next().unwrap_or_default().to_owned()).collect();
        names.dedup();
        Ok(names)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut tree = Tree::default();
    for section in text.split("\n---\n") {
        match section.split_once('\n') {
            Some((path, content)) if !path.starts_with('[') => {
                tree.0.insert(path.to_owned(), content.to_owned());
            }
            _ => {
                if let Ok(events) = parse_pending_lines(section) {
                    events.iter().for_each(|event| apply(event, &mut tree));
                }
            }
        }
    }
});

fn apply(event: &Event, tree: &mut Tree) {
    let written = serde_json::to_string(event).unwrap();
    let again: Event = serde_json::from_str(&written).unwrap();
    assert_eq!(&again, event, "{written}");
    let message = commit_message(event);
    let own = format!("Rel-Event: {}", event.id);
    assert!(message.lines().any(|line| line == own), "{message}");
    let changes = match fold(event, tree) {
        Ok(changes) => changes,
        Err(error) => {
            assert_eq!(error.kind.code(), 5, "{error:?}");
            return;
        }
    };
    for (path, text) in changes {
        match text {
            Some(text) => drop(tree.0.insert(path, text)),
            None => drop(tree.0.remove(&path)),
        }
    }
    // What an event wrote, the next one can read.
    assert!(fold(event, tree).is_ok(), "{written}");
}
