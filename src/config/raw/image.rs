//! Images and the registries that hold them: `[[image]]` and `[registry."host"]`. Leans on `text`.

use super::text::{FilePath, MovingTag, Name, PackageName, Repository, SourceTag, VersionTag};
use schemars::JsonSchema;
use serde::Deserialize;

/// An image of a release.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Its name in commands: `{image.api}`.
    pub name: Name,
    /// Where it is kept: a repository of a registry, or `oci:./images`, an OCI image layout on disk.
    pub repository: Repository,
    /// In a monorepo: whose image it is.
    pub package: Option<PackageName>,
    /// The tag that the build gave it.
    #[schemars(extend("default" = "sha-{commit}"))]
    pub source: Option<SourceTag>,
    /// The tag that the release gives it, whatever the git tag's prefix.
    #[schemars(extend("default" = "v{version}"))]
    pub tag: Option<VersionTag>,
    /// Moving tags, updated only forwards and only by finals. `latest` moves only if it stands here.
    pub also: Option<Vec<MovingTag>>,
    /// Whether the image is built before the release is cut, or from its tag.
    #[schemars(extend("default" = "before"))]
    pub when: Option<When>,
}

/// When an image is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Before the cut, which gives it its version tag.
    Before,
    /// From the tag: the cut asks for none, and the build job ends with `rel retag`.
    After,
}

/// What is special about a registry.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// It speaks http, without TLS. On this machine that is the default, where no `ca` is given.
    #[schemars(extend("default" = false))]
    pub http: Option<bool>,
    /// A file with the certificates (PEM) that it is trusted by, besides those of the system.
    pub ca: Option<FilePath>,
    /// Credentials may go to it over http.
    #[schemars(extend("default" = false))]
    pub credentials_over_http: Option<bool>,
}
