//! What can be broken when somebody has to roll back.

use super::super::fixture::Fixture;
use crate::support::{Sandbox, program};

/// One fault: its name, what breaks, and a line of shell through which `rel` is started as `"$@"`.
pub struct Fault {
    pub name: &'static str,
    pub breaks: fn(Sandbox) -> Sandbox,
    pub through: &'static str,
}

const fn fault(name: &'static str, breaks: fn(Sandbox) -> Sandbox) -> Fault {
    Fault { name, breaks, through: "exec \"$@\"" }
}

/// The clone. What git itself has to do for a fault comes before what git cannot work with.
pub const CLONE: &[Fault] = &[
    fault("the default branch's commit is replaced", |shop| git(shop, "replace main v1.0.0^{commit}")),
    fault("HEAD is detached, at the first release", |shop| git(shop, "checkout -q --detach v1.0.0")),
    fault("the work tree is on another branch", |shop| git(shop, "checkout -q -b feature v1.0.0")),
    fault("the local tags are gone", |shop| git(shop, "tag -d v1.0.0 v1.1.0")),
    fault("the target's tag was moved here", |shop| git(shop, "tag -f v1.0.0 HEAD")),
    fault("release.toml of the work tree is broken", |shop| write(shop, "shop/release.toml", "[environment")),
    fault("HEAD names a branch without a commit", |shop| git(shop, "symbolic-ref HEAD refs/heads/empty")),
    fault("the index is not one", |shop| write(shop, "shop/.git/index", "garbage")),
    fault("the index has a stale lock", |shop| write(shop, "shop/.git/index.lock", "")),
    fault("HEAD has a stale lock", |shop| write(shop, "shop/.git/HEAD.lock", "")),
    fault("packed-refs has a stale lock", |shop| write(shop, "shop/.git/packed-refs.lock", "")),
    fault("hooks of the clone fail", |shop| {
        ["post-checkout", "pre-push", "reference-transaction", "commit-msg"].into_iter().fold(
            shop,
            |shop, hook| {
                program(&shop.file(&format!("shop/.git/hooks/{hook}")), "#!/bin/sh\nexit 1\n");
                shop
            },
        )
    }),
];

/// Damaged objects of the clone. Each loose object is one file.
pub const OBJECTS: &[Fault] = &[
    fault("the commit that runs is empty", |shop| damage(shop, "v1.1.0^{commit}", 0)),
    fault("the commit that runs is cut off", |shop| damage(shop, "v1.1.0^{commit}", 40)),
    fault("the tree that runs is cut off", |shop| damage(shop, "v1.1.0^{tree}", 20)),
    fault("release.toml is empty", |shop| damage(shop, "main:release.toml", 0)),
    fault("release.toml is cut off", |shop| damage(shop, "main:release.toml", 40)),
    fault("the first commit is empty", |shop| {
        let first = shop.git("rev-list --max-parents=0 HEAD");
        damage(shop, &first, 0)
    }),
];

/// The copy of the ledger in the clone.
pub const COPY: &[Fault] = &[
    fault("the copy has a stale lock on its tip", |shop| {
        in_copy(shop, "mkdir -p refs/rel && : > refs/rel/tip.lock")
    }),
    fault("the copy has stale locks everywhere", |shop| {
        in_copy(
            shop,
            ": > packed-refs.lock; : > shallow.lock; : > config.lock; : > HEAD.lock; : > FETCH_HEAD.lock",
        )
    }),
    fault("the copy's objects are empty", |shop| {
        in_copy(
            shop,
            "find objects -type f | while read -r file; do chmod u+w \"$file\"; : > \"$file\"; done",
        )
    }),
    fault("the copy's objects are cut in half", |shop| {
        in_copy(
            shop,
            "find objects -type f | while read -r file; do chmod u+w \"$file\"; truncate -s 40 \"$file\"; done",
        )
    }),
    fault("the copy's HEAD is empty", |shop| in_copy(shop, ": > HEAD")),
    fault("the copy's config is not one", |shop| in_copy(shop, "echo '[core' > config")),
    fault("the copy is a file", |shop| sh(shop, "rm -r \"$1\" && : > \"$1\"")),
    fault("a waiting event is damaged", |shop| {
        in_copy(shop, "mkdir -p pending && echo '{' > pending/01M7ZPV15YYPNGEFAAM4GTPQ83.json")
    }),
];

/// What surrounds the clone.
pub const MACHINE: &[Fault] = &[
    fault("docker's configuration is not JSON", |shop| write(shop, "home/.docker/config.json", "{")),
    fault("docker's credential helper is missing", |shop| {
        write(shop, "home/.docker/config.json", "{\"credsStore\":\"nowhere\"}")
    }),
    fault("a password of the registry without a user", |shop| {
        shop.with("REL_REGISTRY_PASSWORD", "secret-secret")
    }),
    fault("GIT_INDEX_FILE is set", |shop| shop.with("GIT_INDEX_FILE", ".git/other-index")),
    fault("git's settings are hostile", |shop| {
        std::fs::create_dir_all(shop.file("hooks")).unwrap();
        program(&shop.file("hooks/pre-push"), "#!/bin/sh\nexit 1\n");
        program(&shop.file("hooks/reference-transaction"), "#!/bin/sh\nexit 1\n");
        let hooks = shop.file("hooks").display().to_string();
        let text = format!(
            "[core]\nhooksPath = {hooks}\nfsmonitor = /nonexistent\nautocrlf = true\n[color]\nui = always\n[fetch]\nprune = true\n\
             [push]\ndefault = nothing\n[gc]\nauto = 1\n[core]\npager = false\n[transfer]\nfsckObjects = true\n"
        );
        write(shop, "home/.gitconfig", &text)
    }),
    fault("events cannot be signed", |shop| {
        write(
            shop,
            "home/.gitconfig",
            "[commit]\ngpgSign = true\n[user]\nsigningKey = nowhere\n[gpg]\nformat = ssh\n",
        )
    }),
    fault("git knows no user", |shop| {
        let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        names.into_iter().fold(shop, |shop, name| shop.with(name, ""))
    }),
    fault("HOME does not exist", |shop| {
        shop.with("HOME", "/nonexistent").with("XDG_CONFIG_HOME", "/nonexistent")
    }),
    fault("TMPDIR does not exist", |shop| shop.with("TMPDIR", "/nonexistent")),
    fault("the clock is two years behind", |shop| shop.with("REL_NOW", "2024-11-20T12:00:00Z")),
];

/// Disks, which need a mount of their own.
pub const DISKS: &[Fault] = &[
    Fault {
        name: "the copy is read-only",
        breaks: |shop| shop,
        through: "cd .. && mount --bind shop/.git/rel shop/.git/rel && mount -o remount,ro,bind shop/.git/rel && cd shop && exec \"$@\"",
    },
    Fault {
        name: "all of .git is read-only",
        breaks: |shop| shop,
        through: "cd .. && mount --bind shop/.git shop/.git && mount -o remount,ro,bind shop/.git && cd shop && exec \"$@\"",
    },
    Fault {
        name: "the disk of the clone is full",
        breaks: |shop| sh(shop, "mkdir full"),
        through: "cd .. && mount -t tmpfs -o size=8m none full && cp -a shop origin full/ && { cat /dev/zero > full/fill; cd full/shop; } 2>/dev/null; \
                  git remote set-url origin ../../origin/shop.git 2>/dev/null; exec \"$@\"",
    },
];

/// The remote, and the way to it.
pub const REMOTE: &[Fault] = &[
    fault("the remote is down", |shop| sh(shop, "mv origin away")),
    fault("the remote refuses the push", |shop| {
        program(&shop.file("origin/shop.git/hooks/pre-receive"), "#!/bin/sh\necho 'no' >&2\nexit 1\n");
        shop
    }),
    fault("every fetch fails", |shop| {
        git_script(
            ledger_moves(shop),
            "case \" $* \" in *\" fetch \"*) true;; *) false;; esac && { echo 'fatal: early EOF' >&2; exit 128; }",
        )
    }),
    fault("every push is cut", |shop| {
        git_script(
            shop,
            "case \" $* \" in *\" push \"*) true;; *) false;; esac && { echo 'fatal: the remote end hung up unexpectedly' >&2; exit 128; }",
        )
    }),
    fault("the target's tag was moved on the remote", |shop| {
        git(shop, "push -q -f origin HEAD:refs/tags/v1.0.0")
    }),
    fault("the tags are gone from the remote", |shop| {
        git(shop, "push -q origin :refs/tags/v1.0.0 :refs/tags/v1.1.0")
    }),
];

/// What ends by a time limit alone.
pub const SLOW: &[Fault] = &[
    fault("every fetch takes for ever", |shop| {
        git_script(ledger_moves(shop), "case \" $* \" in *\" fetch \"*) true;; *) false;; esac && sleep 600")
    }),
    fault("the remote answers nothing", |shop| {
        git_script(shop, "case \" $* \" in *\" fetch \"*|*\" push \"*|*\" ls-remote \"*) sleep 600;; esac")
    }),
];

pub fn write(shop: Sandbox, file: &str, text: &str) -> Sandbox {
    let file = shop.file(file);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
    shop
}

fn git(shop: Sandbox, words: &str) -> Sandbox {
    shop.git(words);
    shop
}

/// Runs a line of shell in the root of the sandbox; `$1` is the copy of the ledger.
fn sh(shop: Sandbox, line: &str) -> Sandbox {
    let find = "set -- \"$(find shop/.git/rel -mindepth 1 -maxdepth 1 -type d | head -1)\"";
    let done =
        shop.command("sh").current_dir(shop.root()).args(["-e", "-c", &format!("{find}\n{line}")]).status();
    assert!(done.unwrap().success(), "{line}");
    shop
}

/// Cuts an object off after so many bytes.
fn damage(shop: Sandbox, revision: &str, bytes: u64) -> Sandbox {
    let id = shop.git(&format!("rev-parse {revision}"));
    let file = shop.file(&format!("shop/.git/objects/{}/{}", &id[..2], &id[2..]));
    // It is read-only, as git leaves it.
    let whole = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, &whole[..usize::try_from(bytes).unwrap()]).unwrap();
    shop
}

fn in_copy(shop: Sandbox, line: &str) -> Sandbox {
    sh(shop, &format!("cd \"$1\"\n{line}"))
}

/// Records something on the remote that the clone does not have yet.
fn ledger_moves(shop: Sandbox) -> Sandbox {
    shop.git_words(&["-C", "..", "clone", "-q", "origin/shop.git", "other"]);
    let mut command = shop.rel_command(&["freeze", "prod", "--until", "2h", "--reason", "a sale"]);
    assert!(command.current_dir(shop.file("other")).status().unwrap().success());
    shop
}

/// Puts a `git` first on PATH that does something else at some of its commands.
fn git_script(shop: Sandbox, line: &str) -> Sandbox {
    shop.script("git", &format!("{line}\nexec \"$REAL_GIT\" \"$@\"\n"));
    shop
}
