//! Compares `rel retag` of twenty images with twenty `skopeo copy --all`, in one run with one registry on this machine:
//! `cargo bench --bench retag`. Only asserts that all of them succeed.

#![expect(clippy::print_stdout, reason = "a benchmark prints its results")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark ends at the first error")]

#[expect(
    dead_code,
    unused_imports,
    reason = "only the registry and the repository of the tests' support code are used"
)]
#[path = "../tests/rel/support/mod.rs"]
mod support;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Registry, Sandbox, layout};

const IMAGES: usize = 20;
const ROUNDS: usize = 7;

fn main() {
    // `cargo test --benches` runs this too, without the flag.
    let bench = std::env::args().any(|word| word == "--bench");
    if !bench {
        return;
    }
    let registry = Registry::open();
    let shop = Sandbox::new();
    let image = |number: usize| {
        format!("[[image]]\nname = \"i{number}\"\nrepository = \"{}/acme/i{number}\"\n", registry.host)
    };
    shop.write("release.toml", &(0..IMAGES).map(image).collect::<String>());
    shop.git("add release.toml");
    shop.commit("feat: first");
    let source = format!("sha-{}", shop.id("HEAD"));
    let built = shop.root().join("built");
    std::fs::create_dir_all(&built).unwrap();
    layout::image(&built, &source, "first", "x");
    for number in 0..IMAGES {
        registry.push(&built, &source, &format!("acme/i{number}:{source}"));
    }
    let (mut rel, mut single, mut together) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let version = format!("v1.0.{round}");
        shop.tag(&version);
        rel.push(timed(|| {
            let run = shop.rel(&format!("-q retag {version}"));
            assert_eq!(run.code, 0, "{}", run.stderr);
        }));
        let copy = |number: usize, tag: &str| -> Child {
            let name = |tag: &str| format!("docker://{}/acme/i{number}:{tag}", registry.host);
            let mut skopeo = Command::new("skopeo");
            skopeo.args([
                "--insecure-policy",
                "copy",
                "--all",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
            ]);
            skopeo.args([name(&source), name(tag)]).stdout(Stdio::null()).spawn().unwrap()
        };
        single.push(timed(|| {
            for number in 0..IMAGES {
                assert!(copy(number, &format!("single-{round}")).wait().unwrap().success());
            }
        }));
        together.push(timed(|| {
            let all: Vec<Child> =
                (0..IMAGES).map(|number| copy(number, &format!("together-{round}"))).collect();
            all.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
        }));
    }
    let rel = median(rel);
    println!("{IMAGES} images of two platforms and five layers, median of {ROUNDS} rounds");
    for (what, time) in [
        ("rel retag", rel),
        ("skopeo copy --all, one after the other", median(single)),
        ("skopeo copy --all, all at once", median(together)),
    ] {
        println!(
            "{what:40} {:7.0} ms  {:5.1} ×",
            time.as_secs_f64() * 1000.0,
            time.as_secs_f64() / rel.as_secs_f64()
        );
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
