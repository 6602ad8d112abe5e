//! The JSON schema of `release.toml`, generated from the types of `raw`.

use super::raw::RawFile;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// Generates the schema (draft 2020-12).
pub(super) fn generate() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = RawFile::json_schema(&mut generator);
    schema.insert("$defs".into(), Value::Object(generator.take_definitions(false)));
    RecursiveTransform(without_null).transform(&mut schema);
    let mut whole = serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:rel:release.toml",
    });
    if let (Some(whole), Value::Object(schema)) = (whole.as_object_mut(), schema.to_value()) {
        whole.extend(schema);
    }
    whole
}

/// Removes the null that an `Option` allows beside its value: TOML has none.
fn without_null(schema: &mut Schema) {
    let Some(node) = schema.as_object_mut() else { return };
    if let Some(Value::Array(kinds)) = node.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            node.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(words)) = node.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    let Some(Value::Array(branches)) = node.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        node.remove("anyOf");
        for (key, value) in only {
            node.entry(key).or_insert(value);
        }
    }
}
