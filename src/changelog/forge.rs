//! The web pages of a forge, derived from the URL of a remote without any request. A host with an unknown name has none.

/// The software of a forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ForgeKind {
    GitHub,
    GitLab,
    /// Gitea, Forgejo and Codeberg.
    Gitea,
    Bitbucket,
}

/// The web pages of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forge {
    kind: ForgeKind,
    /// `https://host/owner/repository`.
    base: String,
    /// `owner/repository`; GitLab has nested groups.
    path: String,
}

impl Forge {
    /// Parses the URL of a remote: https, ssh, or `host:path` as in scp. `None` for an unknown forge.
    pub fn of(url: &str) -> Option<Forge> {
        let (host, path) = split(url)?;
        let host = host.to_ascii_lowercase();
        let host =
            host.strip_prefix("ssh.").or_else(|| host.strip_prefix("altssh.")).unwrap_or(&host).to_owned();
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path).trim_end_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |part: &&str| {
            !part.is_empty()
                && !matches!(*part, "." | "..")
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+'))
        };
        let kind = kind(host.split(':').next().unwrap_or(&host))?;
        let host_fits = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'));
        let depth = parts.len() == 2 || parts.len() > 2 && kind == ForgeKind::GitLab;
        (depth && host_fits && parts.iter().all(fits)).then(|| Forge {
            kind,
            base: format!("https://{host}/{path}"),
            path: path.to_owned(),
        })
    }

    /// Returns its name in the templates of git-cliff.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            ForgeKind::GitHub => "github",
            ForgeKind::GitLab => "gitlab",
            ForgeKind::Gitea => "gitea",
            ForgeKind::Bitbucket => "bitbucket",
        }
    }

    /// Returns owner and repository.
    pub(super) fn owner_and_repository(&self) -> (&str, &str) {
        self.path.rsplit_once('/').unwrap_or(("", &self.path))
    }

    /// Returns the URL of the repository.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Returns the URL of a commit.
    pub(super) fn commit(&self, id: &str) -> String {
        match self.kind {
            ForgeKind::GitHub | ForgeKind::Gitea => format!("{}/commit/{id}", self.base),
            ForgeKind::GitLab => format!("{}/-/commit/{id}", self.base),
            ForgeKind::Bitbucket => format!("{}/commits/{id}", self.base),
        }
    }

    /// Returns the URL for `#12` or `!12`. GitHub and Gitea redirect from an issue to the pull request of that number.
    pub(super) fn number(&self, sign: char, number: &str) -> Option<String> {
        match (self.kind, sign) {
            (ForgeKind::GitLab, '!') => Some(format!("{}/-/merge_requests/{number}", self.base)),
            (ForgeKind::GitLab, _) => Some(format!("{}/-/issues/{number}", self.base)),
            (_, '!') => None,
            // Its commits name pull requests: "(pull request #12)".
            (ForgeKind::Bitbucket, _) => Some(format!("{}/pull-requests/{number}", self.base)),
            _ => Some(format!("{}/issues/{number}", self.base)),
        }
    }

    /// Returns the URL of the comparison of two refs.
    pub(super) fn compare(&self, from: &str, to: &str) -> String {
        let (from, to) = (encoded(from), encoded(to));
        match self.kind {
            ForgeKind::GitHub | ForgeKind::Gitea => format!("{}/compare/{from}...{to}", self.base),
            ForgeKind::GitLab => format!("{}/-/compare/{from}...{to}", self.base),
            ForgeKind::Bitbucket => format!("{}/branches/compare/{to}%0D{from}", self.base),
        }
    }

    /// Returns the URL of a tag.
    pub(super) fn tag(&self, tag: &str) -> String {
        let tag = encoded(tag);
        match self.kind {
            ForgeKind::GitHub | ForgeKind::Gitea => format!("{}/releases/tag/{tag}", self.base),
            ForgeKind::GitLab => format!("{}/-/tags/{tag}", self.base),
            ForgeKind::Bitbucket => format!("{}/src/{tag}", self.base),
        }
    }
}

/// Returns the forge of a host: one label of its name is the forge's own.
fn kind(host: &str) -> Option<ForgeKind> {
    host.split('.').find_map(|label| match label {
        "github" => Some(ForgeKind::GitHub),
        "gitlab" => Some(ForgeKind::GitLab),
        "gitea" | "forgejo" | "codeberg" => Some(ForgeKind::Gitea),
        // Bitbucket Data Center has other URLs.
        "bitbucket" if host == "bitbucket.org" => Some(ForgeKind::Bitbucket),
        _ => None,
    })
}

/// Splits a URL into host (with its port, for https) and path.
fn split(url: &str) -> Option<(&str, &str)> {
    if let Some((scheme, rest)) = url.split_once("://") {
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit('@').next()?;
        return match scheme {
            "https" | "http" => Some((host, path)),
            "ssh" | "git+ssh" | "git" => Some((host.split(':').next()?, path)),
            _ => None,
        };
    }
    let (authority, path) = url.split_once(':')?;
    let host = authority.rsplit('@').next()?;
    (!authority.contains('/')).then_some((host, path))
}

/// Percent-encodes a ref for a URL.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Forge;

    #[test]
    fn urls_of_remotes_lead_to_pages() {
        for (url, page) in [
            ("https://github.com/acme/shop.git", "https://github.com/acme/shop/compare/v1...v2"),
            ("https://me:secret@github.com/acme/shop", "https://github.com/acme/shop/compare/v1...v2"),
            ("git@github.com:acme/shop.git", "https://github.com/acme/shop/compare/v1...v2"),
            ("ssh://git@ssh.github.com:443/acme/shop.git", "https://github.com/acme/shop/compare/v1...v2"),
            (
                "git@gitlab.acme.example:a/b/shop.git",
                "https://gitlab.acme.example/a/b/shop/-/compare/v1...v2",
            ),
            ("https://gitlab.com:8443/a/shop/", "https://gitlab.com:8443/a/shop/-/compare/v1...v2"),
            ("https://codeberg.org/acme/shop", "https://codeberg.org/acme/shop/compare/v1...v2"),
            ("git@bitbucket.org:acme/shop.git", "https://bitbucket.org/acme/shop/branches/compare/v2%0Dv1"),
        ] {
            assert_eq!(Forge::of(url).unwrap().compare("v1", "v2"), page, "{url}");
        }
    }

    #[test]
    fn unknown_hosts_have_no_pages() {
        for url in [
            "https://git.acme.example/acme/shop",
            "../origin/shop.git",
            "/srv/git/github/shop.git",
            "file:///srv/github.com/acme/shop",
            "https://github.com/shop",
            "https://github.com/a/b/c",
            "https://github.com/acme/sh(op",
            "https://github.com/acme/../shop",
            "https://notgithub.com/acme/shop",
            "https://bitbucket.acme.example/acme/shop",
            "",
        ] {
            assert_eq!(Forge::of(url), None, "{url}");
        }
    }

    #[test]
    fn numbers_commits_and_tags() {
        let github = Forge::of("git@github.com:acme/shop").unwrap();
        assert_eq!(github.number('#', "12").unwrap(), "https://github.com/acme/shop/issues/12");
        assert_eq!(github.number('!', "12"), None);
        assert_eq!(github.tag("api-v1 (x)"), "https://github.com/acme/shop/releases/tag/api-v1%20%28x%29");
        let gitlab = Forge::of("git@gitlab.com:acme/shop").unwrap();
        assert_eq!(gitlab.number('!', "12").unwrap(), "https://gitlab.com/acme/shop/-/merge_requests/12");
        assert_eq!(gitlab.commit("ab"), "https://gitlab.com/acme/shop/-/commit/ab");
    }
}
