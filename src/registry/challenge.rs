//! The challenge of a 401: what a registry wants to see before it grants access (RFC 9110, `WWW-Authenticate`).

/// How to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with every request.
    Basic,
    /// A token of a token service.
    Bearer {
        /// The URL of the token service.
        realm: String,
        /// The name of the registry at that service.
        service: Option<String>,
        /// The scope that is required, if the registry names one.
        scope: Option<String>,
    },
}

impl Challenge {
    /// Parses the headers of a 401. `Bearer` is preferred, because then the password goes to the token service only.
    /// `None` if no scheme is supported.
    pub(super) fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut basic = false;
        for header in headers {
            // A scheme that cannot be parsed ends its header; those before it count.
            for challenge in http_auth::parser::ChallengeParser::new(header).map_while(Result::ok) {
                let value = |name: &str| {
                    let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value.to_unescaped()).filter(|value| !value.is_empty())
                };
                if challenge.scheme.eq_ignore_ascii_case("bearer")
                    && let Some(realm) = value("realm")
                {
                    return Some(Challenge::Bearer {
                        realm,
                        service: value("service"),
                        scope: value("scope"),
                    });
                }
                basic |= challenge.scheme.eq_ignore_ascii_case("basic");
            }
        }
        basic.then_some(Challenge::Basic)
    }
}

#[cfg(test)]
mod tests {
    use super::Challenge;

    #[test]
    fn challenges_of_real_registries_are_parsed() {
        let parse = |headers: &[&str]| Challenge::parse(headers.iter().copied());
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Some(Challenge::Bearer { realm: realm.into(), service: owned(service), scope: owned(scope) })
        };
        assert_eq!(
            parse(&[r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull""#]),
            bearer("https://ghcr.io/token", Some("ghcr.io"), Some("repository:a/b:pull"))
        );
        assert_eq!(
            parse(&[
                r#"Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com""#
            ]),
            Some(Challenge::Basic)
        );
        assert_eq!(
            parse(&[r#"Basic realm="x""#, r#"BEARER realm="https://gitlab.example/jwt/auth""#]),
            bearer("https://gitlab.example/jwt/auth", None, None)
        );
        for headers in [&[][..], &["Negotiate"], &["\""], &["Bearer service=\"x\""]] {
            assert_eq!(parse(headers), None);
        }
    }
}
