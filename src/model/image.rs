//! Images: their repositories, the tags of builds and releases, and their digests.

use super::commit::CommitId;
use super::version::Version;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A digest: `sha256:` and 64 hexadecimal digits in lower case. Other algorithms are not accepted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Parses `sha256:…`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("sha256:")?;
        let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == 64 && digits.bytes().all(hexadecimal)).then(|| Digest(text.to_owned()))
    }

    /// Creates a digest from the 32 bytes of a SHA-256.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Digest(format!("sha256:{digits}"))
    }

    /// Returns the digest with its algorithm.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns only the digits: the name of a file in an image layout.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches("sha256:")
    }

    /// Returns the first twelve digits.
    pub fn short(&self) -> &str {
        self.digits().get(..12).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A repository of images.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repository {
    /// In a registry.
    Registry {
        /// The host, with its port if one is given: `ghcr.io`. Docker Hub is `docker.io`.
        host: String,
        /// The path below it: `acme/shop-api`; on Docker Hub with the `library/` that official images leave out.
        path: String,
    },
    /// In an OCI image layout on disk: the folder, from the top of the work tree.
    Layout(String),
}

impl Repository {
    /// Parses `ghcr.io/acme/shop-api`, `nginx` or `oci:./images`; `None` if it has a tag or is not a repository.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(folder) = text.strip_prefix("oci:") {
            let folder = folder.trim_end_matches('/');
            return (!folder.is_empty()).then(|| Repository::Layout(folder.to_owned()));
        }
        let (host, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
            _ => ("docker.io", text),
        };
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte);
        if path.is_empty() || !path.bytes().all(sound) || path.split('/').any(str::is_empty) {
            return None;
        }
        let host = if host == "index.docker.io" { "docker.io" } else { host };
        let official = host == "docker.io" && !path.contains('/');
        let path = if official { format!("library/{path}") } else { path.to_owned() };
        Some(Repository::Registry { host: host.to_owned(), path })
    }

    /// Returns the host of the registry; `None` for a layout on disk.
    pub fn host(&self) -> Option<&str> {
        match self {
            Repository::Registry { host, .. } => Some(host),
            Repository::Layout(_) => None,
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Repository::Registry { host, path } => write!(f, "{host}/{path}"),
            Repository::Layout(folder) => write!(f, "oci:{folder}"),
        }
    }
}

impl Serialize for Repository {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An image by its digest, as a trailer records it and a deployer gets it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Image {
    /// Its name in release.toml.
    pub name: String,
    /// Where it is kept.
    pub repository: Repository,
    /// Its manifest, or its index.
    pub digest: Digest,
}

impl Image {
    /// Parses `api ghcr.io/acme/shop-api@sha256:…`, the value of a `Rel-Image` trailer.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, reference) = text.split_once(' ')?;
        let (repository, digest) = reference.split_once('@')?;
        let (repository, digest) = (Repository::parse(repository)?, Digest::parse(digest)?);
        (!name.is_empty()).then(|| Image { name: name.to_owned(), repository, digest })
    }

    /// Returns `ghcr.io/acme/shop-api@sha256:…`, which a platform pulls.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.repository, self.digest)
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.reference())
    }
}

/// What names a manifest of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A tag.
    Tag(String),
    /// A digest.
    Digest(Digest),
}

impl Reference {
    /// A tag.
    pub fn tag(name: impl Into<String>) -> Self {
        Reference::Tag(name.into())
    }

    /// Returns the text that follows the repository: `:v1.4.0` or `@sha256:…`.
    pub fn suffix(&self) -> String {
        match self {
            Reference::Tag(tag) => format!(":{tag}"),
            Reference::Digest(digest) => format!("@{digest}"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Tag(tag) => f.write_str(tag),
            Reference::Digest(digest) => digest.fmt(f),
        }
    }
}

/// Returns the tag of a build from a template like `sha-{commit}` or `{commit:7}`.
pub fn source_tag(template: &str, commit: CommitId) -> String {
    let whole = commit.to_string();
    let mut tag = template.replace("{commit}", &whole);
    for length in 7..=40 {
        let short = whole.get(..length).unwrap_or_default();
        tag = tag.replace(&format!("{{commit:{length}}}"), short);
    }
    tag
}

/// Returns the tag of a version from a template like `v{version}` or `v{major}.{minor}`. Tags of images cannot have `+`, so
/// build metadata follows a hyphen.
pub fn version_tag(template: &str, version: &Version) -> String {
    let numbers = [
        ("{version}", version.to_string()),
        ("{major}", version.major().to_string()),
        ("{minor}", version.minor().to_string()),
        ("{patch}", version.patch().to_string()),
    ];
    let tag = numbers.iter().fold(template.to_owned(), |tag, (name, value)| tag.replace(name, value));
    tag.replace('+', "-")
}

/// Whether the moving tag of a template belongs to `version`: it is the highest final among `others` with the same tag. A
/// prerelease never has a moving tag.
pub fn moves(template: &str, version: &Version, others: &[Version]) -> bool {
    let tag = version_tag(template, version);
    let rivals = others.iter().filter(|other| other.is_final() && version_tag(template, other) == tag);
    version.is_final() && rivals.into_iter().all(|other| other.precedence(version).is_le())
}

#[cfg(test)]
mod tests {
    use super::{Digest, Image, Repository, moves, source_tag, version_tag};
    use crate::model::{CommitId, Version};

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn digests_are_checked() {
        let digits = "0a".repeat(32);
        assert_eq!(Digest::parse(&format!("sha256:{digits}")).unwrap().short(), "0a0a0a0a0a0a");
        assert_eq!(Digest::from_bytes(&[10; 32]), Digest::parse(&format!("sha256:{digits}")).unwrap());
        let upper = digits.to_uppercase();
        for text in ["", "sha256:", &digits, &format!("sha512:{digits}"), &format!("sha256:{upper}")] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn repositories_as_people_write_them() {
        for (text, whole) in [
            ("ghcr.io/acme/shop-api", "ghcr.io/acme/shop-api"),
            ("localhost/a", "localhost/a"),
            ("127.0.0.1:5000/a", "127.0.0.1:5000/a"),
            ("nginx", "docker.io/library/nginx"),
            ("acme/shop", "docker.io/acme/shop"),
            ("index.docker.io/acme/shop", "docker.io/acme/shop"),
            ("oci:./images/", "oci:./images"),
        ] {
            assert_eq!(Repository::parse(text).unwrap().to_string(), whole);
        }
        for text in ["", "ghcr.io/", "ghcr.io/a:v1", "ghcr.io/a@sha256:0", "a//b", "oci:", "ghcr.io/A"] {
            assert_eq!(Repository::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_image_is_read_as_it_is_printed() {
        let text = format!("api ghcr.io/acme/shop-api@sha256:{}", "0a".repeat(32));
        assert_eq!(Image::parse(&text).unwrap().to_string(), text);
        for text in ["api", "api ghcr.io/acme/x", " ghcr.io/acme/x@sha256:0", "api x@sha256:0"] {
            assert_eq!(Image::parse(text), None, "{text}");
        }
    }

    #[test]
    fn templates() {
        let commit = CommitId::from_bytes([0xab; 20]);
        assert_eq!(source_tag("sha-{commit}", commit), format!("sha-{commit}"));
        assert_eq!(source_tag("{commit:7}", commit), "abababa");
        assert_eq!(source_tag("main-{commit:12}", commit), "main-abababababab");
        assert_eq!(version_tag("v{version}", &version("1.4.0-rc.1")), "v1.4.0-rc.1");
        assert_eq!(version_tag("v{version}", &version("1.4.0+b.7")), "v1.4.0-b.7");
        assert_eq!(version_tag("v{major}.{minor}", &version("1.4.0")), "v1.4");
    }

    #[test]
    fn moving_tags_move_forwards_only() {
        let others: Vec<Version> =
            ["1.3.9", "1.4.0", "1.4.1-rc.1", "2.0.0"].iter().map(|text| version(text)).collect();
        assert!(moves("v{major}.{minor}", &version("1.4.0"), &others));
        assert!(moves("v{major}.{minor}", &version("1.4.1"), &others));
        assert!(!moves("v{major}.{minor}", &version("1.3.8"), &others));
        assert!(!moves("v{major}.{minor}", &version("1.4.1-rc.1"), &others));
        assert!(!moves("latest", &version("1.4.1"), &others));
        assert!(moves("latest", &version("2.0.0"), &others));
    }
}
