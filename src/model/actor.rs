//! Who acts, and which identities belong to the same person. Variables of CI come in as a function from their name to their
//! value, so that nothing here reads the environment.

use super::event::Actor;
use serde_json::Map;

impl Actor {
    /// An actor outside of CI, by their address; a person if they use a terminal.
    pub fn local(email: &str, name: &str, at_terminal: bool) -> Self {
        let name = (!name.is_empty()).then(|| name.to_owned());
        Actor { id: email.to_owned(), name, person: at_terminal, run: None, ci: None, rest: Map::new() }
    }

    /// An actor in a CI system whose variables are not known: no person, whoever git names as author.
    pub fn of_unknown_ci(email: &str, name: &str) -> Self {
        Actor { ci: Some("unknown".to_owned()), ..Actor::local(email, name, false) }
    }

    /// Returns the actor that the variables of a CI system name; `None` outside of the five known systems. `read` returns the
    /// text of a file that a variable names.
    pub fn of_ci(
        get: &dyn Fn(&str) -> Option<String>,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        let set = |name: &str| get(name).is_some();
        if set("GITHUB_ACTIONS") {
            Some(github(get, read))
        } else if set("GITLAB_CI") {
            Some(gitlab(get))
        } else if set("BUILDKITE") {
            Some(buildkite(get))
        } else if set("CIRCLECI") {
            Some(circleci(get))
        } else if set("JENKINS_URL") {
            Some(jenkins(get))
        } else {
            None
        }
    }

    /// Returns the name to show: the name, otherwise the identity.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Builds an actor of CI. A run that names nobody belongs to the system itself.
fn named(ci: &str, who: Option<String>, person: bool, run: Option<String>) -> Actor {
    let id = format!("{ci}:{}", who.as_deref().unwrap_or("unknown"));
    Actor { id, name: None, person: person && who.is_some(), run, ci: Some(ci.to_owned()), rest: Map::new() }
}

/// docs.github.com, "Default environment variables". The triggering actor is the one who reran a run.
fn github(get: &dyn Fn(&str) -> Option<String>, read: &dyn Fn(&str) -> Option<String>) -> Actor {
    let who = get("GITHUB_TRIGGERING_ACTOR").or_else(|| get("GITHUB_ACTOR"));
    let robot = who.as_ref().is_some_and(|who| who.ends_with("[bot]"));
    let manual = match get("GITHUB_EVENT_NAME").as_deref() {
        Some("workflow_dispatch") => true,
        Some("release") => {
            let event = get("GITHUB_EVENT_PATH").and_then(|path| read(&path));
            event.zip(who.as_ref()).is_some_and(|(event, who)| publishes_release(&event, who))
        }
        _ => false,
    };
    let server = get("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
    let run = get("GITHUB_REPOSITORY")
        .zip(get("GITHUB_RUN_ID"))
        .map(|(repository, run)| format!("{server}/{repository}/actions/runs/{run}"));
    named("github", who, manual && !robot, run)
}

/// Returns whether this user published the release of a webhook event (docs.github.com, "Webhook events and payloads"): a bot
/// is no person, and who runs the job again did not publish it.
fn publishes_release(event: &str, who: &str) -> bool {
    let Ok(event) = serde_json::from_str::<serde_json::Value>(event) else { return false };
    let text = |pointer: &str| event.pointer(pointer).and_then(|value| value.as_str());
    let published = matches!(text("/action"), Some("published" | "released" | "prereleased"));
    let sender = text("/sender/login").is_some_and(|login| login.eq_ignore_ascii_case(who));
    published && sender && text("/sender/type") == Some("User")
}

/// docs.gitlab.com, "Predefined CI/CD variables". In a manual job the user is who started the job.
fn gitlab(get: &dyn Fn(&str) -> Option<String>) -> Actor {
    let manual = get("CI_JOB_MANUAL").as_deref() == Some("true")
        || get("CI_PIPELINE_SOURCE").as_deref() == Some("web");
    named("gitlab", get("GITLAB_USER_LOGIN"), manual, get("CI_JOB_URL").or_else(|| get("CI_PIPELINE_URL")))
}

/// buildkite.com/docs, "Environment variables". A job is started by the person who unblocked it.
fn buildkite(get: &dyn Fn(&str) -> Option<String>) -> Actor {
    let unblocker = get("BUILDKITE_UNBLOCKER_EMAIL");
    let manual = unblocker.is_some() || get("BUILDKITE_SOURCE").as_deref() == Some("ui");
    let who = unblocker.or_else(|| get("BUILDKITE_BUILD_CREATOR_EMAIL"));
    named("buildkite", who, manual, get("BUILDKITE_BUILD_URL"))
}

/// circleci.com/docs, "Built-in environment variables". None of them says whether a person started it.
fn circleci(get: &dyn Fn(&str) -> Option<String>) -> Actor {
    named("circleci", get("CIRCLE_USERNAME"), false, get("CIRCLE_BUILD_URL"))
}

/// The user comes from the plugin "user build vars", which also names causes that are not users.
fn jenkins(get: &dyn Fn(&str) -> Option<String>) -> Actor {
    let who = get("BUILD_USER_ID").filter(|who| !matches!(who.as_str(), "timer" | "scmChange" | "upstream"));
    let person = who.is_some();
    named("jenkins", who, person, get("BUILD_URL"))
}

/// Which identities belong to one person: `[people]`.
#[derive(Clone, Debug, Default)]
pub struct People(Vec<(String, Vec<String>)>);

impl People {
    /// People by name, each with their identities.
    pub fn new(people: impl IntoIterator<Item = (String, Vec<String>)>) -> Self {
        People(people.into_iter().collect())
    }

    /// Returns the name of the person with an identity.
    pub fn person(&self, id: &str) -> Option<&str> {
        let has = |ids: &[String]| ids.iter().any(|known| known.eq_ignore_ascii_case(id));
        self.0.iter().find(|(_, ids)| has(ids)).map(|(name, _)| name.as_str())
    }

    /// Whether two identities certainly belong to two people. For identities of different kinds only `[people]` can say so,
    /// because one person has an address and an account.
    pub fn are_two(&self, one: &str, other: &str) -> bool {
        if one.eq_ignore_ascii_case(other) || is_unknown(one) || is_unknown(other) {
            return false;
        }
        match (self.person(one), self.person(other)) {
            (Some(one), Some(other)) => one != other,
            _ => kind(one) == kind(other),
        }
    }
}

/// Whether an identity is that of a run that names nobody, as `circleci:unknown`: it may be anybody's.
fn is_unknown(id: &str) -> bool {
    kind(id).is_some() && id.ends_with(":unknown")
}

/// Returns the kind of an identity: `github` of `github:ada`; `None` for an address.
fn kind(id: &str) -> Option<&str> {
    id.split_once(':').map(|(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::{Actor, People};

    fn actor(variables: &[(&str, &str)]) -> Option<Actor> {
        let get = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Actor::of_ci(&get, &|path| (path == "/event.json").then(|| PUBLISHED.to_owned()))
    }

    /// A release that ada published.
    const PUBLISHED: &str = r#"{"action":"published","sender":{"login":"ada","type":"User"}}"#;

    #[test]
    fn who_publishes_a_release_is_a_person() {
        let release = |who: &'static str, path: &'static str| {
            [
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_ACTOR", who),
                ("GITHUB_EVENT_NAME", "release"),
                ("GITHUB_EVENT_PATH", path),
            ]
        };
        for (who, path, person) in [
            ("ada", "/event.json", true),
            // Somebody else ran the job again.
            ("bob", "/event.json", false),
            ("ada", "/gone.json", false),
        ] {
            assert_eq!(actor(&release(who, path)).unwrap().person, person, "{who} {path}");
        }
        for event in [
            r#"{"action":"published","sender":{"login":"ada","type":"Bot"}}"#,
            r#"{"action":"edited","sender":{"login":"ada","type":"User"}}"#,
            r#"{"action":"published"}"#,
            "[]",
            "not json",
        ] {
            assert!(!super::publishes_release(event, "ada"), "{event}");
        }
    }

    /// System, identity, person, run.
    #[test]
    fn five_ci_systems_name_the_actor() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_ACTOR", "ada"),
            ("GITHUB_EVENT_NAME", "workflow_dispatch"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", "17"),
        ];
        type Case<'c> = (&'c [(&'c str, &'c str)], &'c str, bool, Option<&'c str>);
        let cases: [Case<'_>; 10] = [
            (&github, "github:ada", true, Some("https://github.com/acme/shop/actions/runs/17")),
            (
                &[("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "ada"), ("GITHUB_EVENT_NAME", "push")],
                "github:ada",
                false,
                None,
            ),
            (
                &[
                    ("GITHUB_ACTIONS", "true"),
                    ("GITHUB_ACTOR", "dependabot[bot]"),
                    ("GITHUB_EVENT_NAME", "workflow_dispatch"),
                ],
                "github:dependabot[bot]",
                false,
                None,
            ),
            (
                &[("GITHUB_ACTIONS", "true"), ("GITHUB_ACTOR", "ada"), ("GITHUB_TRIGGERING_ACTOR", "bob")],
                "github:bob",
                false,
                None,
            ),
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("GITLAB_USER_LOGIN", "ada"),
                    ("CI_JOB_MANUAL", "true"),
                    ("CI_JOB_URL", "https://g/1"),
                ],
                "gitlab:ada",
                true,
                Some("https://g/1"),
            ),
            (&[("GITLAB_CI", "true"), ("GITLAB_USER_LOGIN", "ada")], "gitlab:ada", false, None),
            (
                &[("JENKINS_URL", "http://j"), ("BUILD_USER_ID", "ada"), ("BUILD_URL", "http://j/1")],
                "jenkins:ada",
                true,
                Some("http://j/1"),
            ),
            (&[("JENKINS_URL", "http://j"), ("BUILD_USER_ID", "timer")], "jenkins:unknown", false, None),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_BUILD_CREATOR_EMAIL", "ada@acme.example"),
                    ("BUILDKITE_SOURCE", "ui"),
                ],
                "buildkite:ada@acme.example",
                true,
                None,
            ),
            (&[("CIRCLECI", "true"), ("CIRCLE_USERNAME", "ada")], "circleci:ada", false, None),
        ];
        for (variables, id, person, run) in cases {
            let actor = actor(variables).unwrap();
            assert_eq!(
                (actor.id.as_str(), actor.person, actor.run.as_deref()),
                (id, person, run),
                "{variables:?}"
            );
        }
        assert_eq!(actor(&[("CI", "true")]), None);
    }

    #[test]
    fn two_identities_are_two_people_only_if_that_is_certain() {
        let people = People::new([
            ("ada".to_owned(), vec!["ada@acme.example".to_owned(), "github:ada".to_owned()]),
            ("bob".to_owned(), vec!["bob@acme.example".to_owned(), "github:bob".to_owned()]),
        ]);
        let empty = People::default();
        for (people, one, other, two) in [
            (&people, "ada@acme.example", "github:ada", false),
            (&people, "ada@acme.example", "github:bob", true),
            (&people, "ADA@acme.example", "ada@acme.example", false),
            (&people, "ada@acme.example", "eve@acme.example", true),
            (&people, "ada@acme.example", "github:eve", false),
            (&empty, "github:ada", "github:bob", true),
            (&empty, "ada@acme.example", "bob@acme.example", true),
            (&empty, "ada@acme.example", "github:bob", false),
            (&empty, "gitlab:ada", "github:bob", false),
        ] {
            assert_eq!(people.are_two(one, other), two, "{one} and {other}");
            assert_eq!(people.are_two(other, one), two, "{other} and {one}");
        }
    }
}
