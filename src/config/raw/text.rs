//! Strings that mean something: each type is a `format` of the schema, which `formats` knows how to check. Leans on
//! serde and schemars.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// Declares a string with a format.
macro_rules! text {
    ($($name:ident $format:literal $purpose:literal;)*) => {$(
        #[doc = $purpose]
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline, extend("format" = $format))]
        pub struct $name(pub String);

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

text! {
    Name "name" "A name that stands in refs, paths and commands: letters, digits, `.`, `_`, `-`.";
    Line "line" "Some text on one line.";
    EnvironmentName "environment" "The name of an environment of this file.";
    PackageName "package" "The name of a package of this file.";
    ImageName "image" "The name of an image of this file.";
    Glob "glob" "A glob over branch names: `*` stops at `/`, `**` does not, `{a,b}` are alternatives.";
    PathGlob "path-glob" "A glob over paths from the top of the repository.";
    TagTemplate "tag" "The name of a tag with `{version}` in it.";
    VersionText "version" "A semantic version without a prefix: `1.4.0`.";
    CoreText "core" "Three numbers: `1.4.0`.";
    RangeText "range" "`1` is >=1.0.0, <2.0.0; `1.1` is >=1.1.0, <1.2.0.";
    ChannelText "channel" "A prerelease line: `rc`, `beta`.";
    BranchVersion "branch-version" "`{branch}`, and nothing else.";
    FilePath "path" "A path inside the repository, with `/`.";
    FilePathOrNothing "path-or-nothing" "A path inside the repository, or an empty string.";
    NotesTemplate "notes-template" "`keep-a-changelog`, or the path of a template.";
    FilePattern "file-pattern" "Text with `{version}` in it.";
    ReleaseMessage "release-message" "A commit message with `{tag}` or `{version}` in it.";
    Repository "repository" "A repository of a registry without tag and digest, or `oci:` and a folder.";
    SourceTag "source-tag" "An image tag with `{commit}` or `{commit:7}` in it.";
    VersionTag "version-tag" "An image tag with `{version}` in it.";
    MovingTag "moving-tag" "An image tag that may have `{version}`, `{major}`, `{minor}` or `{patch}` in it.";
    Span "time-span" "A length of time: `0s`, `10m`, `1h30m`, `7d`.";
    WeekTime "week-time" "A day and a time of the week: `Fri 16:00`.";
    Zone "time-zone" "The name of a time zone: `Europe/Berlin`.";
    Variable "variable" "The name of an environment variable.";
    Identity "identity" "An e-mail address, or `github:` and an account.";
    Remote "remote" "The name of a git remote, a path, or an https, ssh or file URL.";
    BranchText "branch-name" "The name of a git branch.";
}

/// A command, the program first: a list of strings, or a list of such lists that run one after the other. Never a shell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("format" = "command"))]
pub enum Commands {
    /// One command.
    One(Vec<String>),
    /// Several commands, one after the other.
    Many(Vec<Vec<String>>),
}

impl Commands {
    /// The commands, each an argument list with the program first.
    pub fn each(&self) -> impl Iterator<Item = &[String]> {
        let (one, many) = match self {
            Commands::One(one) => (Some(one.as_slice()), [].as_slice()),
            Commands::Many(many) => (None, many.as_slice()),
        };
        one.into_iter().chain(many.iter().map(Vec::as_slice))
    }
}

/// Whether something is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// As git's own configuration says.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl<'de> Deserialize<'de> for Sign {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Sign;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"auto\", true or false")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Sign, E> {
                Ok(if value { Sign::Always } else { Sign::Never })
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Sign, E> {
                if value == "auto" {
                    Ok(Sign::Auto)
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(value), &self))
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Sign {
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
