//! What surrounds a release: `[ledger]`, `[[flow.rule]]` and `[[notify]]`. Leans on `text`.

use super::text::{
    BranchText, Commands, EnvironmentName, FilePathOrNothing, Glob, Line, Remote, Sign, Variable,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where the record of every environment is kept.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The remote, or the URL of a repository of its own.
    #[schemars(extend("default" = "origin"))]
    pub remote: Option<Remote>,
    /// The orphan branch that holds it.
    #[schemars(extend("default" = "rel-ledger"))]
    pub branch: Option<BranchText>,
    /// Whether events are signed.
    #[schemars(extend("default" = "auto"))]
    pub sign: Option<Sign>,
    /// The file of the keys that are believed (`ssh-keygen`'s ALLOWED SIGNERS). When set, an event without a good
    /// signature is not believed.
    #[schemars(extend("default" = ""))]
    pub allowed_signers: Option<FilePathOrNothing>,
}

/// The branch model.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The rules that `rel flow check` holds a merge against.
    #[serde(default)]
    pub rule: Vec<FlowRule>,
}

/// What may be merged into a branch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowRule {
    /// The branch that is merged into, or a glob.
    pub into: Glob,
    /// The branches that may be merged, or globs.
    pub from: Vec<Glob>,
    /// What happens to any other.
    #[schemars(extend("default" = "refuse"))]
    pub otherwise: Option<Otherwise>,
    /// The label that such a merge carries.
    pub label: Option<Line>,
}

/// What happens to a merge that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Otherwise {
    /// It is refused.
    Refuse,
    /// It passes with a warning.
    Warn,
}

/// Who is told of what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The way it goes.
    pub kind: NotifyKind,
    /// The environment variable that holds the URL, for `slack` and `webhook`. The URL itself never stands in this file.
    pub url_env: Option<Variable>,
    /// The commands, for `command`.
    pub command: Option<Commands>,
    /// What is told. Default: all of it.
    pub on: Option<Vec<Event>>,
    /// Of which environments. Default: of all.
    pub environments: Option<Vec<EnvironmentName>>,
}

/// The way a notification goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotifyKind {
    /// An incoming webhook of Slack.
    Slack,
    /// JSON by POST.
    Webhook,
    /// A program of the user's own.
    Command,
}

/// What a notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A release was cut.
    Release,
    /// A deploy ended well.
    Deploy,
    /// A promotion ended well.
    Promote,
    /// A rollback ended well.
    Rollback,
    /// A deploy, promotion or rollback failed, or its end is unknown.
    Failed,
    /// A release was approved.
    Approve,
    /// An environment is held.
    Hold,
    /// A hold ended.
    Unhold,
    /// An environment is frozen.
    Freeze,
    /// A freeze ended.
    Thaw,
    /// A release was marked bad.
    Bad,
    /// The mark was taken back.
    Good,
    /// What runs was taken over into the record.
    Adopt,
}
