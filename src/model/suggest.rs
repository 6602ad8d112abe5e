//! Finds the known name that somebody probably meant.

/// How many known names are compared.
const MAX_COMPARED: usize = 5_000;
/// How many characters of a name are compared.
const MAX_LENGTH: usize = 60;

/// Returns the known name that `typed` is probably a misspelling of. Upper case and `-` for `_` are not counted as
/// mistakes; apart from them at most a third of the characters may differ.
pub fn suggest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain =
        |text: &str| text.chars().take(MAX_LENGTH).collect::<String>().to_lowercase().replace('-', "_");
    let typed = plain(typed);
    let (distance, best) = known
        .into_iter()
        .take(MAX_COMPARED)
        .map(|known| (strsim::damerau_levenshtein(&typed, &plain(known)), known))
        .min_by_key(|(distance, _)| *distance)?;
    let longest = typed.chars().count().max(best.chars().count());
    (distance <= (longest / 3).max(1) && distance < longest).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn the_suggestion_is_a_typing_mistake_away() {
        let known = ["bump", "tag", "initial", "rollback_on_failure"];
        assert_eq!(suggest("bumps", known), Some("bump"));
        assert_eq!(suggest("tga", known), Some("tag"));
        assert_eq!(suggest("Rollback-On-Failure", known), Some("rollback_on_failure"));
        assert_eq!(suggest("x", known), None);
        assert_eq!(suggest("", known), None);
        assert_eq!(suggest(&"tag".repeat(100_000), known), None);
    }
}
