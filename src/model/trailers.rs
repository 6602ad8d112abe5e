//! The trailers that `rel` writes below the notes in a tag: package, build commit, digests. Only the last paragraph is parsed,
//! because the text above it may contain anything.

use super::commit::CommitId;
use super::image::Image;
use std::fmt;

/// The trailers of a tag that `rel` created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailers {
    /// `Rel-Package`: the package.
    pub package: String,
    /// `Rel-Previous`: the tag of the previous release; `None` for the first.
    pub previous: Option<String>,
    /// `Rel-Build`: the commit that the images were built from.
    pub build: CommitId,
    /// `Rel-Image`, one for each image that existed at the cut.
    pub images: Vec<Image>,
    /// `Rel-Run`: distinguishes the tags of two jobs that ran in the same second.
    pub run: Option<String>,
}

/// The first lines of signatures, which end the text of a tag (gpg, ssh, x509).
const SIGNATURES: [&str; 4] = [
    "-----BEGIN PGP SIGNATURE-----",
    "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN SSH SIGNATURE-----",
    "-----BEGIN SIGNED MESSAGE-----",
];

impl Trailers {
    /// Parses the message of a tag; `None` if its last paragraph has no trailer of `rel`.
    ///
    /// # Errors
    ///
    /// Says which trailer is missing or was edited.
    pub fn parse(message: &str) -> Result<Option<Trailers>, String> {
        let paragraph = last_paragraph(message);
        if !paragraph.iter().any(|line| line.starts_with("Rel-")) {
            return Ok(None);
        }
        let values = |key: &str| -> Vec<&str> {
            let lines = paragraph.iter().copied();
            lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(": ").map(str::trim)).collect()
        };
        let once = |key: &str| match values(key).as_slice() {
            [] => Ok(None),
            [value] if !value.is_empty() => Ok(Some((*value).to_owned())),
            [_] => Err(format!("{key} is empty")),
            _ => Err(format!("{key} occurs more than once")),
        };
        let needed = |key: &str| once(key)?.ok_or_else(|| format!("{key} is missing"));
        let build = needed("Rel-Build")?;
        let build = CommitId::parse(&build).ok_or_else(|| format!("Rel-Build: {build} is not a commit"))?;
        let image =
            |text: &&str| Image::parse(text).ok_or_else(|| format!("Rel-Image: {text} is not an image"));
        let images: Vec<Image> = values("Rel-Image").iter().map(image).collect::<Result<_, _>>()?;
        for (place, image) in images.iter().enumerate() {
            if images.iter().take(place).any(|other| other.name == image.name) {
                return Err(format!("Rel-Image: {} occurs more than once", image.name));
            }
        }
        Ok(Some(Trailers {
            package: needed("Rel-Package")?,
            previous: once("Rel-Previous")?,
            build,
            images,
            run: once("Rel-Run")?,
        }))
    }

    /// Returns the recorded image with a name.
    pub fn image(&self, name: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.name == name)
    }
}

/// The paragraph as written in a tag, without a line break at its end.
impl fmt::Display for Trailers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rel-Package: {}", self.package)?;
        if let Some(previous) = &self.previous {
            write!(f, "\nRel-Previous: {previous}")?;
        }
        write!(f, "\nRel-Build: {}", self.build)?;
        self.images.iter().try_for_each(|image| write!(f, "\nRel-Image: {image}"))?;
        self.run.iter().try_for_each(|run| write!(f, "\nRel-Run: {run}"))
    }
}

/// Returns the lines of the last paragraph before a signature.
fn last_paragraph(message: &str) -> Vec<&str> {
    let text = message.lines().take_while(|line| !SIGNATURES.contains(&line.trim_end()));
    let mut paragraph = Vec::new();
    for line in text {
        match (line.trim().is_empty(), paragraph.last()) {
            (true, _) => paragraph.push(""),
            (false, Some(&"")) => paragraph = vec![line.trim_end()],
            (false, _) => paragraph.push(line.trim_end()),
        }
    }
    paragraph.retain(|line| !line.is_empty());
    paragraph
}

#[cfg(test)]
mod tests {
    use super::Trailers;

    fn paragraph() -> String {
        let (commit, digest) = ("ab".repeat(20), "0a".repeat(32));
        format!(
            "Rel-Package: shop\nRel-Previous: v1.3.0\nRel-Build: {commit}\n\
             Rel-Image: api ghcr.io/acme/shop-api@sha256:{digest}\n\
             Rel-Image: web oci:./images@sha256:{digest}\nRel-Run: 17"
        )
    }

    #[test]
    fn trailers_are_parsed_as_they_are_printed() {
        let message = format!("v1.4.0\n\n- coupons\n\nRel-Build: forged\n\n{}\n", paragraph());
        let trailers = Trailers::parse(&message).unwrap().unwrap();
        assert_eq!(trailers.to_string(), paragraph());
        let signed = format!(
            "{message}-----BEGIN SSH SIGNATURE-----\nU1NI\n\nRel-Build: x\n-----END SSH SIGNATURE-----\n"
        );
        assert_eq!(Trailers::parse(&signed), Ok(Some(trailers)));
    }

    #[test]
    fn text_above_the_last_paragraph_is_not_a_trailer() {
        for message in ["", "v1.4.0", "v1.4.0\n\nRel-Build: x\n\nthe end", "Release-As: 1.0.0"] {
            assert_eq!(Trailers::parse(message), Ok(None), "{message}");
        }
    }

    #[test]
    fn incomplete_or_edited_trailers_are_an_error() {
        let whole = paragraph();
        let twice = format!("{whole}\nRel-Build: {}", "cd".repeat(20));
        let image = format!("{whole}\nRel-Image: api oci:x@sha256:{}", "00".repeat(32));
        let bad = whole.replace("sha256:", "md5:");
        let without = whole.replace("Rel-Package: shop\n", "");
        for (message, fault) in [
            (twice, "Rel-Build occurs more than once"),
            (image, "Rel-Image: api occurs more than once"),
            (without, "Rel-Package is missing"),
            ("Rel-Build: x".to_owned(), "Rel-Build: x is not a commit"),
        ] {
            assert_eq!(Trailers::parse(&message), Err(fault.to_owned()));
        }
        assert!(Trailers::parse(&bad).unwrap_err().ends_with("is not an image"));
    }
}
