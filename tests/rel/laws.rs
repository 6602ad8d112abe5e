//! Properties of any history: rel and git agree about reachability, with and without a commit-graph, even if the dates of
//! commits are wrong.

use crate::support::Sandbox;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

/// A history for fast-import: commits with up to two parents among the earlier ones, any dates, and tags.
#[derive(Clone, Debug)]
struct Shape {
    commits: Vec<(u8, Option<u8>, u16)>,
    tags: Vec<(u8, u8, u8, u8)>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let commit = (any::<u8>(), proptest::option::weighted(0.3, any::<u8>()), any::<u16>());
    let tag = (any::<u8>(), 0..4u8, 0..4u8, 0..4u8);
    (proptest::collection::vec(commit, 1..80), proptest::collection::vec(tag, 0..12))
        .prop_map(|(commits, tags)| Shape { commits, tags })
}

/// How the dates of a history are wrong.
#[derive(Clone, Copy, Debug)]
enum Clocks {
    /// By up to this many seconds.
    Noisy(u16),
    /// Half of the commits were made by a machine whose clock was in 2001.
    LongAgo,
}

impl Shape {
    fn date(&self, place: usize, noise: u16, clocks: Clocks) -> u64 {
        let right = 1_767_225_600 + 600 * place as u64;
        match clocks {
            Clocks::Noisy(skew) => right + u64::from(noise % skew.max(1)),
            Clocks::LongAgo if (self.commits.len() / 4..self.commits.len() * 3 / 4).contains(&place) => {
                1_000_000_000 + u64::from(noise)
            }
            Clocks::LongAgo => right,
        }
    }

    /// Returns the input of fast-import. The last commit is the tip of main; side lines that were not merged are kept by tags.
    fn stream(&self, skew: Clocks) -> String {
        let mut stream = String::new();
        for (place, (first, second, noise)) in self.commits.iter().enumerate() {
            let date = self.date(place, *noise, skew);
            writeln!(stream, "commit refs/heads/work\nmark :{}", place + 1).unwrap();
            writeln!(stream, "author Ada <a@a> {date} +0000\ncommitter Ada <a@a> {date} +0000").unwrap();
            let kind = ["feat", "fix", "chore"][place % 3];
            writeln!(stream, "data <<END\n{kind}: commit {place}\nEND").unwrap();
            if place > 0 {
                let back = |by: u8| place - usize::from(by) % place.min(6);
                let one = back(*first);
                writeln!(stream, "from :{one}").unwrap();
                if let Some(two) = second.map(back).filter(|two| *two != one) {
                    writeln!(stream, "merge :{two}").unwrap();
                }
            }
            stream.push('\n');
        }
        for (place, major, minor, patch) in &self.tags {
            let mark = 1 + usize::from(*place) % self.commits.len();
            writeln!(stream, "reset refs/tags/v{major}.{minor}.{patch}\nfrom :{mark}\n").unwrap();
        }
        writeln!(stream, "reset refs/heads/main\nfrom :{}\n", self.commits.len()).unwrap();
        stream
    }
}

/// Returns the highest final reachable from HEAD and the commits since, according to git.
fn by_git(shop: &Sandbox) -> (Option<String>, Vec<String>) {
    let merged = shop.git("tag --merged HEAD --sort=-v:refname");
    let base = merged.lines().next().map(str::to_owned);
    let range = base.as_ref().map_or_else(|| "HEAD".to_owned(), |base| format!("{base}..HEAD"));
    let mut list: Vec<String> = shop.git(&format!("rev-list {range}")).lines().map(str::to_owned).collect();
    list.sort();
    (base, list)
}

fn by_rel(shop: &Sandbox) -> (Option<String>, Vec<String>) {
    let run = shop.rel("next --initial --bump major --format json --offline");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    if json["schema"] == "rel.error/1" {
        // The version exists on a side line (V3), but the base is still known.
        let current = shop.rel("current --offline --format json");
        let current: serde_json::Value = serde_json::from_str(&current.stdout).unwrap();
        return (current["tag"].as_str().map(str::to_owned), Vec::new());
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut list: Vec<String> =
        json["commits"].as_array().unwrap().iter().map(|commit| text(&commit["id"])).collect();
    list.sort();
    (json["current_tag"].as_str().map(str::to_owned), list)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rel_and_git_agree_about_reachability(shape in shape(), skew in prop_oneof![Just(Clocks::Noisy(1)), Just(Clocks::Noisy(60_000)), Just(Clocks::LongAgo)]) {
        let shop = Sandbox::new();
        let mut import = shop.command("git").args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        import.stdin.take().unwrap().write_all(shape.stream(skew).as_bytes()).unwrap();
        prop_assert!(import.wait().unwrap().success());
        shop.git("symbolic-ref HEAD refs/heads/main");
        let expected = by_git(&shop);
        for graph in [false, true] {
            if graph {
                shop.git("commit-graph write --reachable");
            }
            let found = by_rel(&shop);
            prop_assert_eq!(&found.0, &expected.0, "base, graph: {}", graph);
            if !found.1.is_empty() {
                prop_assert_eq!(&found.1, &expected.1, "range, graph: {}", graph);
            }
        }
    }
}
