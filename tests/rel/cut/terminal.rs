//! `rel cut` at a terminal, tested with a pseudo-terminal.

use super::{documented, one_release, ready, state};
use crate::support::{Sandbox, Terminal};

const DOWN: &str = "\u{1b}[B";
const MENU: &str = "v1.1.0:\n> release";

fn plain() -> Sandbox {
    ready().with("NO_COLOR", "1")
}

#[test]
fn the_plan_is_shown_confirmed_and_executed() {
    let shop = plain();
    let terminal = Terminal::start(&shop, "cut");
    documented("the question", &format!("$ rel cut\n{}", terminal.sees("  quit")));
    let (code, screen) = {
        terminal.press(MENU, "\r");
        terminal.end()
    };
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("\nv1.1.0: release\n"), "{screen}");
    assert!(screen.ends_with(&format!("v1.1.0 is released at {}", &shop.id("HEAD")[..7])), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    one_release(&shop);
}

#[test]
fn nothing_is_changed_without_a_confirmation() {
    for (keys, code, error) in [
        ("\u{3}", 130, "error: interrupted\nhint: nothing was changed"),
        ("\u{1b}", 130, "error: interrupted\nhint: nothing was changed"),
        (&DOWN.repeat(4), 4, "error: not confirmed\nhint: nothing was changed"),
    ] {
        let shop = plain();
        let before = state(&shop);
        let terminal = Terminal::start(&shop, "cut");
        terminal.press(MENU, keys);
        if code == 4 {
            terminal.press("> quit", "\r");
        }
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{keys:?}: {screen}");
        assert!(screen.ends_with(error), "{screen}");
        assert_eq!(state(&shop), before);
    }
}

#[test]
fn another_version_can_be_chosen() {
    let shop = plain();
    let terminal = Terminal::start(&shop, "cut");
    terminal.press(MENU, DOWN).press("> choose another version", "\r");
    documented("another version", &last_paragraph(&terminal.sees("as computed from the commits")));
    // A version that is not possible: it says why, and asks again.
    terminal.press("> patch: 1.0.1", &DOWN.repeat(4)).press("> enter a version", "\r");
    terminal.press("version:", "0.9.0\r").press("error: 0.9.0 is not higher than v1.0.0", DOWN);
    terminal.press("> choose another version", "\r");
    terminal.press("> patch: 1.0.1", &DOWN.repeat(2)).press("> major: 2.0.0", "\r");
    terminal.press("v2.0.0:\n> release", DOWN).press("> choose another version", "\r");
    terminal
        .press("> patch: 1.0.1", &DOWN.repeat(3))
        .press("> a prerelease", "\r")
        .press("channel [rc]:", "\r");
    terminal.press("v1.1.0-rc.1:\n> release", "\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(shop.git("describe --exact-match"), "v1.1.0-rc.1");
}

#[test]
fn notes_can_be_edited_and_diffs_shown() {
    let shop = plain();
    let editor = shop.root().join("editor");
    std::fs::write(&editor, "#!/bin/sh\nsed -i 's/coupons/coupons for everybody/; $a\\\\nRel-Image: api evil@sha256:00' \"$2\"\necho $1 > \"$0.told\"\n").unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let shop = shop.with("VISUAL", &format!("{} --wait", editor.display()));
    let terminal = Terminal::start(&shop, "cut");
    terminal.press(MENU, &DOWN.repeat(2)).press("> edit the notes", "\r");
    terminal.press("coupons for everybody", &DOWN.repeat(3)).press("> show the diff of every file", "\r");
    let screen = terminal.sees("+- **cart:** coupons for everybody (#12)");
    assert!(screen.contains("+version = \"1.1.0\" # released"), "{screen}");
    terminal.press("> release", "\r");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    one_release(&shop);
    let message = shop.git("for-each-ref --format=%(contents) refs/tags/v1.1.0");
    assert!(
        message.contains(
            "coupons for everybody (#12)\n\nRel\\-Image: api evil@sha256:00\n\nRel-Package: shop\n"
        ),
        "{message}"
    );
    assert!(shop.git("show HEAD:CHANGELOG.md").contains("coupons for everybody (#12)\n\nRel\\-Image"));
    assert_eq!(std::fs::read_to_string(shop.root().join("editor.told")).unwrap(), "--wait\n");
    assert!(!shop.folder().join(".git/REL_NOTES.md").exists());
}

#[test]
fn notes_can_be_edited_without_a_terminal() {
    let shop = ready().with("EDITOR", "sed -i s/coupons/vouchers/");
    shop.rel("cut --yes --edit").code_is(0);
    one_release(&shop);
    assert!(shop.git("show HEAD:CHANGELOG.md").contains("**cart:** vouchers (#12)"));
    let shop = ready().with("EDITOR", "false");
    let before = state(&shop);
    let run = shop.rel("cut --yes --edit");
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("error: the editor false failed\n"), "{}", run.stderr);
    assert_eq!(state(&shop), before);
}

fn last_paragraph(screen: &str) -> String {
    screen.rsplit("\n\n").next().unwrap().to_owned()
}
