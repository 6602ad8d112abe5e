//! What the bytes of a manifest say: its kind, its platforms, its notes. They are read and never written anew, so that no
//! digest can change. Leans on `model`.

use crate::error::{Error, Result};
use crate::model::Digest;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, ImageIndexEntry, OCI_IMAGE_INDEX_MEDIA_TYPE,
    OCI_IMAGE_MEDIA_TYPE, OciImageIndex, OciImageManifest,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::Digest as _;
use std::fmt;

/// The kinds that are taken: index and manifest, of OCI and of Docker's schema 2.
const INDEXES: [&str; 2] = [OCI_IMAGE_INDEX_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE];
const MANIFESTS: [&str; 2] = [OCI_IMAGE_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE];
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

#[derive(Clone, Debug)]
enum Content {
    Index(OciImageIndex),
    Image(Box<OciImageManifest>),
}

/// What tells the kinds apart.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    media_type: Option<String>,
    manifests: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
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
        let garbage = |error: serde_json::Error| {
            strange(format!("{} bytes that are no manifest: {error}", bytes.len()))
        };
        let kind: Kind = serde_json::from_slice(&bytes).map_err(garbage)?;
        // An OCI layout may say the kind in neither place.
        let inferred = match (kind.manifests, kind.config) {
            (Some(_), _) => Some(INDEXES[0].to_owned()),
            (None, Some(_)) => Some(MANIFESTS[0].to_owned()),
            (None, None) => None,
        };
        let media_type = match (media_type, kind.media_type) {
            (Some(came), Some(says)) if came != says => {
                return Err(strange(format!("it comes as {came} and says it is {says}")));
            }
            (came, says) => came.or(says).or(inferred).unwrap_or_default(),
        };
        let content = if INDEXES.contains(&media_type.as_str()) {
            Content::Index(serde_json::from_slice(&bytes).map_err(garbage)?)
        } else if MANIFESTS.contains(&media_type.as_str()) {
            Content::Image(serde_json::from_slice(&bytes).map_err(garbage)?)
        } else {
            return Err(strange(format!("its kind is `{media_type}`")));
        };
        Ok(Manifest { digest: digest(&bytes), media_type, bytes, content })
    }

    /// The platforms: those of an index, or the manifest itself.
    pub(super) fn platforms(&self) -> Result<Vec<Platform>> {
        let index = match &self.content {
            Content::Index(index) => index,
            Content::Image(_) => {
                let name = String::new();
                return Ok(vec![Platform { name, digest: self.digest.clone(), is_statement: false }]);
            }
        };
        let platform = |child: &ImageIndexEntry| {
            let digest = Digest::parse(&child.digest).ok_or_else(|| {
                Error::unreachable(format!(
                    "the index {} names `{}`, which is no digest",
                    self.digest, child.digest
                ))
            })?;
            let name = child.platform.as_ref().map_or_else(String::new, |platform| {
                let variant = platform.variant.iter().map(|variant| format!("/{variant}"));
                format!("{}/{}{}", platform.os, platform.architecture, variant.collect::<String>())
            });
            let noted = child.annotations.as_ref().is_some_and(|notes| notes.contains_key(STATEMENT));
            Ok(Platform { is_statement: noted || name == "unknown/unknown", name, digest })
        };
        index.manifests.iter().map(platform).collect()
    }

    /// A note of the manifest itself.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        let notes = match &self.content {
            Content::Index(index) => &index.annotations,
            Content::Image(image) => &image.annotations,
        };
        notes.as_ref()?.get(name).map(String::as_str)
    }

    /// The digest of the configuration.
    pub(super) fn config(&self) -> Option<Digest> {
        match &self.content {
            Content::Index(_) => None,
            Content::Image(image) => Digest::parse(&image.config.digest),
        }
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
                {{"mediaType":"x","size":1,"digest":"{digest}","platform":{{"os":"linux","architecture":"arm64","variant":"v8"}}}},
                {{"mediaType":"x","size":1,"digest":"{digest}","platform":{{"os":"unknown","architecture":"unknown"}},
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
            (r#"{"schemaVersion":2,"config":{}}"#, None, "31 bytes that are no manifest: missing field"),
            (&both, Some(INDEXES[0]), "it comes as application/vnd.oci"),
        ] {
            let fault = read(text, media_type).unwrap_err();
            assert!(fault.starts_with(what), "{fault}");
        }
    }
}
