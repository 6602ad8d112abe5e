//! The JSON schema of `release.toml`, made from `raw`, and the few questions that the checker asks of it. Leans on
//! `raw`.

use super::raw::File;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use std::sync::LazyLock;
use toml::de::DeValue;

/// Made once: it never changes while the program runs.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = File::json_schema(&mut generator);
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
});

/// TOML has no null: what an `Option` allows beside its value goes away.
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

/// The schema, for `rel schema`.
pub(super) fn whole() -> &'static Value {
    &SCHEMA
}

/// One place of the schema, references resolved.
#[derive(Clone, Copy)]
pub(super) struct Shape(&'static Value);

impl Shape {
    /// The shape of the file.
    pub(super) fn top() -> Self {
        Shape(&SCHEMA)
    }

    /// Follows a reference to where it leads.
    fn at(node: &'static Value) -> Self {
        let reference = node.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        Shape(reference.and_then(|pointer| SCHEMA.pointer(pointer)).unwrap_or(node))
    }

    fn list(self, key: &str) -> impl Iterator<Item = &'static Value> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten()
    }

    /// The name of a format that `formats` checks.
    pub(super) fn format(self) -> Option<&'static str> {
        self.0.get("format")?.as_str()
    }

    /// The only values that are allowed, where they are listed.
    pub(super) fn words(self) -> Vec<&'static Value> {
        let constants = self.list("oneOf").filter_map(|branch| branch.get("const"));
        self.list("enum").chain(constants).collect()
    }

    /// The shapes among which a value may choose; itself where there is no choice.
    pub(super) fn choices(self) -> Vec<Shape> {
        let choices: Vec<_> = self.list("anyOf").map(Shape::at).collect();
        if choices.is_empty() || self.format().is_some() { vec![self] } else { choices }
    }

    /// Whether a value is of this kind at all.
    pub(super) fn takes(self, value: &DeValue<'_>) -> bool {
        matches!(
            (self.kind(), value),
            ("string", DeValue::String(_))
                | ("integer", DeValue::Integer(_))
                | ("boolean", DeValue::Boolean(_))
                | ("array" | "command", DeValue::Array(_))
                | ("object", DeValue::Table(_))
        )
    }

    /// The JSON type, or `command`.
    pub(super) fn kind(self) -> &'static str {
        if self.format() == Some("command") {
            return "command";
        }
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The shape of the value of a key that is known by name.
    pub(super) fn property(self, key: &str) -> Option<Shape> {
        self.0.get("properties")?.get(key).map(Shape::at)
    }

    /// All keys that are known by name.
    pub(super) fn properties(self) -> impl Iterator<Item = &'static str> + Clone {
        self.0
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|all| all.keys().map(String::as_str))
    }

    /// The shape of the value of any other key, where any is allowed.
    pub(super) fn others(self) -> Option<Shape> {
        self.0.get("additionalProperties").filter(|node| node.is_object()).map(Shape::at)
    }

    /// The format of the keys themselves.
    pub(super) fn key_format(self) -> Option<&'static str> {
        self.0.get("propertyNames")?.get("format")?.as_str()
    }

    /// The keys that must be there.
    pub(super) fn required(self) -> impl Iterator<Item = &'static str> {
        self.list("required").filter_map(Value::as_str)
    }

    /// How many keys there must be at least.
    pub(super) fn least_keys(self) -> u64 {
        self.0.get("minProperties").and_then(Value::as_u64).unwrap_or(0)
    }

    /// How many keys there may be at most.
    pub(super) fn most_keys(self) -> u64 {
        self.0.get("maxProperties").and_then(Value::as_u64).unwrap_or(u64::MAX)
    }

    /// The shape of every item of a list.
    pub(super) fn items(self) -> Option<Shape> {
        self.0.get("items").map(Shape::at)
    }

    /// The smallest and the largest number.
    pub(super) fn bounds(self) -> (i64, i64) {
        let bound = |key| self.0.get(key).and_then(Value::as_i64);
        (bound("minimum").unwrap_or(0), bound("maximum").unwrap_or(i64::MAX))
    }
}
