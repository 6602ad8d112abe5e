//! A misbehaving registry: every row of the table in docs/registries.md.

use super::Shop;
use crate::support::registry::{PASSWORD, USER};
use crate::support::{Fault, Proxy, Registry, layout};

/// A row of the table, and how to reproduce it.
struct Case {
    what: &'static str,
    outcome: &'static str,
    code: i32,
    /// The method of the requests that go wrong, how many of them, and how.
    rule: (&'static str, usize, Fault),
}

const HTML: &str = "content-type: text/html\r\n";
const LIE: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

const CASES: [Case; 22] = [
    Case {
        what: "429 with `Retry-After: 1`",
        outcome: "waits one second and retries",
        code: 0,
        rule: ("HEAD", 1, Fault::Answer(429, "retry-after: 1\r\n", "")),
    },
    Case {
        what: "429 with a `Retry-After` beyond the deadline",
        outcome: "stops at once and prints the wait that the registry asks for",
        code: 6,
        rule: ("HEAD", 1, Fault::Answer(429, "retry-after: 3600\r\n", "")),
    },
    Case {
        what: "429 with a date in `Retry-After`",
        outcome: "waits until then, by the clock of the registry (its `Date`)",
        code: 0,
        rule: (
            "HEAD",
            1,
            Fault::Answer(
                429,
                "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:39 GMT\r\n",
                "",
            ),
        ),
    },
    Case {
        what: "429 with a date in `Retry-After` beyond the deadline",
        outcome: "stops at once",
        code: 6,
        rule: (
            "HEAD",
            1,
            Fault::Answer(
                429,
                "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 09:49:37 GMT\r\n",
                "",
            ),
        ),
    },
    Case {
        what: "503 twice",
        outcome: "retries with growing pauses",
        code: 0,
        rule: ("GET", 2, Fault::Answer(503, "", "")),
    },
    Case {
        what: "503 every time",
        outcome: "stops after six attempts",
        code: 6,
        rule: ("GET", 99, Fault::Answer(503, "", "busy")),
    },
    Case {
        what: "503 twice for the `PUT`",
        outcome: "looks up the tag, then retries",
        code: 0,
        rule: ("PUT", 2, Fault::Answer(503, "", "")),
    },
    Case {
        what: "connection lost before the response to a `GET`",
        outcome: "retries",
        code: 0,
        rule: ("GET", 2, Fault::CutBefore),
    },
    Case {
        what: "connection lost before the `PUT` arrived",
        outcome: "looks up the tag, then puts it again",
        code: 0,
        rule: ("PUT", 1, Fault::CutBefore),
    },
    Case {
        what: "connection lost after the `PUT` arrived",
        outcome: "looks up the tag, and is done",
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
        what: "new token rejected as well",
        outcome: "prints whose credentials are not accepted",
        code: 6,
        rule: ("PUT", 99, Fault::Stranger),
    },
    Case {
        what: "no digest header for the `GET`",
        outcome: "computes the digest",
        code: 0,
        rule: ("GET", 1, Fault::Without("docker-content-digest")),
    },
    Case {
        what: "no digest header for the `PUT`",
        outcome: "looks up the tag and compares",
        code: 0,
        rule: ("PUT", 1, Fault::Without("docker-content-digest")),
    },
    Case {
        what: "wrong digest header for the `GET`",
        outcome: "does not put anything",
        code: 6,
        rule: ("GET", 1, Fault::With("docker-content-digest", LIE)),
    },
    Case {
        what: "wrong digest header for the `PUT`",
        outcome: "prints the digests that were sent and received",
        code: 6,
        rule: ("PUT", 1, Fault::With("docker-content-digest", LIE)),
    },
    Case {
        what: "digest header that is not a digest",
        outcome: "quotes it",
        code: 6,
        rule: ("GET", 1, Fault::With("docker-content-digest", "latest")),
    },
    Case {
        what: "web page instead of a manifest",
        outcome: "does not put anything",
        code: 6,
        rule: ("GET", 1, Fault::Answer(200, HTML, "<html>log in</html>")),
    },
    Case {
        what: "endless response",
        outcome: "stops reading at 4 MiB",
        code: 6,
        rule: ("GET", 1, Fault::Endless(5 << 20)),
    },
    Case {
        what: "403 for the `HEAD`",
        outcome: "does not take it for a missing tag, does not put anything",
        code: 6,
        rule: ("HEAD", 1, Fault::Answer(403, "", "")),
    },
    Case {
        what: "circular redirect",
        outcome: "follows five redirects",
        code: 6,
        rule: ("GET", 99, Fault::Answer(307, "location: .\r\n", "")),
    },
    Case {
        what: "no response at all",
        outcome: "stops at the deadline",
        code: 6,
        rule: ("GET", 99, Fault::Hang),
    },
];

#[test]
fn every_fault_has_the_documented_outcome() {
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
    // The cases mostly wait, so they run in parallel.
    std::thread::scope(|scope| {
        for (number, (case, (proxy, shop))) in CASES.iter().zip(prepared).enumerate() {
            let registry = &registry;
            scope.spawn(move || run_case(registry, case, &proxy, shop, &format!("1.0.{number}")));
        }
    });
}

fn run_case(registry: &Registry, case: &Case, proxy: &Proxy, shop: Shop, version: &str) {
    let sandbox = shop.sandbox.with("REL_REGISTRY_USER", USER).with("REL_REGISTRY_PASSWORD", PASSWORD);
    let (method, times, fault) = case.rule.clone();
    proxy.breaks(method, "", times, fault);
    let run = sandbox.rel(&format!("retag {version} --deadline 15s"));
    assert_eq!(run.code, case.code, "{}: {}", case.what, run.stderr);
    let puts = proxy.requests().iter().filter(|request| request.starts_with("PUT")).count();
    if case.outcome.contains("does not put anything") {
        assert_eq!(puts, 0, "{}", case.what);
    }
    if case.what.ends_with("beyond the deadline") {
        assert!(run.stderr.contains("asks to retry in 3600 s"), "{}: {}", case.what, run.stderr);
        assert_eq!(proxy.requests().len(), 1, "{}", case.what);
    }
    if case.outcome == "looks up the tag, and is done" {
        assert_eq!(puts, 1, "{}", case.what);
    }
    if case.code == 0 {
        let tag = format!("acme/shop-api:v{version}");
        assert_eq!(registry.raw(&tag), registry.raw(&format!("acme/shop-api:sha-{}", shop.commit)));
    }
}

#[test]
fn a_refused_put_succeeds_if_the_tag_has_the_digest() {
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
        for (current, code) in [("same", 0), ("other", 5), ("none", 6)] {
            let proxy = Proxy::before(&registry.host);
            let shop = Shop::new(&proxy.host, "");
            // Each case has its own repository.
            let path = format!("acme/{current}-{status}");
            let text = format!(
                "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"{}/{path}\"\n",
                proxy.host
            );
            shop.sandbox.write("release.toml", &text).tag("v1.4.0");
            let tag = format!("sha-{}", shop.commit);
            registry.push(&shop.built(), &tag, &format!("{path}:{tag}"));
            if current == "same" {
                registry.push(&shop.built(), &tag, &format!("{path}:v1.4.0"));
            } else if current == "other" {
                layout::image(&shop.built(), "other", "other", "x");
                registry.push(&shop.built(), "other", &format!("{path}:v1.4.0"));
            }
            // The tag does not exist when it is looked up first, as if someone else created it right after.
            proxy.breaks("HEAD", "v1.4.0", 1, Fault::Answer(404, "", ""));
            proxy.breaks(
                "PUT",
                "v1.4.0",
                1,
                Fault::Answer(status, "content-type: application/json\r\n", body),
            );
            let run = shop.sandbox.rel("retag v1.4.0");
            assert_eq!(run.code, code, "{status} {current}: {}", run.stderr);
            let explained =
                run.stderr.contains("already tagged") || run.stderr.contains("immutable") || body.is_empty();
            assert!(explained, "{}", run.stderr);
        }
    }
}
