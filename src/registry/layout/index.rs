//! The `index.json` of an image layout. What this program does not know in it stays as it is. Leans on serde_json.

use crate::model::Digest;
use crate::registry::manifest::Manifest;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// The note by which an index names a tag (OCI image specification, annotations).
const NAME: &str = "org.opencontainers.image.ref.name";

/// What a layout holds.
pub(super) struct Index(Map<String, Value>);

fn name(descriptor: &Value) -> Option<&str> {
    descriptor.get("annotations")?.get(NAME)?.as_str()
}

impl Index {
    /// Reads the text of an index.
    pub(super) fn read(bytes: &[u8]) -> Result<Index, String> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(entries)) => Ok(Index(entries)),
            Ok(_) => Err("index.json holds no object".to_owned()),
            Err(error) => Err(format!("index.json cannot be read: {error}")),
        }
    }

    fn manifests(&self) -> impl Iterator<Item = &Value> {
        self.0.get("manifests").and_then(Value::as_array).into_iter().flatten()
    }

    /// What a tag names, with its media type.
    pub(super) fn find(&self, tag: &str) -> Result<Option<(Digest, Option<String>)>, String> {
        let mut found: Option<(Digest, Option<String>)> = None;
        for descriptor in self.manifests().filter(|descriptor| name(descriptor) == Some(tag)) {
            let text = |key: &str| descriptor.get(key).and_then(Value::as_str);
            let digest = text("digest").and_then(Digest::parse);
            let digest = digest.ok_or_else(|| format!("{tag} names no digest in index.json"))?;
            match &found {
                Some((other, _)) if *other != digest => {
                    return Err(format!("{tag} stands in index.json with two digests: {other} and {digest}"));
                }
                _ => found = Some((digest, text("mediaType").map(str::to_owned))),
            }
        }
        Ok(found)
    }

    /// Makes a tag name a manifest, and nothing else.
    pub(super) fn set(&mut self, tag: &str, manifest: &Manifest) -> Result<(), String> {
        let digest = manifest.digest.as_str();
        let known =
            self.manifests().find(|other| other.get("digest").and_then(Value::as_str) == Some(digest));
        let mut descriptor = known.cloned().unwrap_or_else(
            || json!({ "mediaType": manifest.media_type, "digest": digest, "size": manifest.bytes.len() }),
        );
        // Notes of the other name, such as containerd's full one, are not true of this one.
        descriptor["annotations"] = json!({ NAME: tag });
        let list = self.0.entry("manifests").or_insert_with(|| json!([]));
        let list = list.as_array_mut().ok_or("`manifests` of index.json is no list")?;
        list.retain(|other| name(other) != Some(tag));
        list.push(descriptor);
        Ok(())
    }

    /// Replaces the file as a whole. The caller holds the lock, so that one name for the new file serves all; what a
    /// writer left that died is overwritten.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("index.json.rel");
        let mut file = File::create(&new)?;
        file.write_all(Value::Object(self.0.clone()).to_string().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, folder.join("index.json"))?;
        File::open(folder)?.sync_all()
    }
}
