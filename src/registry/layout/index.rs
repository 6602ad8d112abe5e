//! The `index.json` of an image layout. Fields that are not known here are kept.

use crate::model::Digest;
use crate::registry::manifest::Manifest;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The annotation with the tag of a descriptor (OCI image specification, annotations).
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// A parsed `index.json`.
pub(super) struct LayoutIndex(Map<String, Value>);

fn tag_of(descriptor: &Value) -> Option<&str> {
    descriptor.get("annotations")?.get(REF_NAME)?.as_str()
}

impl LayoutIndex {
    /// Parses an index. The error is a sentence.
    pub(super) fn parse(bytes: &[u8]) -> Result<LayoutIndex, String> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(entries)) => Ok(LayoutIndex(entries)),
            Ok(_) => Err("index.json is not a JSON object".to_owned()),
            Err(error) => Err(format!("index.json cannot be read: {error}")),
        }
    }

    fn manifests(&self) -> impl Iterator<Item = &Value> {
        self.0.get("manifests").and_then(Value::as_array).into_iter().flatten()
    }

    /// Returns digest and media type of a tag; `None` if it does not exist.
    pub(super) fn find(&self, tag: &str) -> Result<Option<(Digest, Option<String>)>, String> {
        let mut found: Option<(Digest, Option<String>)> = None;
        for descriptor in self.manifests().filter(|descriptor| tag_of(descriptor) == Some(tag)) {
            let text = |key: &str| descriptor.get(key).and_then(Value::as_str);
            let digest = text("digest").and_then(Digest::parse);
            let digest = digest.ok_or_else(|| format!("{tag} has no valid digest in index.json"))?;
            match &found {
                Some((other, _)) if *other != digest => {
                    return Err(format!("{tag} has two digests in index.json: {other} and {digest}"));
                }
                _ => found = Some((digest, text("mediaType").map(str::to_owned))),
            }
        }
        Ok(found)
    }

    /// Makes a tag name a manifest. Other tags keep theirs.
    pub(super) fn set(&mut self, tag: &str, manifest: &Manifest) -> Result<(), String> {
        let digest = manifest.digest.as_str();
        let known =
            self.manifests().find(|other| other.get("digest").and_then(Value::as_str) == Some(digest));
        let mut descriptor = known.cloned().unwrap_or_else(
            || json!({ "mediaType": manifest.media_type, "digest": digest, "size": manifest.bytes.len() }),
        );
        // The annotations of the other tag, such as containerd's full name, would be wrong here.
        descriptor["annotations"] = json!({ REF_NAME: tag });
        let list = self.0.entry("manifests").or_insert_with(|| json!([]));
        let list = list.as_array_mut().ok_or("`manifests` of index.json is not an array")?;
        list.retain(|other| tag_of(other) != Some(tag));
        list.push(descriptor);
        Ok(())
    }

    /// Replaces the file atomically. The caller holds the lock, so the temporary file can always have the same name; one that
    /// a killed process left is overwritten.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("index.json.rel");
        let mut file = File::create(&new)?;
        file.write_all(Value::Object(self.0.clone()).to_string().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, folder.join("index.json"))?;
        File::open(folder)?.sync_all()
    }
}
