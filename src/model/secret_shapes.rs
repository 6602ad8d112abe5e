//! What looks like a secret without being known as one: names of variables, and the shapes of well-known tokens.

use std::borrow::Cow;

/// What is printed in place of a secret.
pub(super) const REPLACEMENT: &str = "***";

/// A token that is recognised by how it begins.
struct Shape {
    prefix: &'static str,
    /// The characters that may follow, beside ASCII letters and digits.
    others: &'static str,
    /// How many characters must follow.
    least: usize,
}

const fn shape(prefix: &'static str, others: &'static str, least: usize) -> Shape {
    Shape { prefix, others, least }
}

/// GitHub, GitLab, Slack, AWS, npm, JSON web tokens, Docker, PyPI, Google, Stripe, Vault, DigitalOcean.
const SHAPES: [Shape; 32] = [
    shape("ghp_", "", 8),
    shape("gho_", "", 8),
    shape("ghu_", "", 8),
    shape("ghs_", "", 8),
    shape("ghr_", "", 8),
    shape("github_pat_", "_", 8),
    shape("glpat-", "-_.", 8),
    shape("gldt-", "-_.", 8),
    shape("glrt-", "-_.", 8),
    shape("glcbt-", "-_.", 8),
    shape("glptt-", "-_.", 8),
    shape("gloas-", "-_.", 8),
    shape("xoxb-", "-", 8),
    shape("xoxp-", "-", 8),
    shape("xoxa-", "-", 8),
    shape("xoxr-", "-", 8),
    shape("xoxs-", "-", 8),
    shape("xapp-", "-", 8),
    shape("hooks.slack.com/services/", "/", 8),
    shape("AKIA", "", 12),
    shape("ASIA", "", 12),
    shape("npm_", "", 20),
    shape("eyJ", "-_.=", 10),
    shape("dckr_pat_", "-_", 8),
    shape("pypi-", "-_", 20),
    shape("AIza", "-_", 30),
    shape("ya29.", "-_.", 20),
    shape("sk_live_", "", 8),
    shape("rk_live_", "", 8),
    shape("hvs.", "-_", 16),
    shape("dop_v1_", "", 16),
    shape("sk-ant-", "-_", 16),
];

/// The schemes of an `Authorization` header whose credentials are one word (RFC 9110, 11.4).
const SCHEMES: [&str; 2] = ["bearer ", "basic "];

/// Returns whether the name of an environment variable says that its value is secret.
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let anywhere = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "APIKEY"];
    let last = ["KEY", "PASS", "PWD", "PAT", "AUTH", "DSN", "COOKIE", "WEBHOOK", "WEBHOOK_URL"];
    // What describes a secret is none: where it is kept, what it is called, when it ends.
    let about = [
        "FILE", "PATH", "DIR", "NAME", "USER", "USERNAME", "TYPE", "VERSION", "ENABLED", "HOST", "PORT",
        "REALM", "HELPER", "SOCK", "TTL", "EXPIRES",
    ];
    let ends = |words: &[&str]| words.iter().any(|word| name == *word || name.ends_with(&format!("_{word}")));
    !ends(&about) && !["PWD", "OLDPWD"].contains(&name.as_str()) && {
        anywhere.iter().any(|word| name.contains(word)) || ends(&last)
    }
}

/// Replaces what has the shape of a well-known token or of the credentials of an `Authorization` header.
pub(super) fn redact_shapes(text: &str) -> Cow<'_, str> {
    let mut redacted = String::new();
    let (mut copied, mut at, mut before) = (0, 0, ' ');
    while let Some(c) = text[at..].chars().next() {
        let word = !(before.is_ascii_alphanumeric() || before == '_');
        if let Some((kept, length)) = word.then(|| secret_at(&text[at..])).flatten() {
            redacted.push_str(&text[copied..at + kept]);
            redacted.push_str(REPLACEMENT);
            at += length;
            (copied, before) = (at, '*');
        } else {
            at += c.len_utf8();
            before = c;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    redacted.push_str(&text[copied..]);
    Cow::Owned(redacted)
}

/// Returns how long the secret is that a text begins with, and how much at its beginning is shown.
fn secret_at(text: &str) -> Option<(usize, usize)> {
    let shape = SHAPES.iter().find_map(|shape| {
        let rest = text.strip_prefix(shape.prefix)?;
        let token = rest.find(|c: char| !(c.is_ascii_alphanumeric() || shape.others.contains(c)));
        let length = token.unwrap_or(rest.len());
        // An ordinary word that begins like a token has no digits, or only a few letters.
        let likely = length >= 16 || rest[..length].bytes().any(|byte| byte.is_ascii_digit());
        (length >= shape.least && likely).then_some((0, shape.prefix.len() + length))
    });
    shape.or_else(|| {
        SCHEMES.iter().find_map(|scheme| {
            let start = text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme))?;
            let rest = &text[start.len()..];
            let token = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/=".contains(c)));
            let length = token.unwrap_or(rest.len());
            let digit = rest[..length].bytes().any(|byte| byte.is_ascii_digit());
            (length >= 8 && (digit || length >= 20)).then_some((start.len(), start.len() + length))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{names_a_secret, redact_shapes};

    #[test]
    fn tokens_are_recognised_by_their_shape() {
        for (text, shown) in [
            ("Authorization: Bearer eyJhbGciOi.eyJzdWIiOjF9.c2ln done", "Authorization: Bearer *** done"),
            ("see ghp_0123456789abcdefABCDEF0123456789abcd.", "see ***."),
            ("(github_pat_11ABCDEFG0_abcdef)", "(***)"),
            ("GITLAB=glpat-abc_DEF-0123456789", "GITLAB=***"),
            ("xoxb-123456789012-abcdef", "***"),
            ("AKIAIOSFODNN7EXAMPLE", "***"),
            ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "***"),
            ("eyJhbGciOiJIUzI1NiJ9.e30.abc", "***"),
            ("basic dXNlcjpwYXNzd29yZA==", "basic ***"),
            ("https://hooks.slack.com/services/T0/B0/x1y2z3", "https://***"),
            ("ghp_0123456789abcdef, ghs_0123456789abcdef", "***, ***"),
        ] {
            assert_eq!(redact_shapes(text), shown);
        }
        for text in [
            "feat: bearer authentication, basic settings",
            "npm_config_registry and ghp_short",
            "Bearer realm=\"https://registry.example\"",
            "ASIAPACIFIC, hypi-thing, monkey_eyJ",
            "sha256:0123456789abcdef0123456789abcdef",
            "naïve café 日本",
        ] {
            assert_eq!(redact_shapes(text), text);
        }
    }

    #[test]
    fn variables_are_secret_by_their_names() {
        for name in [
            "NPM_TOKEN",
            "npm_config__authToken",
            "DB_PASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "API_KEY",
            "SIGNING_PASSPHRASE",
            "SLACK_WEBHOOK_URL",
            "AZURE_CREDENTIALS",
            "MYSQL_PWD",
            "SENTRY_DSN",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "PATH",
            "HOME",
            "PWD",
            "SSH_AUTH_SOCK",
            "KEYBOARD",
            "TOKEN_FILE",
            "SECRET_NAME",
            "GIT_AUTHOR_NAME",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
    }
}
