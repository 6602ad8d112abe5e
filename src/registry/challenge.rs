//! What a registry wants to see before it lets anybody in: the `WWW-Authenticate` of a 401. Leans on nothing.

/// How to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with every request.
    Basic,
    /// A token of this service.
    Bearer {
        /// Where tokens are given.
        realm: String,
        /// The name that the service knows the registry by.
        service: Option<String>,
        /// What the registry says is needed, where it says so.
        scope: Option<String>,
    },
}

impl Challenge {
    /// Reads the headers of a 401. A token is preferred, because with it the password goes to one place alone. `None`
    /// where nothing is asked for that is known here.
    pub(super) fn read<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut basic = false;
        for header in headers {
            // A scheme that does not parse ends its header; those before it count.
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
    fn what_registries_really_send() {
        let read = |headers: &[&str]| Challenge::read(headers.iter().copied());
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Some(Challenge::Bearer { realm: realm.into(), service: owned(service), scope: owned(scope) })
        };
        assert_eq!(
            read(&[r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull""#]),
            bearer("https://ghcr.io/token", Some("ghcr.io"), Some("repository:a/b:pull"))
        );
        assert_eq!(
            read(&[
                r#"Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com""#
            ]),
            Some(Challenge::Basic)
        );
        assert_eq!(
            read(&[r#"Basic realm="x""#, r#"BEARER realm="https://gitlab.example/jwt/auth""#]),
            bearer("https://gitlab.example/jwt/auth", None, None)
        );
        for headers in [&[][..], &["Negotiate"], &["\""], &["Bearer service=\"x\""]] {
            assert_eq!(read(headers), None);
        }
    }
}
