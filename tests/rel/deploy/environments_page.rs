//! Runs the sessions of `docs/environments.md` one after the other and compares their output.
//! `REL_DOCS=write cargo test environments_page` updates the page.

use crate::support::Sandbox;
use std::path::Path;

const CONFIG: &str = "name = \"shop\"\n[environment.staging]\ndeploy = [\"./bring\", \"{version}\"]\n\
    [environment.prod]\naccept = \"final\"\nfrom = \"staging\"\ndeploy = [\"./bring\", \"{version}\"]\nverify = [\"./smoke\"]\n";

/// Returns a shop in whose prod v1.2.2 ran for days, and v1.3.0 was deployed minutes ago.
fn incident() -> Sandbox {
    let shop = Sandbox::new();
    shop.write("release.toml", CONFIG);
    for name in ["bring", "smoke"] {
        shop.write(name, "#!/bin/sh\nexit 0\n");
        std::fs::set_permissions(
            shop.folder().join(name),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
    }
    shop.git("add .");
    shop.commit("feat: carts");
    shop.git_words(&["tag", "-a", "-m", "1.2.2", "v1.2.2"]);
    shop.commit("feat: coupons").commit("fix: round prices");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main --tags");
    for (time, words) in [
        ("2026-11-17T10:00:00Z", "deploy staging v1.2.2"),
        ("2026-11-17T11:00:00Z", "deploy prod v1.2.2"),
        ("2026-11-20T02:40:00Z", "deploy staging v1.3.0"),
        ("2026-11-20T02:50:00Z", "deploy prod v1.3.0"),
    ] {
        shop.shell(&format!("REL_NOW={time} rel {words} -q")).code_is(0);
    }
    shop
}

#[test]
fn the_sessions_of_the_environments_page_are_what_is_printed() {
    #[expect(clippy::disallowed_methods, reason = "a test has no Context")]
    let write = std::env::var("REL_DOCS").is_ok_and(|value| value == "write");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/environments.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (shop, mut updated, mut rest) = (incident(), String::new(), text.as_str());
    while let Some(at) = rest.find("<!-- session at ") {
        let (before, session) = rest.split_at(at);
        let time = session["<!-- session at ".len()..].split(' ').next().unwrap();
        let begin = session.find("```console\n").unwrap() + "```console\n".len();
        let end = begin + session[begin..].find("```").unwrap();
        let mut printed = String::new();
        for command in session[begin..end].lines().filter_map(|line| line.strip_prefix("$ ")) {
            let run = shop.shell(&format!("export REL_NOW={time} COLUMNS=80; {command} 2>&1"));
            printed.push_str(&format!("$ {command}\n{}", run.stdout));
        }
        updated.push_str(before);
        updated.push_str(&session[..begin]);
        updated.push_str(&printed);
        rest = &session[end..];
    }
    updated.push_str(rest);
    if write {
        std::fs::write(&page, updated).unwrap();
    } else {
        snapbox::assert_data_eq!(text, updated);
    }
}
