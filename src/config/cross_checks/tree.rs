//! Looks up values in the parsed tree, and skips what is not of the expected kind.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Returns the table of a key.
pub(super) fn table<'a>(parent: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
    parent.get(key)?.get_ref().as_table()
}

/// Returns the tables of a list of tables.
pub(super) fn items<'a>(parent: &'a DeTable<'a>, key: &str) -> impl Iterator<Item = &'a DeTable<'a>> {
    let list = parent.get(key).and_then(|value| value.get_ref().as_array());
    list.into_iter().flatten().filter_map(|item| item.get_ref().as_table())
}

/// Returns the tables of a table of tables, with their names.
pub(super) fn tables<'a>(
    parent: &'a DeTable<'a>,
    key: &str,
) -> impl Iterator<Item = (&'a str, &'a DeTable<'a>)> {
    let all = table(parent, key).into_iter().flatten();
    all.filter_map(|(name, value)| Some((name.get_ref().as_ref(), value.get_ref().as_table()?)))
}

/// Returns the keys of a table of tables.
pub(super) fn names<'a>(parent: &'a DeTable<'a>, key: &str) -> Vec<&'a str> {
    table(parent, key).into_iter().flatten().map(|(name, _)| name.get_ref().as_ref()).collect()
}

/// Returns a string and its span.
pub(super) fn text<'a>(parent: &'a DeTable<'a>, key: &str) -> Option<(&'a str, Range<usize>)> {
    let value = parent.get(key)?;
    Some((value.get_ref().as_str()?, value.span()))
}

/// Returns the strings of a list, with their spans.
pub(super) fn texts<'a>(value: &'a DeValue<'a>) -> impl Iterator<Item = (&'a str, Range<usize>)> {
    value.as_array().into_iter().flatten().filter_map(|item| Some((item.get_ref().as_str()?, item.span())))
}

/// Returns the span of a key.
pub(super) fn key(parent: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    parent.get_key_value(key).map(|(key, _)| key.span())
}
