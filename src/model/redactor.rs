//! The one place that hides secrets in text: values that are registered with a `Redactor`, and user information in URLs.

use super::secret_shapes::REPLACEMENT;
use super::{Digest, Version};
use crate::error::{Details, Error};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

/// Shorter values are not hidden, in bytes: they occur in ordinary words.
const MIN_SECRET_LENGTH: usize = 6;

/// The secrets that no output may contain.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: RefCell<Vec<String>>,
}

/// Prints how many secrets there are, never the secrets.
impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.secrets.borrow().len())
    }
}

impl Redactor {
    /// Returns a redactor of these secrets.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let redactor = Redactor::default();
        secrets.into_iter().for_each(|secret| redactor.register(&secret));
        redactor
    }

    /// Adds a secret. A secret of several lines is hidden line by line, because output is read so. A version or a digest is
    /// none, whatever the variable is called: hidden, it would be missing from every answer.
    pub fn register(&self, secret: &str) {
        let mut secrets = self.secrets.borrow_mut();
        let hidden = |line: &&str| line.len() >= MIN_SECRET_LENGTH && !is_version_or_digest(line);
        for line in secret.lines().map(str::trim).filter(hidden) {
            if !secrets.iter().any(|known| known == line) {
                secrets.push(line.to_owned());
            }
        }
    }

    /// Shows from now on what is public after all, such as the hash of a commit in a variable for a cache.
    pub fn forget(&self, is_public: &dyn Fn(&str) -> bool) {
        self.secrets.borrow_mut().retain(|secret| !is_public(secret));
    }

    /// Adds the secrets of another redactor.
    pub fn register_all(&self, other: &Redactor) {
        other.secrets.borrow().iter().for_each(|secret| self.register(secret));
    }

    /// Returns the text with every secret replaced.
    pub fn redact(&self, text: &str) -> String {
        if self.secrets.borrow().is_empty() {
            return text.to_owned();
        }
        let (mut stream, mut redacted) = (self.stream(), Vec::with_capacity(text.len()));
        stream.push(text.as_bytes(), &mut redacted);
        stream.finish(&mut redacted);
        String::from_utf8_lossy(&redacted).into_owned()
    }

    /// Returns the error with every secret in its message, causes and hints replaced.
    pub fn redact_error(&self, error: Error) -> Error {
        let all = |texts: Vec<String>| texts.iter().map(|text| self.redact(text)).collect();
        Error {
            message: self.redact(&error.message),
            causes: all(error.causes),
            hints: all(error.hints),
            details: match error.details {
                Details::Errors(errors) => {
                    Details::Errors(errors.into_iter().map(|error| self.redact_error(error)).collect())
                }
                // Excerpts are of files in the repository.
                other => other,
            },
            ..error
        }
    }

    /// Begins to redact a text that arrives in pieces, with the secrets that are registered now.
    pub fn stream(&self) -> RedactionStream {
        let secrets: Vec<Vec<u8>> =
            self.secrets.borrow().iter().map(|secret| secret.as_bytes().to_vec()).collect();
        let longest = secrets.iter().map(Vec::len).max().unwrap_or(0);
        RedactionStream { secrets, longest, pending: Vec::new(), covered: 0 }
    }
}

/// Returns whether a value is `1.2.3`, `v1.2.3` or `sha256:…`.
fn is_version_or_digest(value: &str) -> bool {
    Version::parse(value.strip_prefix('v').unwrap_or(value)).is_some() || Digest::parse(value).is_some()
}

/// Redacts a text that arrives in pieces: a secret that is split between two pieces is found all the same.
pub struct RedactionStream {
    secrets: Vec<Vec<u8>>,
    longest: usize,
    /// What has arrived and may be the beginning of a secret.
    pending: Vec<u8>,
    /// How many bytes at the beginning of `pending` belong to a secret that was replaced already.
    covered: usize,
}

impl RedactionStream {
    /// Takes the next piece, and appends to `output` all that is certain by now.
    pub fn push(&mut self, piece: &[u8], output: &mut Vec<u8>) {
        self.pending.extend_from_slice(piece);
        let certain = (self.pending.len() + 1).saturating_sub(self.longest.max(1));
        self.advance(certain, output);
    }

    /// Appends the rest: nothing more arrives that could complete a secret.
    pub fn finish(&mut self, output: &mut Vec<u8>) {
        self.advance(self.pending.len(), output);
    }

    /// Redacts the first `count` bytes of what is pending.
    fn advance(&mut self, count: usize, output: &mut Vec<u8>) {
        for at in 0..count {
            let rest = &self.pending[at..];
            let matches = self.secrets.iter().filter(|secret| rest.starts_with(secret));
            if let Some(length) = matches.map(Vec::len).max() {
                if at >= self.covered {
                    output.extend_from_slice(REPLACEMENT.as_bytes());
                }
                self.covered = self.covered.max(at + length);
            }
            if at >= self.covered {
                output.push(rest[0]);
            }
        }
        self.pending.drain(..count);
        self.covered = self.covered.saturating_sub(count);
    }
}

/// Replaces user name and password in URLs, which git quotes in its messages: `https://user:secret@host` becomes
/// `https://***@host`.
pub(super) fn redact_urls(text: &str) -> Cow<'_, str> {
    if !text.contains("://") || !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        redacted.push_str(head);
        let authority =
            tail.find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(tail.len());
        rest = match tail[..authority].rfind('@') {
            Some(end) => {
                redacted.push_str(REPLACEMENT);
                &tail[end..]
            }
            None => tail,
        };
    }
    redacted.push_str(rest);
    Cow::Owned(redacted)
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn registered_secrets_are_replaced_line_by_line() {
        let redactor = Redactor::new([
            "hunter2-long".to_owned(),
            "hunter2".to_owned(),
            "eu".to_owned(),
            "-----KEY\nAAAABBBB\n".to_owned(),
        ]);
        assert_eq!(redactor.redact("a hunter2-long b hunter2 eu AAAABBBB"), "a *** b *** eu ***");
        assert_eq!(format!("{redactor:?}"), "Redactor(4 secrets)");
    }

    #[test]
    fn versions_digests_and_what_is_public_stay_readable() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let values = ["v0.3.0", "1.2.3-rc.1", &digest, commit, "hunter2-long"];
        let redactor = Redactor::new(values.map(str::to_owned));
        let text = format!("v0.3.0 1.2.3-rc.1 {digest}");
        assert_eq!(redactor.redact(&text), text);
        assert_eq!(redactor.redact(commit), "***");
        redactor.forget(&|secret| secret == commit);
        assert_eq!(redactor.redact(&format!("{commit} hunter2-long")), format!("{commit} ***"));
    }

    #[test]
    fn secrets_that_overlap_are_replaced_wholly() {
        let redactor = Redactor::new(["abcdef".to_owned(), "defghijk".to_owned(), "aaaaaa".to_owned()]);
        assert_eq!(redactor.redact("-abcdefghijk-"), "-***-");
        assert_eq!(redactor.redact("-abcdefabcdef-"), "-******-");
        assert_eq!(redactor.redact("-aaaaaaaaa-"), "-***-");
    }

    #[test]
    fn a_secret_is_found_wherever_the_pieces_of_a_text_are_cut() {
        let redactor = Redactor::new(["sesame-open".to_owned(), "open-door".to_owned()]);
        let text = "ü sesame-open-door sesame- ü";
        for first in 0..text.len() {
            for second in first..text.len() {
                let (mut stream, mut output) = (redactor.stream(), Vec::new());
                let bytes = text.as_bytes();
                for piece in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                    stream.push(piece, &mut output);
                }
                stream.finish(&mut output);
                assert_eq!(String::from_utf8(output).unwrap(), "ü *** sesame- ü", "{first}, {second}");
            }
        }
    }
}
