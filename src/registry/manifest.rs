//! Image manifests and indexes (OCI image specification). They are parsed and never serialized, so that no digest can
//! change.

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

/// The media types that are supported: index and manifest, of OCI and of Docker's schema 2.
const INDEXES: [&str; 2] = [OCI_IMAGE_INDEX_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE];
const MANIFESTS: [&str; 2] = [OCI_IMAGE_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE];
/// The annotation with the commit that an image was built from (OCI image specification, annotations).
pub(super) const REVISION: &str = "org.opencontainers.image.revision";
/// The annotation with which BuildKit marks an attestation, which is about a platform and not a platform itself.
const ATTESTATION: &str = "vnd.docker.reference.type";

/// Returns the SHA-256 of some bytes.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(&sha2::Sha256::digest(bytes).into())
}

/// A manifest or an index, with its original bytes.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub digest: Digest,
    pub media_type: String,
    pub bytes: Vec<u8>,
    content: ManifestContent,
}

#[derive(Clone, Debug)]
enum ManifestContent {
    Index(OciImageIndex),
    Image(Box<OciImageManifest>),
}

/// The fields that tell an index from a manifest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestHeader {
    media_type: Option<String>,
    manifests: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
}

/// One platform of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// `linux/arm64/v8`; empty for an image without an index, whose manifest does not say.
    pub name: String,
    /// The digest of its manifest.
    pub digest: Digest,
    /// Whether it is an attestation (provenance, SBOM) about a platform instead of a platform.
    pub is_attestation: bool,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.is_attestation, self.name.is_empty()) {
            (true, _) => write!(f, "attestation {}", self.digest.short()),
            (false, true) => f.write_str("image"),
            (false, false) => f.write_str(&self.name),
        }
    }
}

impl Manifest {
    /// Parses a manifest or an index. `served_as` is the media type that it was served with, `name` what messages call it.
    ///
    /// # Errors
    ///
    /// The bytes are not a manifest, or of an unsupported media type, or of another one than they were served with (6).
    pub(super) fn parse(bytes: Vec<u8>, served_as: Option<String>, name: &str) -> Result<Manifest> {
        let invalid = |why: String| Error::unreachable(format!("{name} is not an image")).cause(why);
        let malformed = |error: serde_json::Error| {
            invalid(format!("the {} bytes received are not a manifest: {error}", bytes.len()))
        };
        let header: ManifestHeader = serde_json::from_slice(&bytes).map_err(malformed)?;
        // In an OCI layout, the media type may be missing in both places.
        let inferred = match (header.manifests, header.config) {
            (Some(_), _) => Some(INDEXES[0].to_owned()),
            (None, Some(_)) => Some(MANIFESTS[0].to_owned()),
            (None, None) => None,
        };
        let media_type = match (served_as, header.media_type) {
            (Some(served), Some(declared)) if served != declared => {
                return Err(invalid(format!("it is served as {served}, but declares itself as {declared}")));
            }
            (served, declared) => served.or(declared).or(inferred).unwrap_or_default(),
        };
        let content = if INDEXES.contains(&media_type.as_str()) {
            ManifestContent::Index(serde_json::from_slice(&bytes).map_err(malformed)?)
        } else if MANIFESTS.contains(&media_type.as_str()) {
            ManifestContent::Image(serde_json::from_slice(&bytes).map_err(malformed)?)
        } else {
            return Err(invalid(format!("the media type `{media_type}` is not supported")));
        };
        Ok(Manifest { digest: digest(&bytes), media_type, bytes, content })
    }

    /// Returns the platforms: those of an index, or the manifest itself.
    ///
    /// # Errors
    ///
    /// The index lists something that is not a digest (6).
    pub(super) fn platforms(&self) -> Result<Vec<Platform>> {
        match &self.content {
            ManifestContent::Index(index) => {
                index.manifests.iter().map(|entry| self.platform(entry)).collect()
            }
            ManifestContent::Image(_) => {
                let name = String::new();
                Ok(vec![Platform { name, digest: self.digest.clone(), is_attestation: false }])
            }
        }
    }

    fn platform(&self, entry: &ImageIndexEntry) -> Result<Platform> {
        let digest = Digest::parse(&entry.digest).ok_or_else(|| {
            Error::unreachable(format!(
                "index {} lists `{}`, which is not a digest",
                self.digest, entry.digest
            ))
        })?;
        let name = entry.platform.as_ref().map_or_else(String::new, |platform| {
            let variant = platform.variant.iter().map(|variant| format!("/{variant}"));
            format!("{}/{}{}", platform.os, platform.architecture, variant.collect::<String>())
        });
        let annotated =
            entry.annotations.as_ref().is_some_and(|annotations| annotations.contains_key(ATTESTATION));
        Ok(Platform { is_attestation: annotated || name == "unknown/unknown", name, digest })
    }

    /// Returns an annotation of the manifest or index.
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        let annotations = match &self.content {
            ManifestContent::Index(index) => &index.annotations,
            ManifestContent::Image(image) => &image.annotations,
        };
        annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// Returns the digest of the image's configuration; an index has none.
    pub(super) fn config(&self) -> Option<Digest> {
        match &self.content {
            ManifestContent::Index(_) => None,
            ManifestContent::Image(image) => Digest::parse(&image.config.digest),
        }
    }
}

/// Returns a label of an image's configuration.
pub(super) fn label(config: &[u8], name: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(config).ok()?;
    json.get("config")?
        .get("Labels")?
        .get(name)?
        .as_str()
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{INDEXES, Manifest};

    fn parse(text: &str, media_type: Option<&str>) -> Result<Manifest, String> {
        let bytes = text.as_bytes().to_vec();
        Manifest::parse(bytes, media_type.map(str::to_owned), "x").map_err(|error| error.causes.join("; "))
    }

    #[test]
    fn an_index_lists_platforms_and_attestations() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[
                {{"mediaType":"x","size":1,"digest":"{digest}","platform":{{"os":"linux","architecture":"arm64","variant":"v8"}}}},
                {{"mediaType":"x","size":1,"digest":"{digest}","platform":{{"os":"unknown","architecture":"unknown"}},
                  "annotations":{{"vnd.docker.reference.type":"attestation-manifest"}}}}]}}"#
        );
        let index = parse(&text, Some(INDEXES[0])).unwrap();
        let platforms = index.platforms().unwrap();
        assert_eq!(platforms[0].to_string(), "linux/arm64/v8");
        assert!(platforms[1].is_attestation);
        assert_eq!(index.bytes, text.as_bytes());
    }

    #[test]
    fn other_documents_are_not_images() {
        let both = format!(r#"{{"mediaType":"{}"}}"#, INDEXES[1]);
        for (text, media_type, what) in [
            ("<html>", None, "the 6 bytes received are not a manifest"),
            ("[]", None, "the 2 bytes received are not a manifest"),
            ("{}", None, "the media type `` is not supported"),
            ("{}", Some("text/html"), "the media type `text/html` is not supported"),
            (
                r#"{"schemaVersion":2,"config":{}}"#,
                None,
                "the 31 bytes received are not a manifest: missing field",
            ),
            (&both, Some(INDEXES[0]), "it is served as application/vnd.oci"),
        ] {
            let fault = parse(text, media_type).unwrap_err();
            assert!(fault.starts_with(what), "{fault}");
        }
    }
}
