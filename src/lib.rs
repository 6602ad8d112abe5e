//! `rel` takes a commit to production and back. This is the map of the house; arrows point downwards only, which
//! `tests/rel/house.rs` keeps, and every foreign crate lives in one room (docs/architecture.md).
//!
//! | room | what it is for |
//! |---|---|
//! | `cli` | the clap root and the one match from verb to command |
//! | `command` | one verb per file: its help, its arguments, what it does |
//! | `release` | a release: planned, checked, executed, resumed |
//! | `demo` | the whole life of a release, played in a scratch folder |
//! | `history` | from a repository and its configuration to the facts about one package |
//! | `rollout` | an operation on an environment, from what was typed to the event that ends it |
//! | `resolve` | what was typed: the environment, the package, the release and its pin |
//! | `retagging` | gives the images of a release their version tags |
//! | `verification` | whether tag, commit, images and ledger agree for a release |
//! | `ledger` | what happened to every environment: events, the fold to state, compare-and-set |
//! | `registry` | images in registries and layouts: resolves references, tags digests |
//! | `context` | the only reader of environment variables, folder, clock; opens the rest lazily |
//! | `deploy` | runs the commands that deploy, check and verify a release |
//! | `policy` | whether a release may go to an environment: pure |
//! | `changelog` | notes from commits, and the file that keeps them |
//! | `version` | from facts to the next version, with reasons: pure |
//! | `version_files` | files that repeat the version: what a release changes in them, as data: pure |
//! | `git` | reads repositories, and changes them for `release` and `ledger` only |
//! | `process` | the only module that starts programs: environment, process group, deadline, output limits, redaction |
//! | `config` | `release.toml`, checked |
//! | `ui` | the only room that prints |
//! | `model` | the words of the trade: pure |
//! | `error` | kind, exit code, message, causes, hints |

pub mod changelog;
pub mod cli;
pub mod command;
pub mod config;
pub mod context;
pub mod demo;
pub mod deploy;
pub mod error;
pub mod git;
pub mod git_history;
pub mod ledger;
pub mod model;
pub mod policy;
pub mod process;
pub mod registry;
pub mod release;
pub mod resolve;
pub mod retagging;
pub mod rollout;
pub mod ui;
pub mod verification;
pub mod version;
pub mod version_files;

pub use cli::run;
