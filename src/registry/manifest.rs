//! What the bytes of a manifest say: its kind, its platforms, its notes. They are read and never written anew, so that no
//! digest can change. Leans on `model`.

use crate::error::{Error, Result};
use crate::model::Digest;
use serde::Deserialize;
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::fmt;

/// The kinds that are taken: index and manifest, of OCI and of Docker's schema 2.
const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const MANIFESTS: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
/// The note that names the commit an image was built from (OCI image specification, annotations).
pub(super) const REVISION: &str = "org.opencontainers.image.revision";
/// The note by which BuildKit marks what is no platform but a statement about one.
const STATEMENT: &str = "vnd.docker.reference.type";

/// The SHA-256 of some bytes.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(&sha2::Sha256::digest(bytes).into())
}

/// A manifest or an index, its bytes as they came.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub digest: Digest,
    pub media_type: String,
    pub bytes: Vec<u8>,
    content: Content,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    media_type: Option<String>,
    #[serde(default)]
    manifests: Vec<Child>,
    config: Option<Blob>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Child {
    digest: String,
    platform: Option<Parts>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Blob {
    digest: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Parts {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// One platform of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux/arm64/v8`; empty for an image with one platform, whose manifest does not say.
    pub name: String,
    /// Its manifest.
    pub digest: Digest,
    /// It is a statement about a platform (a provenance, an inventory), and none itself.
    pub is_statement: bool,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_statement, self.name.is_empty()) {
            (true, _) => write!(f, "statement {}", self.digest.short()),
            (false, true) => f.write_str("image"),
            (false, false) => f.write_str(&self.name),
        }
    }
}

impl Manifest {
    /// Reads bytes that came under a media type; `place` is what messages call them.
    ///
    /// # Errors
    ///
    /// They are no manifest, of a kind that is not known, or of another kind than they came under.
    pub(super) fn read(bytes: Vec<u8>, media_type: Option<String>, place: &str) -> Result<Manifest> {
        let strange = |what: String| Error::unreachable(format!("{place} is no image")).cause(what);
        let content: Content = serde_json::from_slice(&bytes)
            .map_err(|error| strange(format!("{} bytes that are no manifest: {error}", bytes.len())))?;
        // An OCI layout may say the kind in neither place.
        let inferred = match (content.manifests.is_empty(), &content.config) {
            (false, _) => Some(INDEXES[0].to_owned()),
            (true, Some(_)) => Some(MANIFESTS[0].to_owned()),
            (true, None) => None,
        };
        let media_type = match (media_type, content.media_type.clone()) {
            (Some(came), Some(says)) if came != says => {
                return Err(strange(format!("it comes as {came} and says it is {says}")));
            }
            (came, says) => came.or(says).or(inferred).unwrap_or_default(),
        };
        let known = INDEXES.iter().chain(&MANIFESTS).any(|kind| *kind == media_type);
        if !known {
            return Err(strange(format!("its kind is `{media_type}`")));
        }
        Ok(Manifest { digest: digest(&bytes), media_type, bytes, content })
    }

    fn is_index(&self) -> bool {
        INDEXES.contains(&self.media_type.as_str())
    }

    /// The platforms: those of an index, or the manifest itself.
    pub(super) fn platforms(&self) -> Result<Vec<Platform>> {
        if !self.is_index() {
            let name = String::new();
            return Ok(vec![Platform { name, digest: self.digest.clone(), is_statement: false }]);
        }
        let platform = |child: &Child| {
            let digest = Digest::parse(&child.digest).ok_or_else(|| {
                Error::unreachable(format!(
                    "the index {} names `{}`, which is no digest",
                    self.digest, child.digest
                ))
            })?;
            let parts = child.platform.as_ref();
            let name = parts.map_or_else(String::new, |parts| {
                let variant = parts.variant.iter().map(|variant| format!("/{variant}"));
                format!("{}/{}{}", parts.os, parts.architecture, variant.collect::<String>())
            });
            let is_statement = child.annotations.contains_key(STATEMENT) || name == "unknown/unknown";
            Ok(Platform { name, digest, is_statement })
        };
        self.content.manifests.iter().map(platform).collect()
    }

    /// A note of the manifest itself.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.content.annotations.get(name).map(String::as_str)
    }

    /// The digest of the configuration.
    pub(super) fn config(&self) -> Option<Digest> {
        self.content.config.as_ref().and_then(|blob| Digest::parse(&blob.digest))
    }
}

/// A label of an image's configuration.
pub(super) fn label(config: &[u8], name: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(config).ok()?;
    json.get("config")?.get("Labels")?.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{INDEXES, Manifest};

    fn read(text: &str, media_type: Option<&str>) -> Result<Manifest, String> {
        let bytes = text.as_bytes().to_vec();
        Manifest::read(bytes, media_type.map(str::to_owned), "x").map_err(|error| error.causes.join("; "))
    }

    #[test]
    fn an_index_names_its_platforms() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[
                {{"digest":"{digest}","platform":{{"os":"linux","architecture":"arm64","variant":"v8"}}}},
                {{"digest":"{digest}","platform":{{"os":"unknown","architecture":"unknown"}},
                  "annotations":{{"vnd.docker.reference.type":"attestation-manifest"}}}}]}}"#
        );
        let index = read(&text, Some(INDEXES[0])).unwrap();
        let platforms = index.platforms().unwrap();
        assert_eq!(platforms[0].to_string(), "linux/arm64/v8");
        assert!(platforms[1].is_statement);
        assert_eq!(index.bytes, text.as_bytes());
    }

    #[test]
    fn what_is_no_image() {
        let both = format!(r#"{{"mediaType":"{}"}}"#, INDEXES[1]);
        for (text, media_type, what) in [
            ("<html>", None, "6 bytes that are no manifest"),
            ("[]", None, "2 bytes that are no manifest"),
            ("{}", None, "its kind is ``"),
            ("{}", Some("text/html"), "its kind is `text/html`"),
            (&both, Some(INDEXES[0]), "it comes as application/vnd.oci"),
        ] {
            let fault = read(text, media_type).unwrap_err();
            assert!(fault.starts_with(what), "{fault}");
        }
    }
}
