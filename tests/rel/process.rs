//! What the programs that `rel` starts get to see.

use crate::support::{Sandbox, program};

#[test]
fn credentials_for_registries_reach_no_program_that_cut_starts() {
    let shop = Sandbox::new();
    let seen = shop.root().join("seen");
    let record = |name: &str| {
        format!("#!/bin/sh\n(echo {name}; env | grep ^REL_REGISTRY_) >> {}\nexit 0\n", seen.display())
    };
    program(&shop.root().join("hook"), &record("before"));
    program(&shop.root().join("editor"), &record("editor"));
    program(&shop.folder().join(".git/hooks/pre-push"), &record("git"));
    let before = shop.root().join("hook").display().to_string();
    shop.write("release.toml", &format!("name = 'shop'\n[cut]\nbefore = [['{before}']]\n"));
    shop.git("add .");
    shop.commit("feat: first").git("push -q -u origin main");
    let editor = shop.root().join("editor").display().to_string();
    let shop = shop
        .with("EDITOR", &editor)
        .with("REL_REGISTRY_USER", "ada")
        .with("REL_REGISTRY_PASSWORD", "hunter2")
        .with("REL_REGISTRY_HOST", "registry.example");
    shop.rel("cut --yes --edit").code_is(0);
    let seen = std::fs::read_to_string(seen).unwrap();
    let mut names: Vec<&str> = seen.lines().collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["before", "editor", "git"]);
}
