//! Images and the registries that hold them: `[[image]]` and `[registry."host"]`.

use super::text::{
    MovingTagText, NameText, PackageText, PathText, RepositoryText, SourceTagText, VersionTagText,
};

table! {
    /// An image of a release.
    struct RawImage as "Image" {
        /// Its name in commands: `{image.api}`.
        name: NameText,
        /// Where it is kept: a repository of a registry, or `oci:./images`, an OCI image layout on disk.
        repository: RepositoryText,
        /// Where it was kept before: what was recorded there is looked for in `repository`, by the same digest.
        former: Option<Vec<RepositoryText>>,
        /// The package that the image belongs to (monorepos).
        package: Option<PackageText>,
        /// The tag that the build gave it.
        #[schemars(extend("default" = "sha-{commit}"))]
        source: Option<SourceTagText>,
        /// The tag that the release gives it, whatever the git tag's prefix.
        #[schemars(extend("default" = "v{version}"))]
        tag: Option<VersionTagText>,
        /// Moving tags: only final versions move them, and only forwards. `latest` moves only if it is listed here.
        also: Option<Vec<MovingTagText>>,
        /// Whether the image is built before the release, or from its tag.
        #[schemars(extend("default" = "before"))]
        when: Option<RawImageBuild>,
        /// New releases do not have it any more; earlier ones keep it.
        #[schemars(extend("default" = false))]
        retired: Option<bool>,
    }
}

keywords! {
    /// When an image is built.
    pub(in crate::config) enum RawImageBuild as "When" {
        /// Before the release, which gives it its version tag.
        Before = "before",
        /// From the tag: the release does not need the image, and the build job ends with `rel retag`.
        After = "after",
    }
}

table! {
    /// Settings of a registry.
    struct RawRegistry as "Registry" {
        /// Use http, without TLS. This is the default on this machine if no `ca` is given.
        #[schemars(extend("default" = false))]
        http: Option<bool>,
        /// A PEM file with certificates to trust, in addition to those of the system.
        ca: Option<PathText>,
        /// Allow sending credentials over http.
        #[schemars(extend("default" = false))]
        credentials_over_http: Option<bool>,
    }
}
