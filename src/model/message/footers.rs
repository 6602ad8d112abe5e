//! Footers and phrases of a message body that release notes quote: what breaks, which issues are closed, who also wrote it.

use super::Message;

/// Words that close an issue when its number follows (GitHub and GitLab).
const CLOSING: [&str; 9] =
    ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

impl Message {
    /// The text of the first `BREAKING CHANGE:` footer, its continuation lines joined by spaces.
    pub fn breaking_change(&self) -> Option<String> {
        let mut lines = self.body.lines().map(str::trim_end);
        let first = lines.find_map(|line| {
            ["BREAKING CHANGE: ", "BREAKING-CHANGE: "].iter().find_map(|key| line.strip_prefix(key))
        })?;
        let is_footer = |line: &str| {
            line.split_once(": ").is_some_and(|(key, _)| {
                !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        let more = lines.take_while(|line| !line.is_empty() && !is_footer(line));
        Some(std::iter::once(first).chain(more).map(str::trim).collect::<Vec<_>>().join(" "))
    }

    /// The numbers of the issues that the body closes, each once, in order.
    pub fn closed_issues(&self) -> Vec<&str> {
        let words: Vec<&str> = self
            .body
            .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';'))
            .filter(|word| !word.is_empty())
            .collect();
        let mut found: Vec<&str> = Vec::new();
        for pair in words.windows(2) {
            let closing = CLOSING.contains(&pair[0].to_ascii_lowercase().as_str());
            let digits = pair[1].strip_prefix('#').map(|rest| rest.trim_end_matches(['.', ')']));
            if let Some(digits) = digits.filter(|digits| closing && is_issue_number(digits))
                && !found.contains(&digits)
            {
                found.push(digits);
            }
        }
        found
    }

    /// Names and addresses in `Co-authored-by` trailers, in order.
    pub fn co_authors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.body.lines().filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            let value = key.trim().eq_ignore_ascii_case("co-authored-by").then_some(value)?;
            let (name, rest) = value.split_once('<')?;
            Some((name.trim(), rest.split('>').next()?.trim()))
        })
    }
}

fn is_issue_number(text: &str) -> bool {
    (1..12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Message;

    fn with_body(body: &str) -> Message {
        Message { body: body.to_owned(), ..Message::default() }
    }

    #[test]
    fn a_breaking_change_footer_includes_its_continuation_lines() {
        let body = "Why.\n\nBREAKING CHANGE: the key is gone;\nset `b` instead\nCloses #12\nReviewed-by: Ada";
        let text = with_body(body).breaking_change();
        assert_eq!(text.as_deref(), Some("the key is gone; set `b` instead Closes #12"));
        assert_eq!(with_body("BREAKING-CHANGE: x\nRefs: #1").breaking_change().as_deref(), Some("x"));
        assert_eq!(with_body("breaking").breaking_change(), None);
    }

    #[test]
    fn closing_words_name_issues() {
        let message = with_body("Fixes #1, resolves: #2.\nRefs #3, closes #x closes #1 Closed #44)");
        assert_eq!(message.closed_issues(), ["1", "2", "44"]);
    }
}
