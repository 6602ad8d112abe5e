//! Keeps the architecture as `docs/architecture.md` describes it: dependencies point downwards, every foreign crate belongs to
//! few modules, every file says what it is for and stays small. Reads the tokens of every file to its end.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules from top to bottom; each may use those below it, and nothing above or beside it.
const LAYERS: &[&[&str]] = &[
    &["main"],
    &["lib"],
    &["cli"],
    &["command"],
    &["release", "retagging", "rollout", "verification"],
    &["resolve"],
    &["ledger"],
    &["demo", "git_history", "registry"],
    &["context"],
    &["changelog", "deploy", "policy"],
    &["version", "version_files", "config", "git"],
    &["ui", "process"],
    &["model"],
    &["error"],
];

/// Which modules may use a crate.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate_snippets", &["ui"]),
    ("anstyle", &["ui"]),
    ("base64", &["registry"]),
    ("clap", &["cli", "command"]),
    ("clap_complete", &["command"]),
    ("clap_mangen", &["command"]),
    ("dialoguer", &["ui"]),
    ("flate2", &["git"]),
    ("futures_util", &["registry"]),
    ("getrandom", &["context"]),
    ("git2", &["git"]),
    ("git_cliff_core", &["changelog"]),
    ("gix_commitgraph", &["git"]),
    ("gix_hash", &["git"]),
    ("globset", &["model"]),
    ("http_auth", &["registry"]),
    ("indicatif", &["ui"]),
    ("jiff", &["model"]),
    ("oci_client", &["registry"]),
    ("reqwest", &["registry"]),
    ("rustix", &["deploy", "git", "registry", "context", "process"]),
    ("rustls", &["registry"]),
    ("schemars", &["config"]),
    ("semver", &["model"]),
    (
        "serde",
        &[
            "changelog",
            "command",
            "deploy",
            "error",
            "ledger",
            "version_files",
            "model",
            "registry",
            "ui",
            "verification",
            "version",
        ],
    ),
    (
        "serde_json",
        &[
            "changelog",
            "cli",
            "command",
            "config",
            "deploy",
            "error",
            "ledger",
            "version_files",
            "model",
            "policy",
            "registry",
            "rollout",
            "ui",
        ],
    ),
    ("sha2", &["ledger", "registry"]),
    ("signal_hook", &["process", "ui"]),
    ("strsim", &["model"]),
    ("tempfile", &["context", "deploy", "ledger"]),
    ("terminal_size", &["context"]),
    ("tokio", &["registry"]),
    ("toml", &["changelog", "config", "version_files"]),
    ("unicode_width", &["ui"]),
];

/// No file is longer; a module that outgrows this wants to be split.
const MAX_LINES: usize = 450;

/// A source file of the crate.
struct File {
    path: PathBuf,
    module: String,
    text: String,
    /// Its identifiers and punctuation in order, groups flattened.
    all: Vec<Token>,
    /// The same without the items that are only compiled for tests.
    shipped: Vec<Token>,
}

/// A token of a file: an identifier, a punctuation character, or the borders of a group.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(char),
    Open,
    Close,
}

fn files() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![top.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(file(&top, &path));
            }
        }
    }
    assert!(found.len() > 20);
    found
}

fn file(top: &Path, path: &Path) -> File {
    let inside = path.strip_prefix(top).unwrap();
    let module = inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
    let text = std::fs::read_to_string(path).unwrap();
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut all, mut shipped) = (Vec::new(), Vec::new());
    flatten(tokens.clone(), false, &mut all);
    let is_test =
        inside.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
    if !is_test {
        flatten(tokens, true, &mut shipped);
    }
    File { path: inside.to_owned(), module, text, all, shipped }
}

/// Writes the tokens of a stream into a list; with `skip_tests`, without items marked `#[cfg(test)]` or `#[test]`.
fn flatten(tokens: TokenStream, skip_tests: bool, list: &mut Vec<Token>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '#' && skip_tests => {
                let test = |group: &proc_macro2::Group| {
                    let text = group.stream().to_string().replace(' ', "");
                    group.delimiter() == Delimiter::Bracket && (text == "cfg(test)" || text == "test")
                };
                if matches!(tokens.peek(), Some(TokenTree::Group(group)) if test(group)) {
                    // The item ends with its body, or with a semicolon.
                    let end = |token: &TokenTree| match token {
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        TokenTree::Punct(sign) => sign.as_char() == ';',
                        _ => false,
                    };
                    tokens.by_ref().find(end);
                }
            }
            TokenTree::Punct(sign) => list.push(Token::Sign(sign.as_char())),
            TokenTree::Ident(word) => list.push(Token::Word(word.to_string())),
            TokenTree::Literal(_) => {}
            TokenTree::Group(group) => {
                list.push(Token::Open);
                flatten(group.stream(), skip_tests, list);
                list.push(Token::Close);
            }
        }
    }
}

/// The paths of a list of tokens by their first two segments; `use crate::{a, b}` gives both.
fn paths(tokens: &[Token]) -> Vec<(&str, &str)> {
    let separator = |at: usize| tokens[at..].starts_with(&[Token::Sign(':'), Token::Sign(':')]);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(first) = token else { continue };
        let continues = at >= 2 && separator(at - 2);
        if continues || at + 3 >= tokens.len() || !separator(at + 1) {
            continue;
        }
        match &tokens[at + 3] {
            Token::Word(second) => found.push((first.as_str(), second.as_str())),
            Token::Open => {
                let mut depth = 0;
                for (place, inner) in tokens[at + 3..].iter().enumerate() {
                    match inner {
                        Token::Open => depth += 1,
                        Token::Close => depth -= 1,
                        Token::Word(second) if depth == 1 => {
                            let before = &tokens[at + 2 + place];
                            if matches!(before, Token::Open | Token::Sign(',')) {
                                found.push((first, second));
                            }
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|modules| modules.contains(&module))
        .unwrap_or_else(|| panic!("{module} is in no layer"))
}

#[test]
fn paths_are_read_from_groups_macros_and_tests() {
    let tokens = "use crate::{a, b::{c, d}, e as f}; fn g() { h!(crate::i::J, k::l) } #[cfg(test)] mod m { use crate::n; }";
    let (mut all, mut shipped) = (Vec::new(), Vec::new());
    flatten(tokens.parse().unwrap(), false, &mut all);
    flatten(tokens.parse().unwrap(), true, &mut shipped);
    let expected = [
        ("crate", "a"),
        ("crate", "b"),
        ("crate", "e"),
        ("b", "c"),
        ("crate", "i"),
        ("k", "l"),
        ("crate", "n"),
    ];
    for path in expected {
        assert!(paths(&all).contains(&path), "{path:?} of {:?}", paths(&all));
    }
    assert!(!paths(&shipped).contains(&("crate", "n")));
    assert!(paths(&shipped).contains(&("k", "l")));
}

#[test]
fn dependencies_point_downwards() {
    let mut faults = Vec::new();
    for file in files() {
        for (_, target) in paths(&file.all).iter().filter(|(first, _)| *first == "crate") {
            let inside = *target == file.module || *target == "internals";
            if !inside && layer(target) <= layer(&file.module) {
                faults.push(format!("{} uses {target}", file.path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_verb_uses_the_file_of_another_verb() {
    // A verb is a public module of `command`; what verbs share is private.
    let list =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/command/mod.rs")).unwrap();
    let is_verb = |module: &str| list.lines().any(|line| line == format!("pub mod {module};"));
    for file in files().iter().filter(|file| file.module == "command") {
        let own = file.path.components().nth(1).unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        for token in file.shipped.windows(4) {
            let [Token::Word(first), Token::Sign(':'), Token::Sign(':'), Token::Word(second)] = token else {
                continue;
            };
            let other = *second != own;
            let from_top = first == "command" || first == "super" && file.path.components().count() == 2;
            assert!(!(from_top && other && is_verb(second)), "{} uses {second}", file.path.display());
        }
    }
}

#[test]
fn crates_belong_to_few_modules() {
    let modules: BTreeMap<&str, &[&str]> = CRATES.iter().copied().collect();
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let listed = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let listed: BTreeSet<String> = listed
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    assert_eq!(
        listed,
        modules.keys().map(|name| (*name).to_owned()).collect(),
        "CRATES and Cargo.toml differ"
    );
    let mut used = BTreeSet::new();
    for file in files() {
        for (first, _) in paths(&file.shipped) {
            if let Some(allowed) = modules.get(first) {
                used.insert(first.to_owned());
                assert!(allowed.contains(&file.module.as_str()), "{first} in {}", file.path.display());
            }
        }
    }
    assert_eq!(used, listed, "a crate that nothing uses");
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    for file in files() {
        assert!(file.text.starts_with("//! "), "{} has no //! head", file.path.display());
        let lines = file.text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", file.path.display());
    }
    let mut lengths: Vec<usize> = files().iter().map(|file| file.text.lines().count()).collect();
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 160, "the median is {}", lengths[lengths.len() / 2]);
}

#[test]
fn only_context_reads_the_environment_and_only_process_starts_programs() {
    let reads = [
        ("env", "var"),
        ("env", "var_os"),
        ("env", "vars"),
        ("env", "vars_os"),
        ("env", "current_dir"),
        ("env", "temp_dir"),
        ("env", "current_exe"),
        ("SystemTime", "now"),
    ];
    for file in files() {
        for path in paths(&file.shipped).into_iter().chain(inner_paths(&file.shipped)) {
            // `process` reads the names only, to withhold some variables from every program.
            let withholds = path == ("env", "vars_os") && file.path == Path::new("process/environment.rs");
            assert!(
                !reads.contains(&path) || withholds || file.module == "context",
                "{} uses {path:?}",
                file.path.display()
            );
            let starts = [("process", "Command"), ("process", "Child"), ("process", "Stdio")].contains(&path);
            assert!(!starts || file.module == "process", "{} uses {path:?}", file.path.display());
        }
    }
}

/// Every pair of neighbouring segments: `std::env::var` gives `env::var` too.
fn inner_paths(tokens: &[Token]) -> Vec<(&str, &str)> {
    let pair = |window: &'_ [Token]| {
        matches!(window, [Token::Word(_), Token::Sign(':'), Token::Sign(':'), Token::Word(_)])
    };
    let words = tokens.windows(4).filter(|window| pair(window));
    words
        .filter_map(|window| match (&window[0], &window[3]) {
            (Token::Word(first), Token::Word(second)) => Some((first.as_str(), second.as_str())),
            _ => None,
        })
        .collect()
}

/// Compares the oldest Rust that dependencies ask for with `rust-version`; clippy's `incompatible_msrv` looks at this crate.
#[test]
fn dependencies_build_with_the_oldest_supported_rust() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(["--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |text: &str| text.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    let packages = metadata["packages"].as_array().unwrap();
    let own = packages.iter().find(|package| package["name"] == "rel").unwrap();
    let oldest = number(own["rust_version"].as_str().unwrap());
    for package in packages {
        let wanted = package["rust_version"].as_str().map(number).unwrap_or_default();
        let fits = wanted[..wanted.len().min(2)] <= oldest[..2];
        assert!(fits, "{} asks for Rust {wanted:?}, and rust-version is {oldest:?}", package["name"]);
    }
}

/// `Repo` has no method that changes a repository; `git::Writer` has them all.
#[test]
fn only_release_and_ledger_change_repositories() {
    for file in files() {
        let may_write = ["git", "release", "ledger"].contains(&file.module.as_str());
        let names_it =
            file.shipped.iter().any(|token| matches!(token, Token::Word(word) if word == "Writer"));
        assert!(!names_it || may_write, "{} uses git::Writer", file.path.display());
    }
}
