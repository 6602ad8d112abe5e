//! A `git` that kills `rel` at one of its commands, to test what the next run finds.

use super::sandbox::Sandbox;

/// Counts its calls, and at call `$DIE_AT` kills `rel` before or after the command.
const SCRIPT: &str = r#"
count=$(($(cat "$COUNT") + 1)); echo $count > "$COUNT"
if [ "$count" = "$DIE_AT" ] && [ "$DIE" = before ]; then kill -9 $PPID; exit 1; fi
"$REAL_GIT" "$@"; code=$?
if [ "$count" = "$DIE_AT" ] && [ "$DIE" = after ]; then kill -9 $PPID; fi
exit $code
"#;

/// Runs `rel`, which is killed before or after its nth git command (0: never). Returns how many commands there were.
pub fn crashing_git(shop: &Sandbox, words: &str, call: usize, when: &str) -> usize {
    let count = shop.root().join("count");
    std::fs::write(&count, "0\n").unwrap();
    shop.script("git", &format!("COUNT='{}'; DIE_AT={call}; DIE={when}\n{SCRIPT}", count.display()));
    let _ = shop.shell(&format!("rel {words}"));
    shop.remove_scripts();
    std::fs::read_to_string(count).unwrap().trim().parse().unwrap()
}
