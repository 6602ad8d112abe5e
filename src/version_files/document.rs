//! TOML with the bytes of every string. Leans on `held` and the crate toml.

use super::held::{Held, line};
use super::step::short;
use crate::error::{Error, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A parsed file.
pub(super) struct Document<'a> {
    text: &'a str,
    tree: Spanned<DeTable<'a>>,
}

impl<'a> Document<'a> {
    /// Reads a whole file.
    pub(super) fn parse(path: &str, text: &'a str) -> Result<Self> {
        let tree = DeTable::parse(text).map_err(|error| {
            let line = line(text, error.span().unwrap_or_default().start);
            Error::refused(format!("{path}:{line} is not TOML: {}", short(error.message())))
                .hint(format!("mend {path}: rel changes no file that it cannot read"))
        })?;
        Ok(Document { text, tree })
    }

    /// The top of the file.
    pub(super) fn top(&self) -> &DeTable<'a> {
        self.tree.get_ref()
    }

    /// The string of a key.
    pub(super) fn held(&self, parent: &DeTable<'a>, key: &str) -> Option<Held> {
        self.string(parent.get(key)?)
    }

    /// A value that is a string.
    pub(super) fn string(&self, value: &Spanned<DeValue<'a>>) -> Option<Held> {
        let token = self.text.get(value.span())?;
        Some(Held::in_token(token, value.span().start, value.get_ref().as_str()?))
    }
}

/// The table of a key.
pub(super) fn table<'t, 'a>(parent: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
    parent.get(key)?.get_ref().as_table()
}

/// The items of the list of a key.
pub(super) fn items<'t, 'a>(
    parent: &'t DeTable<'a>,
    key: &str,
) -> impl Iterator<Item = &'t Spanned<DeValue<'a>>> {
    parent.get(key).and_then(|value| value.get_ref().as_array()).into_iter().flatten()
}

/// The strings of the list of a key.
pub(super) fn texts<'t>(parent: &'t DeTable<'_>, key: &str) -> impl Iterator<Item = &'t str> {
    items(parent, key).filter_map(|item| item.get_ref().as_str())
}
