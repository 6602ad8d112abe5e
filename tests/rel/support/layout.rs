//! An OCI image layout with an image for two platforms, written by hand, so that its bytes are known.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

fn blob(folder: &Path, bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::write(blobs.join(&digits), bytes).unwrap();
    format!("sha256:{digits}")
}

/// Adds an image for two platforms to a layout under a tag, and returns the digest of its index. Another `seed` makes
/// another image; `revision` is its label, which it does not have if that is empty.
pub fn image(folder: &Path, tag: &str, seed: &str, revision: &str) -> String {
    let labels = match revision {
        "" => json!({}),
        revision => json!({ "org.opencontainers.image.revision": revision }),
    };
    let platform = |architecture: &str| {
        let layers: Vec<String> =
            (0..5).map(|layer| format!("layer {layer} of {seed} on {architecture}\n")).collect();
        let digests: Vec<String> = layers.iter().map(|layer| blob(folder, layer.as_bytes())).collect();
        let config = json!({
            "architecture": architecture, "os": "linux", "rootfs": { "type": "layers", "diff_ids": digests },
            "config": { "Labels": labels },
        })
        .to_string();
        let entries: Vec<Value> = layers
            .iter()
            .zip(&digests)
            .map(|(layer, digest)| {
                json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": layer.len() })
            })
            .collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": blob(folder, config.as_bytes()), "size": config.len() },
            "layers": entries,
        })
        .to_string();
        json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": blob(folder, manifest.as_bytes()),
            "size": manifest.len(), "platform": { "os": "linux", "architecture": architecture },
        })
    };
    let kind = "application/vnd.oci.image.index.v1+json";
    // Written with spaces that no program would choose, so that a digest survives only where bytes do.
    let index = format!(
        "{{ \"schemaVersion\": 2,\n  \"mediaType\": \"{kind}\",\n  \"manifests\": [ {},\n {} ] }}\n",
        platform("amd64"),
        platform("arm64")
    );
    let digest = blob(folder, index.as_bytes());
    std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let path = folder.join("index.json");
    let mut whole: Value =
        std::fs::read(&path).ok().map_or(json!({ "schemaVersion": 2, "manifests": [] }), |bytes| {
            serde_json::from_slice(&bytes).unwrap()
        });
    whole["manifests"].as_array_mut().unwrap().push(json!({
        "mediaType": kind, "digest": digest, "size": index.len(),
        "annotations": { "org.opencontainers.image.ref.name": tag },
    }));
    std::fs::write(&path, whole.to_string()).unwrap();
    digest
}

/// Returns the digests that a tag of a layout points at.
pub fn tagged(folder: &Path, tag: &str) -> Vec<String> {
    let bytes = std::fs::read(folder.join("index.json")).unwrap();
    let index: Value = serde_json::from_slice(&bytes).unwrap();
    let named = |entry: &&Value| entry["annotations"]["org.opencontainers.image.ref.name"] == tag;
    let all = index["manifests"].as_array().unwrap();
    all.iter().filter(named).map(|entry| entry["digest"].as_str().unwrap().to_owned()).collect()
}
