//! How true and false, optional values, lists and tables of names are read.

use super::{FromToml, Reader, Reported, Text, ValueKind};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use toml::Spanned;
use toml::de::DeValue;

impl FromToml for bool {
    const KINDS: &'static [ValueKind] = &[ValueKind::Boolean];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        value.get_ref().as_bool().ok_or_else(|| reader.wrong_kind(Self::KINDS, value))
    }
}

impl<T: FromToml> FromToml for Option<T> {
    const KINDS: &'static [ValueKind] = T::KINDS;

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        T::from_toml(reader, value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromToml> FromToml for Vec<T> {
    const KINDS: &'static [ValueKind] =
        if let [ValueKind::Table] = T::KINDS { &[ValueKind::Tables] } else { &[ValueKind::Strings] };

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        let Some(items) = value.get_ref().as_array() else {
            return Err(reader.wrong_kind(Self::KINDS, value));
        };
        // Every item is read before the first failure counts, so that all faults are noted.
        let items: Vec<_> = items.iter().map(|item| T::from_toml(reader, item)).collect();
        items.into_iter().collect()
    }
}

/// A table whose keys are names of the format `K`, sorted by name.
#[derive(Clone, Debug)]
pub(in crate::config) struct Named<K, V>(pub(in crate::config) BTreeMap<String, V>, PhantomData<K>);

impl<K, V> Default for Named<K, V> {
    fn default() -> Self {
        Named(BTreeMap::new(), PhantomData)
    }
}

impl<K, V> IntoIterator for Named<K, V> {
    type Item = (String, V);
    type IntoIter = std::collections::btree_map::IntoIter<String, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Text, V: FromToml> FromToml for Named<K, V> {
    const KINDS: &'static [ValueKind] = &[ValueKind::Table];

    fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(reader.wrong_kind(Self::KINDS, value));
        };
        let entries: Vec<_> = table
            .iter()
            .map(|(key, value)| {
                let name = key.get_ref().as_ref();
                reader.path.push(name.to_owned());
                let parsed = reader.text::<K>(name, key.span());
                reader.path.pop();
                let value = reader.inside(name, value);
                parsed.and(value).map(|value| (name.to_owned(), value))
            })
            .collect();
        let entries = entries.into_iter().collect::<Result<_, _>>()?;
        Ok(Named(entries, PhantomData))
    }

    fn absent() -> Option<Self> {
        Some(Named::default())
    }
}
