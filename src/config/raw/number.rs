//! Whole numbers within bounds.

use crate::config::reader::{FromToml, Reader, Reported, ValueKind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use toml::Spanned;
use toml::de::DeValue;

/// A whole number from 0 to `MOST`, which fits into a byte.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct SmallNumber<const MOST: u8>(pub(in crate::config) u8);

/// How often a pattern must be found in a file: from 1 to 1000.
#[derive(Clone, Copy, Debug)]
pub(in crate::config) struct MatchCount(pub(in crate::config) u32);

/// The bounds of `MatchCount`.
const MATCHES: (u32, u32) = (1, 1000);

impl<const MOST: u8> FromToml for SmallNumber<MOST> {
    const KINDS: &'static [ValueKind] = &[ValueKind::Integer];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        let number = reader.integer(value, 0, MOST.into())?;
        // Within its bounds the number fits.
        Ok(SmallNumber(u8::try_from(number).unwrap_or(MOST)))
    }
}

impl FromToml for MatchCount {
    const KINDS: &'static [ValueKind] = &[ValueKind::Integer];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        reader.integer(value, MATCHES.0, MATCHES.1).map(MatchCount)
    }
}

impl<const MOST: u8> JsonSchema for SmallNumber<MOST> {
    fn schema_name() -> Cow<'static, str> {
        format!("SmallNumber{MOST}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "uint8", "minimum": 0, "maximum": MOST })
    }
}

impl JsonSchema for MatchCount {
    fn schema_name() -> Cow<'static, str> {
        "MatchCount".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "format": "uint32", "minimum": MATCHES.0, "maximum": MATCHES.1 })
    }
}
