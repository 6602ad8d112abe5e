//! Unusual repositories: shallow, partial, bare, empty, with other object formats, or with wrong dates.

use crate::support::Sandbox;
use snapbox::str;

/// A history with `before` commits, the tag v1.0.0, and `after` more, pushed with its tag.
fn pushed(before: usize, after: usize) -> Sandbox {
    let shop = Sandbox::new();
    for _ in 0..before {
        shop.commit("chore: old");
    }
    shop.tag("v1.0.0").commit("feat: new");
    for _ in 1..after {
        shop.commit("chore: new");
    }
    shop.git("push -q origin main --tags");
    shop
}

/// A `file://` URL: a plain path would copy the whole history whatever depth was asked for.
fn shallow(shop: Sandbox, depth: usize, more: &str) -> Sandbox {
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    let words = format!("clone -q --depth {depth}{more} {url} ../ci");
    shop.git(&words);
    shop.inside("ci")
}

#[test]
fn a_shallow_clone_is_deepened_just_enough() {
    let ci = shallow(pushed(300, 20), 5, "");
    ci.rel("next").prints("1.1.0\n");
    let here: usize = ci.git("rev-list --count HEAD").parse().unwrap();
    assert!((100..=110).contains(&here), "{here}");
    ci.rel("next -v").prints("1.1.0\n");
}

/// Four releases and a fix, of which the last commit alone is cloned.
fn four_releases() -> Sandbox {
    let shop = Sandbox::new();
    for patch in 0..4 {
        shop.commit("fix: a bug").tag(&format!("v1.0.{patch}"));
    }
    shop.commit("fix: one more").git("push -q origin main --tags");
    shop
}

#[test]
fn a_clone_that_was_deepened_for_two_releases_knows_the_others_too() {
    let ci = shallow(four_releases(), 1, "");
    assert_eq!(ci.rel("diff v1.0.0 v1.0.1").code, 0);
    assert_eq!(ci.git("rev-parse --is-shallow-repository"), "false");
    assert_eq!(ci.git("tag --list").lines().count(), 4);
    ci.rel("next").prints("1.0.4\n");
}

#[test]
fn a_tag_that_was_fetched_by_name_is_not_the_only_one() {
    let shop = four_releases();
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git(&format!("clone -q --no-tags {url} ../ci"));
    let ci = shop.inside("ci");
    assert_eq!(ci.rel("diff v1.0.0 HEAD").code, 0);
    ci.rel("next").prints("1.0.4\n");
}

#[test]
fn a_tag_that_is_another_one_here_stays_when_a_clone_is_deepened() {
    let ci = shallow(four_releases(), 1, "");
    ci.git("tag v1.0.3 HEAD");
    let here = ci.id("v1.0.3");
    assert_eq!(ci.rel("diff v1.0.0 v1.0.1").code, 0);
    assert_eq!(ci.git("tag --list").lines().count(), 4);
    assert_eq!(ci.id("v1.0.3"), here);
}

#[test]
fn a_shallow_clone_that_holds_its_base_needs_no_fetch() {
    let ci = shallow(pushed(30, 3), 5, "");
    ci.rel("next").prints("1.1.0\n");
    assert_eq!(ci.git("rev-list --count HEAD"), "5");
}

#[test]
fn a_shallow_clone_without_its_remote_refuses() {
    let ci = shallow(pushed(30, 20), 5, "");
    ci.rel("next --offline").fails(
        6,
        str![[r#"
error: this clone has no tag with a version, and --offline forbids asking origin for its tags
hint: fetch them with `git fetch --tags origin`; with actions/checkout, add `with: { fetch-depth: 0, fetch-tags: true }`
hint: --initial makes a first release anyway

"#]],
    );
    ci.git("fetch -q --depth 1 origin tag v1.0.0");
    ci.rel("next --offline").fails(
        4,
        str![[r#"
error: the history of main in this clone does not reach back to the last release, so no version can be computed
hint: with actions/checkout, add `with: { fetch-depth: 0 }`; in GitLab, `variables: { GIT_DEPTH: 0 }`
hint: by hand: `git fetch --unshallow --tags`

"#]],
    );
    ci.git("remote set-url origin ../gone.git");
    let run = ci.rel("next");
    assert!(run.stderr.starts_with("error: cannot reach origin\n"), "{}", run.stderr);
}

#[test]
fn a_detached_checkout_as_github_actions_makes_it() {
    let shop = pushed(30, 20);
    let id = shop.id("HEAD");
    shop.git("init -q ../ci");
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    let ci = shop.inside("ci");
    ci.git(&format!("remote add origin {url}"));
    ci.git(&format!("fetch -q --no-tags --depth=1 origin +{id}:refs/remotes/origin/main"));
    ci.git(&format!("checkout -q --detach {id}"));
    ci.rel("next").prints("1.1.0\n");
}

#[test]
fn a_shallow_clone_ignores_a_higher_version_on_a_side_branch() {
    let shop = pushed(30, 20);
    shop.git("switch -q -c next HEAD~10");
    shop.commit("feat!: x").tag("v2.0.0");
    shop.git("push -q origin next --tags");
    shop.switch("main");
    let ci = shallow(shop, 5, "");
    ci.rel("next").prints("1.1.0\n");
}

#[test]
fn a_release_toml_that_is_not_utf8_is_a_usage_error_in_a_bare_repository_too() {
    let shop = Sandbox::released("1.0.0");
    std::fs::write(shop.folder().join("release.toml"), b"name = \"\xff\"\n").unwrap();
    shop.git("add release.toml");
    shop.commit("feat: x");
    shop.git("clone -q --bare . ../bare.git");
    shop.rel("next").code_is(2);
    shop.inside("bare.git").rel("next").code_is(2);
}

#[test]
fn linked_work_trees_and_bare_repositories_work() {
    let shop = Sandbox::released("1.0.0");
    shop.write("release.toml", "[version]\nbump = { docs = \"minor\" }\n");
    shop.git("add release.toml");
    shop.commit("docs: x");
    shop.git("worktree add -q ../tree -b side");
    shop.git("clone -q --bare . ../bare.git");
    let tree = shop.inside("tree");
    tree.rel("next").prints("1.1.0\n");
    let bare = tree.inside("bare.git");
    bare.rel("next").prints("1.1.0\n");
}

#[test]
fn a_partial_clone_fetches_no_blob() {
    let shop = Sandbox::new();
    shop.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n");
    shop.change(&["api/a", "release.toml"], "feat: a")
        .tag("api-v1.0.0")
        .change(&["api/b"], "fix: b")
        .change(&["web/b"], "feat: c");
    shop.git("push -q origin main --tags");
    shop.git("-C ../origin/shop.git config uploadpack.allowFilter true");
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git(&format!("clone -q --filter=blob:none --no-checkout {url} ../partial"));
    let partial = shop.inside("partial");
    partial.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n");
    let missing = || {
        partial
            .git("rev-list --objects --all --missing=print")
            .lines()
            .filter(|line| line.starts_with('?'))
            .count()
    };
    let before = missing();
    assert!(before > 0);
    partial.rel("next").prints("api 1.0.1\n");
    assert_eq!(missing(), before);
}

#[test]
fn a_repository_with_sha256_object_names_is_refused_with_the_reason() {
    let shop = Sandbox::new();
    shop.git("init -q --object-format=sha256 ../wide");
    let wide = shop.inside("wide");
    wide.rel("next").fails(
        4,
        str![[r#"
error: the repository at $ROOT/wide uses SHA-256 object names, which libgit2 cannot read
  because: [..]
hint: rel cannot work in SHA-256 repositories yet

"#]],
    );
}

#[test]
fn a_repository_with_reftables_is_refused_with_the_reason() {
    let shop = Sandbox::new();
    shop.git("init -q ../tables");
    let tables = shop.inside("tables");
    // As git 2.45 and later write it; older ones must be able to run this test as well.
    tables.git("config core.repositoryformatversion 1");
    tables.git("config extensions.refstorage reftable");
    tables.rel("next").fails(
        4,
        str![[r#"
error: the repository at $ROOT/tables stores its refs in a reftable, which libgit2 cannot read
  because: [..]
hint: git refs migrate --ref-format=files

"#]],
    );
}

#[test]
fn replaced_and_grafted_commits_look_as_they_do_to_git() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a");
    let (old, tree) = (shop.id("HEAD"), shop.git("rev-parse HEAD^{tree}"));
    let new = shop.git(&format!("commit-tree {tree} -p HEAD^ -m fix:_small"));
    shop.git(&format!("replace {old} {new}"));
    shop.rel("next --format json").json("/commits/0/subject", "fix:_small");
    let shop = shop.with("GIT_NO_REPLACE_OBJECTS", "1");
    shop.rel("next").prints("1.1.0\n");
    let graft = Sandbox::released("1.0.0");
    graft.commit("feat: cut away").commit("fix: b");
    std::fs::write(
        graft.folder().join(".git/info/grafts"),
        format!("{} {}\n", graft.id("HEAD"), graft.id("HEAD~2")),
    )
    .unwrap();
    graft.rel("next").prints("1.0.1\n");
}

#[test]
fn an_empty_repository_or_folder_is_refused() {
    let shop = Sandbox::new();
    shop.rel("next").fails(
        4,
        str![[r#"
error: this repository has no commits yet
hint: make the first commit

"#]],
    );
    std::fs::create_dir(shop.root().join("empty")).unwrap();
    let empty = shop.inside("empty");
    empty.rel("next").fails(
        4,
        str![[r#"
error: $ROOT/empty is not in a git repository
hint: run rel inside a clone, or pass -C

"#]],
    );
    empty.rel("next -C nowhere").fails(2, "error: $ROOT/empty/nowhere is not a folder\n");
}

#[test]
fn a_package_without_commits_has_no_release() {
    let shop = Sandbox::new();
    shop.write("release.toml", "[package.api]\npaths = [\"api/**\"]\n");
    shop.commit("feat: elsewhere");
    shop.rel("next").fails(
        0,
        "api: nothing to release: the only commit does not require a release
",
    );
}

#[test]
fn wrong_dates_do_not_hide_a_tag() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a").tag("v1.1.0");
    let mut old = shop.command("git");
    old.args(["commit", "-q", "--allow-empty", "-m", "fix: from 1970"]).env("GIT_COMMITTER_DATE", "@1 +0000");
    assert!(old.status().unwrap().success());
    shop.branch("side").commit("feat!: elsewhere").tag("v5.0.0").switch("main");
    shop.commit("fix: b");
    shop.rel("next --format json").json("/current_tag", "v1.1.0");
    shop.git("commit-graph write --reachable");
    shop.rel("next --format json").json("/current_tag", "v1.1.0");
}

#[test]
fn the_commit_graph_does_not_change_results() {
    let shop = Sandbox::released("1.0.0");
    shop.branch("side").commit("feat: a").switch("main").commit("fix: b").merge("side").tag("v1.1.0");
    shop.commit("fix: c").branch("other").commit("feat!: d").tag("v3.0.0").switch("main").commit("fix: e");
    let before = shop.rel("next --format json").stdout;
    shop.git("commit-graph write --reachable");
    assert_eq!(shop.rel("next --format json").stdout, before);
    shop.commit("fix: not in the graph");
    shop.rel("next").prints("1.1.1\n");
    shop.git("commit-graph write --reachable --split");
    shop.rel("next").prints("1.1.1\n");
    std::fs::create_dir_all(shop.folder().join(".git/objects/info")).unwrap();
    shop.write(".git/objects/info/commit-graph", "garbage");
    shop.rel("next").prints("1.1.1\n");
}

#[test]
fn a_clock_that_was_wrong_for_a_while_does_not_hide_a_tag() {
    let shop = Sandbox::new();
    let at = |seconds: u64, message: &str| {
        let mut commit = shop.command("git");
        commit.args(["commit", "-q", "--allow-empty", "-m", message]);
        assert!(commit.env("GIT_COMMITTER_DATE", format!("@{seconds} +0000")).status().unwrap().success());
    };
    at(1_600_000_000, "feat: a");
    shop.tag("v1.0.0");
    at(1_600_000_050, "feat: b");
    shop.tag("v2.0.0");
    for place in 0..40 {
        at(1_000_000_000 + place, "docs: from 2001");
    }
    shop.tag("v1.5.0");
    at(1_600_000_100, "fix: c");
    shop.rel("next").prints("2.0.1\n");
    shop.git("commit-graph write --reachable");
    shop.rel("next").prints("2.0.1\n");
}

#[test]
fn git_dir_is_used_as_git_uses_it() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a");
    let git_dir = shop.folder().join(".git").to_string_lossy().into_owned();
    let elsewhere = shop.inside("home").with("GIT_DIR", &git_dir);
    elsewhere.rel("next").prints("1.1.0\n");
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let shop = Sandbox::released("1.0.0");
    shop.commit("feat: a");
    shop.shell("rel next > /dev/full").fails(
        6,
        "error: the output could not be written\n  because: no storage space\nhint: is the disk full?\n",
    );
    shop.shell("rel next | true").prints("");
}

#[test]
fn a_shallow_checkout_behind_the_tip_of_its_branch_works() {
    let shop = Sandbox::released("1.0.0");
    shop.write(
        "release.toml",
        "[[branch]]\nname = \"main\"\n[[branch]]\nname = \"staging\"\nchannel = \"rc\"\n",
    );
    shop.git("add release.toml");
    shop.branch("staging").commit("fix: a");
    let built = shop.id("HEAD");
    shop.commit("fix: b").commit("fix: c").commit("fix: d");
    shop.git("push -q origin staging --tags");
    let url = format!("file://{}", shop.root().join("origin/shop.git").display());
    shop.git("init -q ../ci");
    let ci = shop.inside("ci").with("GITLAB_CI", "1").with("CI_COMMIT_BRANCH", "staging");
    ci.git(&format!("remote add origin {url}"));
    ci.git(&format!("fetch -q --no-tags --depth=1 origin {built}"));
    ci.git("fetch -q --no-tags --depth=1 origin +refs/heads/staging:refs/remotes/origin/staging");
    ci.git(&format!("checkout -q --detach {built}"));
    ci.rel("next").prints("1.0.1-rc.1\n");
}
