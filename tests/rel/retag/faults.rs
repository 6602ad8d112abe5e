//! A registry that is broken in every way that was thought of: what comes of it, as docs/registries.md tells.

use super::Shop;
use crate::support::registry::{PASSWORD, USER};
use crate::support::{Fault, Proxy, Registry, layout};

/// A fault, what is said to come of it, and the exit code.
struct Case {
    what: &'static str,
    outcome: &'static str,
    code: i32,
    /// Which requests are broken, how many of them, and how.
    rule: (&'static str, usize, Fault),
}

const HTML: &str = "content-type: text/html\r\n";
const LIE: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

const CASES: [Case; 20] = [
    Case {
        what: "429 with `Retry-After: 1`",
        outcome: "waits as told, then goes on",
        code: 0,
        rule: ("HEAD", 1, Fault::Answer(429, "retry-after: 1\r\n", "")),
    },
    Case {
        what: "429 with a `Retry-After` beyond the deadline",
        outcome: "ends at once and says how long it would be",
        code: 6,
        rule: ("HEAD", 1, Fault::Answer(429, "retry-after: 3600\r\n", "")),
    },
    Case {
        what: "503 twice",
        outcome: "tries again with growing pauses",
        code: 0,
        rule: ("GET", 2, Fault::Answer(503, "", "")),
    },
    Case {
        what: "503 for ever",
        outcome: "gives up after six tries",
        code: 6,
        rule: ("GET", 99, Fault::Answer(503, "", "busy")),
    },
    Case {
        what: "503 twice at the `PUT`",
        outcome: "looks whether it arrived, then tries again",
        code: 0,
        rule: ("PUT", 2, Fault::Answer(503, "", "")),
    },
    Case {
        what: "connection cut before the answer to a `GET`",
        outcome: "tries again",
        code: 0,
        rule: ("GET", 2, Fault::CutBefore),
    },
    Case {
        what: "connection cut before the `PUT` arrived",
        outcome: "looks, and puts it again",
        code: 0,
        rule: ("PUT", 1, Fault::CutBefore),
    },
    Case {
        what: "connection cut after the `PUT` arrived",
        outcome: "looks, and is done",
        code: 0,
        rule: ("PUT", 1, Fault::CutAfter),
    },
    Case {
        what: "token expired between `GET` and `PUT`",
        outcome: "fetches one new token",
        code: 0,
        rule: ("PUT", 1, Fault::Stranger),
    },
    Case {
        what: "token not accepted again and again",
        outcome: "says whose credentials are not accepted",
        code: 6,
        rule: ("PUT", 99, Fault::Stranger),
    },
    Case {
        what: "no digest header at the `GET`",
        outcome: "computes it",
        code: 0,
        rule: ("GET", 1, Fault::Without("docker-content-digest")),
    },
    Case {
        what: "no digest header at the `PUT`",
        outcome: "asks for the tag and compares",
        code: 0,
        rule: ("PUT", 1, Fault::Without("docker-content-digest")),
    },
    Case {
        what: "wrong digest header at the `GET`",
        outcome: "puts nothing",
        code: 6,
        rule: ("GET", 1, Fault::With("docker-content-digest", LIE)),
    },
    Case {
        what: "wrong digest header at the `PUT`",
        outcome: "says what was sent and what was taken",
        code: 6,
        rule: ("PUT", 1, Fault::With("docker-content-digest", LIE)),
    },
    Case {
        what: "a digest header that is none",
        outcome: "quotes it",
        code: 6,
        rule: ("GET", 1, Fault::With("docker-content-digest", "latest")),
    },
    Case {
        what: "a web page in the place of a manifest",
        outcome: "puts nothing",
        code: 6,
        rule: ("GET", 1, Fault::Answer(200, HTML, "<html>log in</html>")),
    },
    Case {
        what: "an answer without end",
        outcome: "stops reading at 4 MiB",
        code: 6,
        rule: ("GET", 1, Fault::Endless(5 << 20)),
    },
    Case {
        what: "403 at the `HEAD`",
        outcome: "is not taken for absent, puts nothing",
        code: 6,
        rule: ("HEAD", 1, Fault::Answer(403, "", "")),
    },
    Case {
        what: "a redirect in a circle",
        outcome: "follows five",
        code: 6,
        rule: ("GET", 99, Fault::Answer(307, "location: .\r\n", "")),
    },
    Case {
        what: "no answer at all",
        outcome: "ends at the deadline",
        code: 6,
        rule: ("GET", 99, Fault::Hang),
    },
];

#[test]
fn every_fault_has_the_outcome_that_the_manual_tells() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/registries.md")).unwrap();
    let registry = Registry::with_tokens();
    for case in &CASES {
        let line = format!("| {} | {} | {} |", case.what, case.outcome, case.code);
        assert!(manual.contains(&line), "docs/registries.md lacks: {line}");
    }
    let prepared: Vec<(Proxy, Shop)> = (0..CASES.len())
        .map(|number| {
            let proxy = Proxy::before(&registry.host);
            let shop = Shop::new(&proxy.host, "").released(&registry, &format!("1.0.{number}"));
            (proxy, shop)
        })
        .collect();
    // Most of the time is waiting, so all wait together.
    std::thread::scope(|scope| {
        for (number, (case, (proxy, shop))) in CASES.iter().zip(prepared).enumerate() {
            let registry = &registry;
            scope.spawn(move || play(registry, case, &proxy, shop, &format!("1.0.{number}")));
        }
    });
}

fn play(registry: &Registry, case: &Case, proxy: &Proxy, shop: Shop, version: &str) {
    let sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", PASSWORD);
    let (method, times, fault) = case.rule.clone();
    proxy.breaks(method, "", times, fault);
    let run = sandbox.rel(&format!("retag {version} --deadline 15s"));
    assert_eq!(run.code, case.code, "{}: {}", case.what, run.stderr);
    let puts = proxy.requests().iter().filter(|request| request.starts_with("PUT")).count();
    if case.outcome.contains("nothing") {
        assert_eq!(puts, 0, "{}", case.what);
    }
    if case.outcome == "looks, and is done" {
        assert_eq!(puts, 1, "{}", case.what);
    }
    if case.code == 0 {
        let tag = format!("acme/shop-api:v{version}");
        assert_eq!(registry.raw(&tag), registry.raw(&format!("acme/shop-api:sha-{}", shop.commit)));
    }
}

#[test]
fn immutable_tags_of_every_registry() {
    let registry = Registry::open();
    for (status, body) in [
        (
            400,
            r#"{"errors":[{"code":"TAG_INVALID","message":"The image tag 'v1.4.0' already exists and is immutable"}]}"#,
        ),
        (403, r#"{"errors":[{"code":"DENIED","message":"tag is immutable"}]}"#),
        (409, ""),
        (412, r#"{"errors":[{"code":"PRECONDITION","message":"configured as immutable"}]}"#),
    ] {
        for (there, code) in [("same", 0), ("other", 5), ("none", 6)] {
            let proxy = Proxy::before(&registry.host);
            let shop = Shop::new(&proxy.host, "");
            // A repository of its own for every case.
            let path = format!("acme/{there}-{status}");
            let text = format!(
                "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"{}/{path}\"\n",
                proxy.host
            );
            shop.sandbox.write("release.toml", &text).tag("v1.4.0");
            let tag = format!("sha-{}", shop.commit);
            registry.push(&shop.built(), &tag, &format!("{path}:{tag}"));
            if there == "same" {
                registry.push(&shop.built(), &tag, &format!("{path}:v1.4.0"));
            } else if there == "other" {
                layout::image(&shop.built(), "other", "other", "x");
                registry.push(&shop.built(), "other", &format!("{path}:v1.4.0"));
            }
            // Somebody else was faster: the tag was free when it was looked at.
            proxy.breaks("HEAD", "v1.4.0", 1, Fault::Answer(404, "", ""));
            proxy.breaks(
                "PUT",
                "v1.4.0",
                1,
                Fault::Answer(status, "content-type: application/json\r\n", body),
            );
            let run = shop.sandbox.rel("retag v1.4.0");
            assert_eq!(run.code, code, "{status} {there}: {}", run.stderr);
            let told =
                run.stderr.contains("already tagged") || run.stderr.contains("immutable") || body.is_empty();
            assert!(told, "{}", run.stderr);
        }
    }
}
