//! `release.toml` as it is written: one field for every key, in the order of the manual. From these types come the
//! JSON schema (the doc comments are its descriptions) and the code that reads the file.

/// Declares a table of the file: its name in the JSON schema, and its keys.
macro_rules! table {
    ($(#[$attribute:meta])* struct $name:ident as $schema:tt {
        $($(#[$about:meta])* $key:ident: $value:ty,)*
    }) => {
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(rename = $schema, deny_unknown_fields)]
        $(#[$attribute])*
        pub(in crate::config) struct $name {
            $($(#[$about])* pub(in crate::config) $key: $value,)*
        }

        impl $name {
            /// Reads the table whose header or braces are at `span`.
            pub(in crate::config) fn from_table(
                reader: &mut crate::config::reader::Reader,
                table: &toml::de::DeTable<'_>,
                span: &std::ops::Range<usize>,
            ) -> Result<Self, crate::config::reader::Reported> {
                reader.unknown_keys(table, &[$(stringify!($key)),*]);
                // Every key is read before the first failure counts, so that all faults are noted.
                $(let $key = reader.field(table, span, stringify!($key));)*
                Ok($name { $($key: $key?,)* })
            }
        }

        impl crate::config::reader::FromToml for $name {
            const KINDS: &'static [crate::config::reader::ValueKind] =
                &[crate::config::reader::ValueKind::Table];

            fn from_toml(
                reader: &mut crate::config::reader::Reader,
                value: &toml::Spanned<toml::de::DeValue<'_>>,
            ) -> Result<Self, crate::config::reader::Reported> {
                match value.get_ref().as_table() {
                    Some(table) => Self::from_table(reader, table, &value.span()),
                    None => Err(reader.wrong_kind(Self::KINDS, value)),
                }
            }
        }
    };
}

/// Declares a choice of keywords: its name in the JSON schema, and the words.
macro_rules! keywords {
    ($(#[$attribute:meta])* $visibility:vis enum $name:ident as $schema:tt {
        $($(#[$about:meta])* $variant:ident = $word:tt,)*
    }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
        #[schemars(rename = $schema)]
        $(#[$attribute])*
        $visibility enum $name {
            $($(#[$about])* #[schemars(rename = $word)] $variant,)*
        }

        impl crate::config::reader::FromToml for $name {
            const KINDS: &'static [crate::config::reader::ValueKind] =
                &[crate::config::reader::ValueKind::String];

            fn from_toml(
                reader: &mut crate::config::reader::Reader,
                value: &toml::Spanned<toml::de::DeValue<'_>>,
            ) -> Result<Self, crate::config::reader::Reported> {
                reader.keyword(value, &[$(($word, $name::$variant)),*])
            }
        }
    };
}

mod commands;
mod environment;
mod image;
mod ledger_flow_notify;
mod number;
mod release;
mod sign;
mod text;

pub(super) use commands::{COMMAND_SHAPE, RawCommands, command_help};
pub use environment::{Accept, Tree};
pub(super) use environment::{RawDeploy, RawDeployers, RawEnvironment, RawFreezeWindow, RawLane, RawStep};
pub(super) use image::{RawImage, RawImageBuild, RawRegistry};
pub(super) use ledger_flow_notify::{RawFlow, RawLedger, RawNotify};
pub(super) use release::{
    RawBranch, RawBump, RawChangelog, RawCut, RawPackage, RawSquash, RawVersionFile, RawVersions, RawZero,
};
pub(super) use sign::RawSign;
pub(super) use text::*;

use super::reader::Named;

table! {
    /// What `release.toml` may say. All keys are optional; unknown keys are errors.
    #[schemars(title = "release.toml")]
    struct RawFile as "File" {
        /// The name of this repository in production, and of its one package.
        name: Option<NameText>,
        /// How versions are computed and tags are named.
        version: Option<RawVersions>,
        /// Which branch releases what; the first one that matches counts.
        branch: Option<Vec<RawBranch>>,
        /// The packages of a monorepo, by name.
        #[schemars(default)]
        package: Named<NameText, RawPackage>,
        /// How release notes are rendered and where they are kept.
        changelog: Option<RawChangelog>,
        /// Files that repeat the version.
        file: Option<Vec<RawVersionFile>>,
        /// How a release is made.
        cut: Option<RawCut>,
        /// The images of a release.
        image: Option<Vec<RawImage>>,
        /// Settings of a registry, by its host and port.
        #[schemars(default)]
        registry: Named<RegistryHostText, RawRegistry>,
        /// The identities of each person, for approvals.
        #[schemars(default)]
        people: Named<LineText, Vec<IdentityText>>,
        /// Where releases run, by name.
        #[schemars(default)]
        environment: Named<NameText, RawEnvironment>,
        /// Where the events of every environment are recorded.
        ledger: Option<RawLedger>,
        /// The merge rules of the branch model.
        #[expect(dead_code, reason = "checked, but no command uses it yet")]
        flow: Option<RawFlow>,
        /// Who is notified of what.
        notify: Option<Vec<RawNotify>>,
    }
}
