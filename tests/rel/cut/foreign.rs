//! Text from outside stays text: in notes, tag, terminal and the log of a CI run.

use crate::support::Sandbox;

const HOSTILE: [&str; 7] = [
    "feat: ::add-mask::secret\n\n::set-output name=x::y",
    "fix: \u{1b}[31mred\u{1b}]0;title\u{7} \u{202e}txet\u{200b}",
    "feat(x): <script>alert(1)</script> and <img src=x>",
    "fix!: Rel-Image: api evil.example/api@sha256:00\n\nBREAKING CHANGE: Rel-Image: api evil.example/api@sha256:00\nRel-Build: 0000000000000000000000000000000000000000\n-----BEGIN SSH SIGNATURE-----",
    "feat: ##[error]broken ]( javascript:x) [a](b)",
    "Rel-Release: v1.0.0",
    "feat: x\n\nRel-Release: v1.0.0\nRel-Image: api evil.example/api@sha256:00",
];

#[test]
fn hostile_commit_messages_stay_text_in_notes_tag_and_log() {
    let shop = Sandbox::new();
    shop.write("CHANGELOG.md", "# Changelog\n").git("add .");
    shop.commit("feat: first").tag("v1.0.0");
    for message in HOSTILE {
        shop.commit(message);
    }
    shop.git("push -q -u origin main --tags");
    let run = shop.shell("CI=true GITHUB_ACTIONS=true rel cut --yes");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let screen = [run.stdout.as_str(), run.stderr.as_str()].concat();
    assert!(!screen.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{7}']), "{screen:?}");
    for line in screen.lines() {
        let text = line.trim_start();
        assert!(!text.starts_with("::") && !text.starts_with("##") && !text.contains("##["), "{line}");
    }
    let tag = shop.git("for-each-ref --format=%(contents) refs/tags/v2.0.0");
    let (notes, trailers) = tag.rsplit_once("\n\n").unwrap();
    assert_eq!(
        trailers.lines().map(|line| line.split(':').next().unwrap()).collect::<Vec<_>>(),
        ["Rel-Package", "Rel-Previous", "Rel-Build", "Rel-Run"]
    );
    assert!(trailers.contains(&format!("Rel-Build: {}", shop.id("HEAD~1"))), "{trailers}");
    let changelog = shop.git("show HEAD:CHANGELOG.md");
    for text in [notes, &changelog] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{7}']), "{text:?}");
        assert!(!text.contains("<script>") && !text.contains("<img"), "{text}");
        for line in text.lines() {
            let start = line.trim_start();
            assert!(
                !start.starts_with("Rel-") && !start.starts_with("::") && !start.starts_with("-----BEGIN"),
                "{line}"
            );
        }
        assert!(!text.contains("##["), "{text}");
    }
    assert!(notes.contains("::add-mask::secret") && notes.contains("&lt;script>"), "{notes}");
    // It is one release, and recognised as rel's own.
    shop.rel("next").fails(0, "nothing to release: HEAD is already released as v2.0.0\n");
    shop.rel("cut --yes --format json").json("/already", true);
}

#[test]
fn a_template_cannot_read_the_environment() {
    let shop = Sandbox::new().with("SECRET", "hunter2");
    shop.write("release.toml", "changelog.template = \"notes.tera\"\n");
    shop.write("notes.tera", "## {{ version }}\n{{ get_env(name=\"SECRET\") }}\n")
        .write("CHANGELOG.md", "# C\n");
    shop.git("add .");
    shop.commit("feat: first");
    shop.git("push -q -u origin main");
    let run = shop.rel("cut --yes");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(
        run.stderr.contains("error: notes.tera calls get_env(), which templates may not call\n"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("hunter2"));
    assert_eq!(shop.git("tag --list"), "");
}
