//! `sign`: the one key whose values are a word or true and false.

use crate::config::reader::{FromToml, Reader, Reported, ValueKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use toml::Spanned;
use toml::de::DeValue;

/// Whether something is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::config) enum RawSign {
    /// As git's own configuration says.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl FromToml for RawSign {
    const KINDS: &'static [ValueKind] = &[ValueKind::String, ValueKind::Boolean];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        match value.get_ref() {
            DeValue::Boolean(true) => Ok(RawSign::Always),
            DeValue::Boolean(false) => Ok(RawSign::Never),
            DeValue::String(text) if text == "auto" => Ok(RawSign::Auto),
            _ => {
                let message = format!("{} cannot be {}", reader.key(), reader.shown(value));
                Err(reader.fault(value.span(), message, "one of \"auto\", true, false"))
            }
        }
    }
}

impl JsonSchema for RawSign {
    fn schema_name() -> Cow<'static, str> {
        "Sign".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": ["auto", true, false] })
    }
}
