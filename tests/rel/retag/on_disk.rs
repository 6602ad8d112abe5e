//! Image layouts on disk (`oci:DIR`): the same rules, for several processes at once, and readable by other tools.

use crate::support::{Sandbox, layout};
use snapbox::str;
use std::path::PathBuf;
use std::process::Command;

/// Returns a repository with an image in `images/` and the tag v1.4.0, that folder, and the digest.
fn shop() -> (Sandbox, PathBuf, String) {
    let shop = Sandbox::new();
    shop.write("release.toml", "name = \"shop\"\n[[image]]\nname = \"api\"\nrepository = \"oci:./images\"\n");
    shop.git("add release.toml");
    shop.commit("feat: first").tag("v1.4.0");
    let folder = shop.folder().join("images");
    std::fs::create_dir_all(&folder).unwrap();
    let commit = shop.id("HEAD");
    let digest = layout::image(&folder, &format!("sha-{commit}"), "first", &commit);
    (shop, folder, digest)
}

fn skopeo_raw(folder: &std::path::Path, tag: &str) -> Vec<u8> {
    let name = format!("oci:{}:{tag}", folder.display());
    let output = Command::new("skopeo").args(["inspect", "--raw", &name]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_layout_has_the_same_rules_as_a_registry() {
    let (shop, folder, digest) = shop();
    let short = &digest[7..19];
    shop.rel("retag v1.4.0").gives(
        0,
        format!("oci:./images@{digest}\n"),
        format!("api: v1.4.0 → {short} tagged (0 requests)\n"),
    );
    shop.rel("retag v1.4.0 --format json").json("/images/0/result", "already");
    let commit = shop.id("HEAD");
    assert_eq!(skopeo_raw(&folder, "v1.4.0"), skopeo_raw(&folder, &format!("sha-{commit}")));
    let other = layout::image(&folder, "v1.5.0", "other", "x");
    shop.tag("v1.5.0");
    shop.rel("retag v1.5.0").fails(
        5,
        format!(
            "error: oci:./images:v1.5.0 already names another digest\n  because: current  {other}\n  \
             because: wanted   {digest}\nhint: version tags never move: release a new version\n"
        ),
    );
    shop.commit("feat: second").tag("v1.6.0");
    let missing = shop.id("HEAD");
    shop.rel("retag v1.6.0").fails(
        7,
        format!(
            "error: oci:./images:sha-{missing} is missing\n  because: no build of image api has been pushed there\n\
             hint: builds of commits near {}: sha-{commit}\n",
            &missing[..7]
        ),
    );
}

#[test]
fn twenty_concurrent_writers_lose_no_tag() {
    let (shop, folder, digest) = shop();
    let versions: Vec<String> = (0..20).map(|number| format!("v2.0.{number}")).collect();
    for version in &versions {
        shop.tag(version);
    }
    // Left by a process that was killed while it wrote.
    std::fs::write(folder.join("index.json.rel"), "{\"manif").unwrap();
    std::fs::write(folder.join(".rel-lock"), "").unwrap();
    let start = |version: &String| {
        let mut command = shop.command(env!("CARGO_BIN_EXE_rel"));
        command.args(["-q", "retag", version]).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = versions.iter().map(start).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    for version in &versions {
        assert_eq!(layout::tagged(&folder, version), [digest.as_str()], "{version}");
        assert!(!skopeo_raw(&folder, version).is_empty());
    }
}

#[test]
fn an_invalid_layout_is_an_error() {
    let (shop, folder, digest) = shop();
    std::fs::write(folder.join("blobs/sha256").join(&digest[7..]), "{}").unwrap();
    let run = shop.rel("retag v1.4.0");
    assert_eq!(run.code, 6);
    assert!(run.stderr.starts_with("error: oci:./images is not a valid image layout\n"), "{}", run.stderr);
    std::fs::write(folder.join("index.json"), "[]").unwrap();
    shop.rel("retag v1.4.0").fails(
        6,
        str![[r#"
error: oci:./images is not a valid image layout
  because: index.json is not a JSON object

"#]],
    );
    std::fs::remove_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("/tmp", &folder).unwrap();
    let run = shop.rel("retag v1.4.0");
    assert_eq!(run.code, 4);
    assert!(run.stderr.starts_with("error: oci:./images is outside the work tree\n"), "{}", run.stderr);
}
