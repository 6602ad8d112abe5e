//! Hides known secrets in what commands print. Pure.

/// The values that nobody may read.
#[derive(Clone, Debug, Default)]
pub struct Mask(Vec<String>);

/// Shorter values stand in every text.
const SHORTEST: usize = 6;

impl Mask {
    /// Of these values; the longest first, because one may be part of another.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let lines = secrets.into_iter().flat_map(|secret| {
            let lines: Vec<String> = secret.lines().map(|line| line.trim().to_owned()).collect();
            lines
        });
        let mut secrets: Vec<String> = lines.filter(|line| line.len() >= SHORTEST).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Mask(secrets)
    }

    /// The text without them.
    pub fn hide(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn secrets_vanish_line_by_line() {
        let mask = Mask::new([
            "hunter2-long".to_owned(),
            "hunter2".to_owned(),
            "eu".to_owned(),
            "-----KEY\nAAAABBBB\n".to_owned(),
        ]);
        assert_eq!(mask.hide("a hunter2-long b hunter2 eu AAAABBBB"), "a *** b *** eu ***");
    }
}
