//! The kinds of value that TOML has, as messages name them.

use crate::config::raw::{COMMAND_SHAPE, command_help};
use toml::de::DeValue;

/// The kinds of value that a key may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum ValueKind {
    String,
    Integer,
    Boolean,
    Command,
    Strings,
    Tables,
    Table,
}

impl ValueKind {
    /// Names the kind in a sentence.
    pub(super) fn noun(self) -> &'static str {
        match self {
            ValueKind::String => "a string",
            ValueKind::Integer => "a whole number",
            ValueKind::Boolean => "true or false",
            ValueKind::Command => "a command (a list)",
            ValueKind::Strings => "a list of strings",
            ValueKind::Tables => "a list of tables",
            ValueKind::Table => "a table",
        }
    }

    /// Says how to write this kind where `value` was written. `key` is the whole key, as in a table header.
    pub(super) fn help(self, key: &str, value: &DeValue<'_>) -> String {
        match (self, value) {
            (ValueKind::Command, DeValue::String(line)) => command_help(line),
            (ValueKind::Strings | ValueKind::Tables, DeValue::Table(_)) => {
                format!("write [[{key}]] with two brackets")
            }
            (ValueKind::Table, DeValue::Array(_)) => format!("write [{key}] with one pair of brackets"),
            (ValueKind::String, _) => "write it in quotes: \"…\"".into(),
            (ValueKind::Integer, _) => "write a whole number without quotes".into(),
            (ValueKind::Boolean, _) => "write true or false, without quotes".into(),
            (ValueKind::Command, _) => COMMAND_SHAPE.into(),
            (ValueKind::Strings | ValueKind::Tables, _) => "write a list: [\"…\", \"…\"]".into(),
            (ValueKind::Table, _) => format!("write a table: [{key}]"),
        }
    }
}

/// Names the kind of a value in a sentence.
pub(in crate::config) fn noun(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
