//! The manual and the JSON schema agree, and both describe every key.

use super::{FULL, faults};
use crate::config::schema;
use serde_json::Value;

fn keys(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(node) => {
            if let Some(Value::Object(known)) = node.get("properties") {
                found.extend(known.keys().cloned());
            }
            node.values().for_each(|node| keys(node, found));
        }
        Value::Array(items) => items.iter().for_each(|node| keys(node, found)),
        _ => {}
    }
}

#[test]
fn the_manual_names_every_key() {
    let manual = include_str!("../../../docs/configuration.md");
    let mut known = Vec::new();
    keys(&serde_json::from_str(&schema()).unwrap(), &mut known);
    assert!(known.len() > 80);
    known.retain(|key| {
        !manual.contains(&format!("`{key}`"))
            && !manual.contains(&format!("`[{key}]`"))
            && !manual.contains(&format!("`[[{key}]]`"))
    });
    assert_eq!(known, Vec::<String>::new());
}

#[test]
fn the_examples_of_the_manual_have_no_faults() {
    let manual = include_str!("../../../docs/configuration.md");
    let mut examples: Vec<_> =
        manual.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 8);
    examples.push(FULL);
    for example in examples {
        assert_eq!(faults(example), Vec::<String>::new(), "{example}");
    }
}

#[test]
fn every_key_has_a_description() {
    fn check(node: &Value, path: &str) {
        for (key, node) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
            assert!(node.get("description").is_some(), "{path}.{key}");
        }
    }
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    check(&schema, "");
    for (name, node) in schema["$defs"].as_object().unwrap() {
        check(node, name);
    }
    assert!(!schema.to_string().contains("null"));
}
