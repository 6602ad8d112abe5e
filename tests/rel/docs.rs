//! README and `docs/` are correct: every `rel` command in them is run, and every session shows what is really printed.
//! `REL_DOCS=write cargo test docs` updates the sessions.

use crate::support::{Sandbox, layout};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Returns the folder with the repositories of the sessions: next to this one in CI and for its developers.
fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus")
}

fn pages() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![top.join("README.md")];
    pages.extend(std::fs::read_dir(top.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// Returns the fenced blocks of a page in a language, with the line before each.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("\n```{language}\n");
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(at) = text[rest..].find(&fence) {
        let begin = rest + at + fence.len();
        let end = begin + text[begin..].find("```").unwrap();
        let before = text[..begin - fence.len()].rsplit('\n').next().unwrap();
        found.push((before, &text[begin..end]));
        rest = end;
    }
    found
}

/// Creates the repository in which commands without a session run: a release, a remote, the package `api`, and images built
/// from the release and from HEAD.
fn fixture() -> Sandbox {
    let shop = Sandbox::new();
    let image = "[[image]]\nname = \"api\"\nrepository = \"oci:./images\"\n";
    shop.write("release.toml", &format!("name = \"api\"\n{image}"));
    shop.write(".gitignore", "/images\n");
    shop.git("add release.toml .gitignore");
    shop.commit("feat: first").tag("v1.3.0");
    let (images, commit) = (shop.folder().join("images"), shop.id("HEAD"));
    std::fs::create_dir_all(&images).unwrap();
    layout::image(&images, &format!("sha-{commit}"), "first", &commit);
    shop.commit("feat: coupons");
    let next = shop.id("HEAD");
    layout::image(&images, &format!("sha-{next}"), "coupons", &next);
    shop.git("push -q -u origin main --tags");
    shop
}

#[test]
fn every_command_in_the_docs_succeeds() {
    let mut ran = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let shop = fixture();
        for (_, block) in blocks(&text, "sh") {
            for line in block.lines() {
                let line = line.split(" #").next().unwrap().trim();
                let words =
                    line.strip_prefix("cargo run --release -- ").or_else(|| line.strip_prefix("rel "));
                let Some(words) = words else { continue };
                shop.write(".git/COMMIT_EDITMSG", "feat: x\n");
                let run = shop.shell(&format!("rel {words}"));
                assert_eq!(run.code, 0, "{}: {line}\n{}{}", page.display(), run.stdout, run.stderr);
                ran += 1;
            }
        }
    }
    assert!(ran >= 10, "only {ran} commands were found");
}

#[test]
fn every_session_shows_what_is_printed() {
    #[expect(clippy::disallowed_methods, reason = "a test has no Context")]
    let write = std::env::var("REL_DOCS").is_ok_and(|value| value == "write");
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let mut next = text.clone();
        for (before, block) in blocks(&text, "console") {
            let Some(history) =
                before.split("in a clone of ").nth(1).map(|rest| rest.trim_end_matches(" -->"))
            else {
                continue;
            };
            let bundle = corpus().join(format!("{history}.bundle"));
            if !bundle.exists() {
                // Past the capture of the test runner: what is not checked must not stay unsaid.
                let (bundle, page) = (bundle.display(), page.display());
                writeln!(
                    std::io::stderr(),
                    "not checked: the session of {page}, because {bundle} does not exist"
                )
                .unwrap();
                continue;
            }
            let command = block.lines().next().unwrap().strip_prefix("$ ").unwrap();
            let shop = Sandbox::new();
            shop.git_words(&[
                "clone",
                "-q",
                "--bare",
                &bundle.canonicalize().unwrap().to_string_lossy(),
                "../history.git",
            ]);
            let run = shop.inside("history.git").shell(&format!("{command} 2>&1"));
            let session = format!("$ {command}\n{}", run.stdout);
            if write {
                next = next.replace(block, &session);
            } else {
                assert_eq!(block, session, "{}", page.display());
            }
        }
        if write && next != text {
            std::fs::write(&page, next).unwrap();
        }
    }
}

#[test]
fn every_local_link_has_a_target() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap().split('#').next().unwrap();
            let local = !target.is_empty() && !target.contains("://");
            assert!(!local || page.parent().unwrap().join(target).exists(), "{}: {target}", page.display());
        }
    }
}

#[test]
fn every_test_that_the_pages_name_exists() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, at_least) in [("docs/security.md", 30), ("docs/promises.md", 120)] {
        let text = std::fs::read_to_string(top.join(page)).unwrap();
        let words = text.split('`').skip(1).step_by(2);
        // Names of tests are sentences; other paths are shorter.
        let is_name = |word: &&str| {
            word.contains("::")
                && word.matches('_').count() > 1
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        let names: Vec<&str> = words.filter(is_name).collect();
        assert!(names.len() > at_least, "{page}: {names:?}");
        for name in names {
            assert!(is_test(top, name), "{page}: {name} is not a test");
        }
    }
}

/// Returns whether a test exists: an end-to-end test in the file of its module, or a unit test anywhere in the module's
/// files.
fn is_test(top: &Path, name: &str) -> bool {
    let (module, function) = name.rsplit_once("::").unwrap();
    let path = module.replace("::", "/");
    let of_module = path.trim_end_matches("/tests");
    let files = [
        format!("tests/rel/{path}.rs"),
        format!("src/{path}.rs"),
        format!("src/{path}/mod.rs"),
        format!("src/{of_module}.rs"),
        format!("src/{of_module}/mod.rs"),
    ];
    // A property takes arguments.
    let declaration = format!("fn {function}(");
    files
        .iter()
        .any(|file| std::fs::read_to_string(top.join(file)).is_ok_and(|source| source.contains(&declaration)))
}
