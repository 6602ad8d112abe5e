//! `rel demo` runs, and the README shows parts of what it prints.

use crate::support::Sandbox;
use std::path::Path;

/// Runs the demo; returns what it prints, and its work clone.
fn run_demo() -> (String, Sandbox) {
    let sandbox = Sandbox::new().with("REL_NOW", "2026-11-20T03:12:00Z");
    let run = sandbox.shell("rel demo ../demo 2>&1");
    assert_eq!(run.code, 0, "{}", run.stdout);
    (run.stdout, sandbox.inside("demo/shop"))
}

/// Returns the commands of a part and their output.
fn output_of<'a>(story: &'a str, title: &str) -> &'a str {
    let heading = format!(". {title}\n");
    let begin =
        story.find(&heading).unwrap_or_else(|| panic!("no part is called {title}: {story}")) + heading.len();
    let rest = &story[begin..];
    let first = rest.find("\n$ ").unwrap() + 1;
    let number: usize = story[..begin - heading.len()].rsplit('\n').next().unwrap().parse().unwrap();
    let end = rest.find(&format!("\n{}. ", number + 1)).or_else(|| rest.find("\nThe end.")).unwrap();
    rest[first..end].trim_end()
}

#[test]
fn the_demo_runs_from_the_first_release_to_the_repaired_one() {
    let (story, shop) = run_demo();
    let pages: Vec<&str> = story.lines().filter(|line| line.starts_with("total: ")).collect();
    // The first release, with coupons, the bad release, rolled back, repaired.
    assert_eq!(pages, ["total: 120", "total: 108", "total: -880", "total: 108", "total: 108"]);
    for line in [
        "v0.2.1 cannot be deployed to prod, for 2 reasons",
        "prod runs v0.2.0: healthy",
        "rollback shop v0.2.0 → prod: healthy, by Ada (totals below zero)",
    ] {
        assert!(story.contains(line), "{line}: {story}");
    }
    // Everything that was started has ended.
    for environment in ["staging", "prod"] {
        let place = shop.folder().join("run").join(environment);
        let process = std::fs::read_to_string(place.join("pid")).unwrap();
        let mut tries = 0;
        while Path::new("/proc").join(process.trim()).join("cmdline").exists() && tries < 100 {
            std::thread::sleep(std::time::Duration::from_millis(20));
            tries += 1;
        }
        assert!(tries < 100, "{environment} still runs as {process}");
    }
    // The folder can be used further, as the last lines say.
    shop.rel("ledger verify --format json").json("/ok", true);
    shop.rel("verify v0.2.2 --format json").json("/ok", true);
    shop.rel("status prod --format json").json("/environments/0/version", "0.2.2");
    let run = shop.rel_words(&["rollback", "prod", "--yes", "--reason", "just to see"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    shop.rel("status prod --format json").json("/environments/0/version", "0.2.0");
    // The ledger still knows what v0.1.0 was after its tag was moved.
    shop.git("tag -f v0.1.0 HEAD");
    shop.git("push -q -f origin refs/tags/v0.1.0");
    let run = shop.rel("verify v0.1.0");
    assert_eq!(run.code, 5, "{}", run.stderr);
    let line = run.stdout.lines().find(|line| line.contains("ledger: build commit")).unwrap_or_default();
    assert!(line.contains("expected") && line.contains("found"), "{}", run.stdout);
    let stop = shop.command("sh").args(["-c", "platform/stop prod"]).status().unwrap();
    assert!(stop.success());
}

#[test]
fn a_folder_that_is_not_empty_is_not_changed() {
    let shop = Sandbox::new();
    shop.write("mine", "mine\n");
    let run = shop.rel("demo .");
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("is not empty"), "{}", run.stderr);
    assert!(!shop.folder().join("bin").exists());
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let shop = Sandbox::new();
    let run = shop
        .shell("{ rel demo ../demo 2>../said; echo $? >../code; } | head -3 >/dev/null; cat ../code ../said");
    assert_eq!(run.stdout, "0\n");
}

/// `REL_DOCS=write cargo test demo` updates the README.
#[test]
fn the_readme_shows_what_the_demo_prints() {
    const MARK: &str = "<!-- the demo: ";
    const FENCE: &str = "```console\n";
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let (story, _) = run_demo();
    let text = std::fs::read_to_string(&page).unwrap();
    let mut parts = text.split(MARK);
    let mut next = parts.next().unwrap().to_owned();
    for part in parts {
        let title = part.split(" -->").next().unwrap();
        let begin = part.find(FENCE).unwrap() + FENCE.len();
        let end = begin + part[begin..].find("```").unwrap();
        next = format!("{next}{MARK}{}{}\n{}", &part[..begin], output_of(&story, title), &part[end..]);
    }
    #[expect(clippy::disallowed_methods, reason = "a test has no Context")]
    if std::env::var("REL_DOCS").is_ok_and(|value| value == "write") {
        std::fs::write(&page, &next).unwrap();
    }
    assert!(next.contains(MARK));
    assert_eq!(std::fs::read_to_string(&page).unwrap(), next);
}
