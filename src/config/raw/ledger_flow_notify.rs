//! The keys beside the release itself: `[ledger]`, `[[flow.rule]]` and `[[notify]]`.

use super::text::{
    BranchGlobText, BranchText, EnvironmentText, LineText, OptionalPathText, RemoteText, VariableText,
};
use super::{RawCommands, RawSign};

table! {
    /// Where the events of every environment are recorded.
    struct RawLedger as "Ledger" {
        /// The remote, or the URL of a separate repository.
        #[schemars(extend("default" = "origin"))]
        remote: Option<RemoteText>,
        /// The orphan branch that holds the ledger.
        #[schemars(extend("default" = "rel-ledger"))]
        branch: Option<BranchText>,
        /// Whether to sign events.
        #[schemars(extend("default" = "auto"))]
        sign: Option<RawSign>,
        /// The file of trusted keys (`ssh-keygen`'s ALLOWED SIGNERS). If set, an event without a valid signature is rejected.
        #[schemars(extend("default" = ""))]
        allowed_signers: Option<OptionalPathText>,
    }
}

table! {
    /// The merge rules of the branch model.
    #[expect(dead_code, reason = "checked, but no command uses it yet")]
    struct RawFlow as "Flow" {
        /// The rules that `rel flow check` applies to a merge.
        rule: Option<Vec<RawFlowRule>>,
    }
}

table! {
    /// What may be merged into a branch.
    #[expect(dead_code, reason = "checked, but no command uses it yet")]
    struct RawFlowRule as "FlowRule" {
        /// The target branch, or a glob over branches.
        into: BranchGlobText,
        /// The branches that may be merged, or globs over branches.
        from: Vec<BranchGlobText>,
        /// What happens to any other merge.
        #[schemars(extend("default" = "refuse"))]
        otherwise: Option<RawViolation>,
        /// The label that such a merge needs.
        label: Option<LineText>,
    }
}

keywords! {
    /// What happens to a merge that violates a rule.
    pub(in crate::config) enum RawViolation as "Otherwise" {
        /// It is refused.
        Refuse = "refuse",
        /// It passes with a warning.
        Warn = "warn",
    }
}

table! {
    /// Who is notified of what.
    #[expect(dead_code, reason = "checked, but no command uses it yet")]
    struct RawNotify as "Notify" {
        /// How the notification is sent.
        kind: RawNotifyKind,
        /// The environment variable that holds the URL, for `slack` and `webhook`. The URL itself does not belong in this file.
        url_env: Option<VariableText>,
        /// The commands, for `command`.
        command: Option<RawCommands>,
        /// The events to notify of. Default: all.
        on: Option<Vec<RawNotifyEvent>>,
        /// The environments to notify of. Default: all.
        environments: Option<Vec<EnvironmentText>>,
    }
}

keywords! {
    /// How a notification is sent.
    pub(in crate::config) enum RawNotifyKind as "NotifyKind" {
        /// An incoming webhook of Slack.
        Slack = "slack",
        /// JSON by HTTP POST.
        Webhook = "webhook",
        /// A command.
        Command = "command",
    }
}

keywords! {
    /// What a notification is about.
    pub(in crate::config) enum RawNotifyEvent as "Event" {
        /// A release was made.
        Release = "release",
        /// A deploy succeeded.
        Deploy = "deploy",
        /// A promotion succeeded.
        Promote = "promote",
        /// A rollback succeeded.
        Rollback = "rollback",
        /// A deploy, promotion or rollback failed, or its outcome is unknown.
        Failed = "failed",
        /// A release was approved.
        Approve = "approve",
        /// An environment was put on hold.
        Hold = "hold",
        /// A hold ended.
        Unhold = "unhold",
        /// An environment was frozen.
        Freeze = "freeze",
        /// A freeze ended.
        Thaw = "thaw",
        /// A build was marked bad.
        Bad = "bad",
        /// A build is no longer marked bad.
        Good = "good",
        /// What runs was recorded without a deploy.
        Adopt = "adopt",
    }
}
