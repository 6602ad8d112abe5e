//! Strings that mean something: each type names its `format` in the JSON schema and the function that parses it.

use super::super::fault::FormatError;
use super::super::formats::{self, BranchGlob, PathGlob};
use crate::config::reader::{Definition, FromToml, Named, Reader, Reported, Text, ValueKind};
use crate::model::{BranchName, Channel, Repository, Version, VersionRange, WeekTime};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;
use toml::de::DeValue;

/// Declares types of strings: name, value, format, what the string refers to, parser and description.
macro_rules! texts {
    ($($name:ident($value:ty) = $format:literal, $refers_to:expr, $parse:path, $description:literal;)*) => {
        $(
            #[doc = $description]
            #[derive(Clone, Debug)]
            pub(in crate::config) struct $name(pub(in crate::config) $value);

            impl Text for $name {
                const FORMAT: &'static str = $format;
                const REFERS_TO: Option<Definition> = $refers_to;

                fn parse(text: &str) -> Result<Self, FormatError> {
                    formats::without_nul(text).and_then($parse).map($name)
                }
            }

            impl FromToml for $name {
                const KINDS: &'static [ValueKind] = &[ValueKind::String];

                fn from_toml(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Result<Self, Reported> {
                    match value.get_ref().as_str() {
                        Some(text) => reader.text(text, value.span()),
                        None => Err(reader.wrong_kind(Self::KINDS, value)),
                    }
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "description": $description, "format": $format })
                }
            }
        )*

        /// Parses a string and drops what it means.
        #[cfg(test)]
        pub(in crate::config) type Check = fn(&str) -> Result<(), FormatError>;

        /// All formats, by name.
        #[cfg(test)]
        pub(in crate::config) const FORMATS: &[(&str, Check)] =
            &[$(($format, |text| $name::parse(text).map(drop))),*];
    };
}

texts! {
    NameText(String) = "name", None, formats::name,
        "A name that is used in refs, paths and commands: letters, digits, `.`, `_`, `-`.";
    LineText(String) = "line", None, formats::line, "Some text on one line.";
    EnvironmentText(String) = "environment", Some(Definition::Environment), formats::name,
        "The name of an environment in this file.";
    PackageText(String) = "package", Some(Definition::Package), formats::name,
        "The name of a package in this file.";
    ImageText(String) = "image", Some(Definition::Image), formats::name,
        "The name of an image in this file.";
    CommitTypeText(()) = "commit-type", None, formats::commit_type,
        "The type of a conventional commit: `feat`.";
    RegistryHostText(()) = "registry-host", None, formats::registry_host,
        "The host of a registry, with its port where it has one.";
    BranchGlobText(BranchGlob) = "glob", None, formats::branch_glob,
        "A glob over branch names: `*` stops at `/`, `**` does not, `{a,b}` are alternatives.";
    PathGlobText(PathGlob) = "path-glob", None, formats::path_glob,
        "A glob over paths from the top of the repository.";
    TagTemplateText(String) = "tag", None, formats::tag_template,
        "The name of a tag with `{version}` in it.";
    VersionText(Version) = "version", None, formats::version,
        "A semantic version without a prefix: `1.4.0`.";
    CoreVersionText(Version) = "core", None, formats::core_version, "Three numbers: `1.4.0`.";
    VersionRangeText(VersionRange) = "range", None, formats::version_range,
        "`1` is >=1.0.0, <2.0.0; `1.1` is >=1.1.0, <1.2.0.";
    ChannelText(Channel) = "channel", None, formats::channel, "A prerelease channel: `rc`, `beta`.";
    BranchVersionText(()) = "branch-version", None, formats::branch_version, "`{branch}`, and nothing else.";
    PathText(String) = "path", None, formats::path, "A path inside the repository, with `/`.";
    OptionalPathText(Option<String>) = "path-or-nothing", None, formats::optional_path,
        "A path inside the repository, or an empty string.";
    NotesTemplateText(Option<String>) = "notes-template", None, formats::notes_template,
        "`keep-a-changelog`, or the path of a template.";
    FilePatternText(String) = "file-pattern", None, formats::file_pattern, "Text with `{version}` in it.";
    ReleaseMessageText(String) = "release-message", None, formats::release_message,
        "A commit message with `{tag}` or `{version}` in it.";
    RepositoryText(Repository) = "repository", None, formats::repository,
        "A repository of a registry without tag and digest, or `oci:` and a folder.";
    SourceTagText(String) = "source-tag", None, formats::source_tag,
        "An image tag with `{commit}` or `{commit:7}` in it.";
    VersionTagText(String) = "version-tag", None, formats::version_tag,
        "An image tag with `{version}` in it.";
    MovingTagText(String) = "moving-tag", None, formats::moving_tag,
        "An image tag that may have `{version}`, `{major}`, `{minor}` or `{patch}` in it.";
    DurationText(Duration) = "time-span", None, formats::duration,
        "A duration: `0s`, `10m`, `1h30m`, `7d`.";
    TimeoutText(Duration) = "timeout", None, formats::timeout,
        "A duration of at least one second: `30s`, `10m`, `1h30m`.";
    WeekTimeText(WeekTime) = "week-time", None, formats::week_time,
        "A day and a time of the week: `Fri 16:00`.";
    TimeZoneText(String) = "time-zone", None, formats::time_zone, "The name of a time zone: `Europe/Berlin`.";
    VariableText(String) = "variable", None, formats::variable, "The name of an environment variable.";
    IdentityText(String) = "identity", None, formats::identity,
        "An e-mail address, or `github:` and an account.";
    RemoteText(String) = "remote", None, formats::remote,
        "The name of a git remote, a path, or an https, ssh or file URL.";
    BranchText(BranchName) = "branch-name", None, formats::branch_name, "The name of a git branch.";
}

/// The schema of a table names the format of its keys too.
impl<K: Text, V: JsonSchema> JsonSchema for Named<K, V> {
    fn schema_name() -> Cow<'static, str> {
        format!("Named_{}", V::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <BTreeMap<String, V>>::json_schema(generator);
        schema.insert("propertyNames".into(), serde_json::json!({ "format": K::FORMAT }));
        schema
    }
}
