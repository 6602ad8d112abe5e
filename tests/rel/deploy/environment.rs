//! The environment variables of commands, and the folder in which they run.

use super::fixture::{Fixture, shop};
use crate::support::Sandbox;

/// Commits a program `see` with this script, and releases it as 1.3.0.
fn with_program(environments: &str, text: &str) -> Sandbox {
    let shop = shop(environments);
    shop.write("see", &format!("#!/bin/sh\nroot='{}'\n{text}", shop.root().display()));
    shop.git("add see");
    shop.git("update-index --chmod=+x see");
    shop.commit("build: see");
    shop.git_words(&["tag", "-a", "-m", "1.3.0", "v1.3.0"]);
    shop.git("push -q origin main v1.3.0");
    shop.git("checkout -q -f main");
    shop
}

#[test]
fn commands_get_what_they_need_and_no_secret_that_is_not_in_pass_env() {
    let rules = "[environment.prod]\ndeploy = ['./see', '{env}', '{x}']\npass_env = ['KUBECONFIG', 'DEPLOY_TOKEN', 'HOOK']\n\
        [[notify]]\nkind = 'slack'\nurl_env = 'HOOK'\n";
    let shop = with_program(
        rules,
        "env | sort > $root/env; cat > $root/stdin; echo \"token $DEPLOY_TOKEN\"; echo \"$@\" > $root/words\n\
         ps -o pgid= -p $$ | tr -d ' ' > $root/group; echo $$ > $root/pid\n",
    );
    let shop = shop
        .with("KUBECONFIG", "/home/ada/kube")
        .with("DEPLOY_TOKEN", "hunter2-hunter2")
        .with("HOOK", "https://hooks.example/secret")
        .with("AWS_SECRET_ACCESS_KEY", "never")
        .with("REL_REGISTRY_PASSWORD", "never");
    let run = shop.rel("deploy prod v1.3.0");
    run.code_is(0);
    assert!(run.stderr.contains("  | token ***") && !run.stderr.contains("hunter2"), "{}", run.stderr);
    let read = |name: &str| std::fs::read_to_string(shop.file(name)).unwrap();
    let seen = read("env");
    for line in [
        "KUBECONFIG=/home/ada/kube",
        "REL_VERSION=1.3.0",
        "REL_ENV=prod",
        "REL_ACTION=deploy",
        "REL_TAG=v1.3.0",
    ] {
        assert!(seen.lines().any(|seen| seen == line), "{line} in {seen}");
    }
    for name in ["AWS_SECRET", "REL_REGISTRY", "HOOK", "never"] {
        assert!(!seen.contains(name), "{name} in {seen}");
    }
    assert_eq!(read("stdin"), "");
    assert_eq!(read("words"), "prod {x}\n");
    assert_eq!(read("group"), read("pid"));
}

#[test]
fn secrets_in_reported_targets_are_redacted() {
    let rules = "[environment.prod]\ndeploy = ['./see']\npass_env = ['DEPLOY_TOKEN']\n";
    let script = "t=$DEPLOY_TOKEN\n\
        echo \"{\\\"targets\\\":[{\\\"name\\\":\\\"$t\\\",\\\"version\\\":\\\"$t\\\",\\\"state\\\":\\\"$t\\\"}]}\" > $REL_RESULT\n";
    let shop = with_program(rules, script).with("DEPLOY_TOKEN", "hunter2-hunter2");
    let run = shop.rel("deploy prod v1.3.0 --format json");
    run.code_is(8);
    assert!(run.stderr.contains("targets are not healthy: *** ***"), "{}", run.stderr);
    assert!(
        !run.stderr.contains("hunter2") && !run.stdout.contains("hunter2"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn the_commit_of_a_ci_run_is_passed_on_and_no_secret() {
    let rules = "[environment.prod]\ndeploy = ['./see']\npass_env = ['GITHUB_SHA', 'GITHUB_REF_NAME']\n";
    let shop = with_program(rules, "echo \"sha $GITHUB_SHA, ref $GITHUB_REF_NAME\"\n");
    let commit = shop.git("rev-parse v1.3.0^{commit}").trim().to_owned();
    let variables = format!("GITHUB_SHA={commit} GITHUB_REF_NAME=v1.3.0");
    let run = shop.shell(&format!("{variables} rel deploy prod v1.3.0"));
    run.code_is(0);
    assert!(run.stderr.contains(&format!("sha {commit}, ref v1.3.0")), "{}", run.stderr);
}

#[test]
fn commands_run_in_the_tree_of_the_release_which_is_removed_afterwards() {
    for (tree, there) in [("release", "1.3.0"), ("config", "newest"), ("here", "here")] {
        let rules = format!("[environment.prod]\ndeploy = ['./see']\ntree = '{tree}'\n");
        let shop = with_program(&rules, "cat mark > $root/mark; pwd > $root/place; touch litter\n");
        shop.write("mark", "1.3.0");
        shop.git("add mark");
        shop.commit("feat: mark");
        shop.git_words(&["tag", "-f", "-a", "-m", "1.3.0", "v1.3.0"]);
        shop.write("mark", "newest");
        shop.git("add mark");
        shop.commit("feat: newest");
        shop.git("push -q -f origin main v1.3.0");
        shop.write("mark", "here");
        shop.rel("deploy prod v1.3.0 -q").code_is(0);
        let read = |name: &str| std::fs::read_to_string(shop.file(name)).unwrap();
        assert_eq!(read("mark"), there);
        let place = read("place");
        assert_eq!(place.trim() == shop.folder().to_str().unwrap(), tree == "here");
        assert!(tree == "here" || !std::path::Path::new(place.trim()).exists(), "{place}");
        assert_eq!(shop.git("worktree list").lines().count(), 1);
    }
}

#[test]
fn a_deploy_that_cannot_begin_leaves_no_checkout() {
    let shop = with_program("[environment.prod]\ndeploy = ['./see']\n", "true\n");
    shop.commit("feat: later");
    let hook = shop.file("origin/shop.git/hooks/pre-receive");
    crate::support::program(&hook, "#!/bin/sh\necho closed >&2\nexit 1\n");
    shop.rel("deploy prod v1.3.0 -q").code_is(6);
    assert_eq!(shop.git("worktree list").lines().count(), 1);
    assert_eq!(std::fs::read_dir(shop.file("tmp")).unwrap().count(), 0);
}

#[test]
fn the_work_tree_is_used_if_it_is_the_release_and_clean() {
    let shop = with_program("[environment.prod]\ndeploy = ['./see']\n", "pwd > $root/place\n");
    shop.rel("deploy prod v1.3.0 -q").code_is(0);
    let place = std::fs::read_to_string(shop.file("place")).unwrap();
    assert_eq!(place.trim(), shop.folder().to_str().unwrap());
}

#[test]
fn kubectl_is_called_with_the_usual_arguments() {
    let rules = "[[image]]\nname = 'api'\nrepository = 'oci:./images'\n\
        [environment.prod]\naccept = 'any'\ntimeout = '2m'\n\
        deploy = { kubectl = { workload = 'deployment/api', namespace = 'prod', containers = { app = 'api' } } }\n";
    let shop = shop(rules);
    let head = shop.id("HEAD");
    let images = shop.folder().join("images");
    let digest = crate::support::layout::image(&images, &format!("sha-{head}"), "one", "x");
    let told = shop.file("told").display().to_string();
    shop.script("kubectl", &format!("echo \"$@\" >> '{told}'\n"));
    shop.shell("rel deploy prod HEAD -q").code_is(0);
    assert_eq!(
        shop.calls(),
        format!(
            "--namespace=prod set image deployment/api app=oci:./images@{digest}\n\
             --namespace=prod rollout status deployment/api --timeout=120s\n"
        )
    );
}

#[test]
fn a_secret_is_hidden_across_every_border_of_what_is_read_at_once() {
    let rules = "[environment.prod]\ndeploy = ['./see']\npass_env = ['DEPLOY_TOKEN']\n";
    // 4,096 bytes is where a long line is split; 8,192 and more is what a pipe may deliver at once.
    let shop = with_program(
        rules,
        "for length in 4086 4090 4095 8186 8190 65530; do\n\
           head -c $length /dev/zero | tr '\\0' x; printf '%sEND\\n' \"$DEPLOY_TOKEN\"\n\
         done\n",
    );
    let run = shop.with("DEPLOY_TOKEN", "hunter2-hunter3").rel("deploy prod v1.3.0");
    run.code_is(0);
    let printed: String = run.stderr.lines().filter_map(|line| line.strip_prefix("  | ")).collect();
    assert_eq!(printed.matches("***END").count(), 6, "{printed}");
    assert!(!printed.contains("hunt") && !printed.contains("ter3"));
}

#[test]
fn a_report_that_is_a_pipe_or_too_large_fails_the_deploy() {
    let rules = "[environment.prod]\ndeploy = ['./see']\n";
    for (script, why) in [
        ("mkfifo \"$REL_RESULT\"", "it is not a regular file"),
        ("ln -s /dev/zero \"$REL_RESULT\"", "it is not a regular file"),
        ("truncate -s 300M \"$REL_RESULT\"", "it is larger than 1 MiB"),
    ] {
        let shop = with_program(rules, &format!("{script}\n"));
        let run = shop.shell("timeout 60 rel deploy prod v1.3.0 -q");
        run.code_is(8);
        assert!(run.stderr.starts_with("error: cannot read $REL_RESULT\n"), "{script}: {}", run.stderr);
        assert!(run.stderr.contains(why), "{script}: {}", run.stderr);
        assert_eq!(shop.state("prod"), "1.3.0 failed");
    }
}
