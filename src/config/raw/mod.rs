//! `release.toml` as it is written: one field for every key, in the order of the manual. The doc comments become the
//! descriptions of `rel schema`, the types its formats; `check` reads both from there. Leans on serde and schemars.

mod around;
mod environment;
mod image;
mod release;
mod text;

pub use around::{Event, Flow, FlowRule, Ledger, Notify, NotifyKind, Otherwise};
pub use environment::{Accept, Deploy, Deployers, Environment, Freeze, Kubectl, Lane, Step, Tree};
pub use image::{Image, Registry, When};
pub use release::{Branch, BumpWord, Changelog, Cut, Package, SquashWord, VersionFile, Versions, ZeroWord};
pub use text::*;

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What `release.toml` may say. All keys are optional; unknown keys are errors.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "release.toml")]
pub struct File {
    /// What production calls this repository, and the name of its one package.
    pub name: Option<Name>,
    /// How versions are computed and tags are named.
    pub version: Option<Versions>,
    /// Which branch releases what; the first that matches counts.
    #[serde(default)]
    pub branch: Vec<Branch>,
    /// The packages of a monorepo, by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "name" }))]
    pub package: BTreeMap<String, Package>,
    /// How notes are rendered and where they are kept.
    pub changelog: Option<Changelog>,
    /// Files that repeat the version.
    #[serde(default)]
    pub file: Vec<VersionFile>,
    /// How a release is cut.
    pub cut: Option<Cut>,
    /// The images of a release.
    #[serde(default)]
    pub image: Vec<Image>,
    /// What is special about a registry, by its host and port.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "registry-host" }))]
    pub registry: BTreeMap<String, Registry>,
    /// Who is who, for approvals: a person's identities.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "line" }))]
    pub people: BTreeMap<String, Vec<Identity>>,
    /// Where releases run, by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "format": "name" }))]
    pub environment: BTreeMap<String, Environment>,
    /// Where the record of every environment is kept.
    pub ledger: Option<Ledger>,
    /// The branch model.
    pub flow: Option<Flow>,
    /// Who is told.
    #[serde(default)]
    pub notify: Vec<Notify>,
}
