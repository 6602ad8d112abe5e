//! Finds the commits that a message reverts: `This reverts commit <hash>`, as git and the forges write it (V19).

/// A reverted commit, as the message quotes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverted {
    /// A full hash, or a prefix of seven digits or more, in lower case.
    pub hash: String,
    /// For a merge: the parent that stays, from `reversing changes made to <hash>`.
    pub mainline: Option<String>,
}

/// Reads the text of one commit, without the parts of a squash.
pub(super) fn read(lines: &[&str]) -> Vec<Reverted> {
    // Forges wrap lines, so the hash may be on the next line.
    let words: Vec<&str> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
    let mut found = Vec::new();
    for (at, window) in words.windows(4).enumerate() {
        let [this, reverts, commit, hash] = window else { continue };
        if !this.eq_ignore_ascii_case("this") || *reverts != "reverts" || *commit != "commit" {
            continue;
        }
        let Some(hash) = hash_of(hash) else { continue };
        // `git revert --reference` describes the commit in parentheses.
        let behind = words.get(at + 4..).unwrap_or_default();
        let named = behind.first().is_some_and(|word| word.starts_with('('));
        let skip = behind
            .iter()
            .position(|word| word.trim_end_matches([',', '.']).ends_with(')'))
            .map_or(0, |end| end + 1);
        let rest = behind.get(if named { skip } else { 0 }..).unwrap_or_default();
        let rest = rest.get(..5).unwrap_or_default();
        let mainline = match rest {
            ["reversing", "changes", "made", "to", mainline] => hash_of(mainline),
            _ => None,
        };
        found.push(Reverted { hash, mainline });
    }
    found
}

/// Returns the hash in a word, without its punctuation.
fn hash_of(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_ascii_hexdigit());
    let long = (7..=40).contains(&word.len());
    (long && word.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn v19_a_description_in_parentheses_is_skipped() {
        let lines = [
            "This reverts commit abcdef0 (Merge branch 'f', 2026-11-20), reversing",
            "changes made to 1234567.",
        ];
        let found = read(&lines);
        assert_eq!((found[0].hash.as_str(), found[0].mainline.as_deref()), ("abcdef0", Some("1234567")));
    }

    #[test]
    fn v19_hashes_of_seven_digits_or_more_are_found() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let reverted = |text: &str| {
            read(&text.lines().collect::<Vec<_>>())
                .into_iter()
                .map(|found| (found.hash, found.mainline))
                .collect::<Vec<_>>()
        };
        assert_eq!(reverted(&format!("This reverts commit {hash}.")), [(hash.to_owned(), None)]);
        assert_eq!(reverted("This reverts commit\n`ABCDEF0`."), [("abcdef0".to_owned(), None)]);
        assert_eq!(
            reverted(&format!("This reverts commit abcdef0, reversing\nchanges made to {hash}.")),
            [("abcdef0".to_owned(), Some(hash.to_owned()))]
        );
        assert_eq!(reverted("This reverts commit abc123."), []);
        assert_eq!(reverted("This reverts commit of yesterday"), []);
        assert_eq!(reverted("Reverts acme/shop#12"), []);
    }
}
