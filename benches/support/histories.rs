//! The histories of the benchmarks: real ones from bundles, kept between runs under `target/`.

use super::shell::git;
use super::{Failure, progress};
use std::fs;
use std::path::{Path, PathBuf};

/// A history, and what the tools need to know about it.
pub(crate) struct History {
    /// Its name.
    pub(crate) name: String,
    /// A clone with an empty work tree: the bundles have no file contents.
    pub(crate) folder: PathBuf,
    /// The prefix of most of its tags: `v` or nothing.
    pub(crate) prefix: &'static str,
}

/// Returns the folder in which everything is kept between runs.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-histories")
}

/// Returns a folder of the cache. If it does not exist, it is made elsewhere first, so that an interrupted run leaves nothing
/// incomplete.
pub(crate) fn cached(
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<PathBuf, Failure> {
    let folder = cache().join(name);
    if !folder.is_dir() {
        let unfinished = cache().join("unfinished").join(name);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)?;
        }
        fs::create_dir_all(&unfinished)?;
        fs::create_dir_all(cache().join("home"))?;
        progress(&format!("making {name}"));
        make(&unfinished)?;
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::rename(&unfinished, &folder)?;
        progress("");
    }
    Ok(folder)
}

/// Returns the real histories by name; none, with a message, if the bundles are not found.
pub(crate) fn corpus() -> Result<Vec<History>, Failure> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("REL_CORPUS").map_or(beside, PathBuf::from);
    let Ok(entries) = fs::read_dir(&folder) else {
        println!(
            "No real histories: {} is not a folder; $REL_CORPUS names one with bundles.\n",
            folder.display()
        );
        return Ok(Vec::new());
    };
    let mut bundles: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    bundles.retain(|path| path.extension().is_some_and(|extension| extension == "bundle"));
    bundles.sort();
    bundles.iter().map(|bundle| clone(bundle)).collect()
}

fn clone(bundle: &Path) -> Result<History, Failure> {
    let bundle = fs::canonicalize(bundle)?;
    let name = bundle.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = cached(&format!("corpus/{name}"), |folder| {
        git(folder, &["clone", "--quiet", &bundle.to_string_lossy(), "."])?;
        // A bundle has no URL, and no tool should look for one.
        git(folder, &["remote", "remove", "origin"])?;
        git(folder, &["pack-refs", "--all"])?;
        Ok(())
    })?;
    let tags = git(&folder, &["tag", "--list"])?;
    let finals = |prefix: &str| tags.lines().filter(|tag| final_version(tag, prefix).is_some()).count();
    let prefix = if finals("v") >= finals("") { "v" } else { "" };
    Ok(History { name, folder, prefix })
}

/// Returns the version of a tag with a prefix, if it is a final.
pub(crate) fn final_version(tag: &str, prefix: &str) -> Option<semver::Version> {
    let version = semver::Version::parse(tag.strip_prefix(prefix)?).ok()?;
    (version.pre.is_empty() && version.build.is_empty()).then_some(version)
}
