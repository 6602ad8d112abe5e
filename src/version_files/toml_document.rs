//! A TOML file with the byte range of every string.

use super::spanned_string::{SpannedString, line_number};
use super::version_change::truncate;
use crate::error::{Error, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A parsed file.
pub(super) struct TomlDocument<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> TomlDocument<'a> {
    /// Parses a file.
    pub(super) fn parse(path: &str, text: &'a str) -> Result<Self> {
        let root = DeTable::parse(text).map_err(|error| {
            let line = line_number(text, error.span().unwrap_or_default().start);
            Error::refused(format!("{path}:{line} is not valid TOML: {}", truncate(error.message())))
                .hint(format!("fix the syntax of {path}"))
        })?;
        Ok(TomlDocument { text, root })
    }

    /// Returns the top-level table.
    pub(super) fn root(&self) -> &DeTable<'a> {
        self.root.get_ref()
    }

    /// Returns the string of a key.
    pub(super) fn string_at(&self, parent: &DeTable<'a>, key: &str) -> Option<SpannedString> {
        self.string(parent.get(key)?)
    }

    /// Returns a value if it is a string.
    pub(super) fn string(&self, value: &Spanned<DeValue<'a>>) -> Option<SpannedString> {
        let token = self.text.get(value.span())?;
        Some(SpannedString::in_token(token, value.span().start, value.get_ref().as_str()?))
    }
}

/// Returns the table of a key.
pub(super) fn table<'t, 'a>(parent: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
    parent.get(key)?.get_ref().as_table()
}

/// Returns the items of the array of a key.
pub(super) fn items<'t, 'a>(
    parent: &'t DeTable<'a>,
    key: &str,
) -> impl Iterator<Item = &'t Spanned<DeValue<'a>>> {
    parent.get(key).and_then(|value| value.get_ref().as_array()).into_iter().flatten()
}

/// Returns the strings in the array of a key.
pub(super) fn strings<'t>(parent: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = &'t str> {
    items(parent, key).filter_map(|item| item.get_ref().as_str())
}
