//! Commit messages as people write them, from a fixed sequence of numbers.

/// Pseudo-random numbers that are the same every time (the upper half of Knuth's MMIX generator).
pub(crate) struct Dice(u64);

impl Dice {
    /// Begins the sequence.
    pub(crate) fn new() -> Self {
        Dice(2026)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides.max(1))).unwrap_or(0)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let place = self.below(u32::try_from(words.len()).unwrap_or(1)) as usize;
        words.get(place).copied().unwrap_or_default()
    }
}

/// Each about as often as people use it.
const TYPES: [&str; 20] = [
    "fix", "fix", "fix", "fix", "fix", "feat", "feat", "feat", "chore", "chore", "chore", "chore", "docs",
    "docs", "refactor", "refactor", "test", "ci", "build", "perf",
];
const SCOPES: [&str; 8] = ["", "", "", "(api)", "(cli)", "(deps)", "(parser)", "(web)"];
const WORDS: [&str; 32] = [
    "the",
    "cache",
    "of",
    "tokens",
    "when",
    "a",
    "request",
    "is",
    "cancelled",
    "before",
    "its",
    "body",
    "was",
    "read",
    "so",
    "that",
    "retries",
    "do",
    "not",
    "send",
    "it",
    "twice",
    "and",
    "errors",
    "name",
    "file",
    "line",
    "again",
    "under",
    "load",
    "in",
    "tests",
];

/// Returns a message: mostly only a subject, sometimes with a body or footers.
pub(crate) fn message(dice: &mut Dice) -> String {
    let mut text = if dice.below(25) == 0 {
        "Update ".to_owned()
    } else {
        let breaking = if dice.below(400) == 0 { "!" } else { "" };
        format!("{}{}{breaking}: ", dice.pick(&TYPES), dice.pick(&SCOPES))
    };
    let length = 4 + dice.below(5);
    sentence(dice, length, &mut text);
    if dice.below(10) < 4 {
        text.push('\n');
        for _ in 0..=dice.below(5) {
            text.push('\n');
            sentence(dice, 12, &mut text);
        }
    }
    if dice.below(5) == 0 {
        let reviewer = dice.below(40);
        text.push_str(&format!("\n\nReviewed-by: Author {reviewer} <author{reviewer}@example.org>"));
    }
    text.push('\n');
    text
}

fn sentence(dice: &mut Dice, words: u32, text: &mut String) {
    for place in 0..words {
        if place > 0 {
            text.push(' ');
        }
        text.push_str(dice.pick(&WORDS));
    }
}
