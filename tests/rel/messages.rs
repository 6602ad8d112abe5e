//! Collects every text that the program can show into docs/messages.md, so that they can be read as one, and keeps that
//! page equal to the sources. `SNAPSHOTS=overwrite cargo test --test rel messages` renews it.

use proc_macro2::{TokenStream, TokenTree};
use snapbox::{assert_data_eq, file};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// Words and phrases that this project does not use in what people read: metaphors, and English that nobody speaks.
const BANNED: &[&str] = &[
    "bears ",
    "beforehand",
    "by itself",
    "desk",
    "in whose",
    "melts",
    "mouth",
    "parted",
    "robots",
    "shelf",
    "thereof",
    "whoever",
];

/// The texts of one file, in the order of its lines: line, the call that shows it, the text.
#[derive(Default)]
struct Texts {
    calls: Vec<String>,
    found: Vec<(usize, String, String)>,
}

impl Texts {
    fn add(&mut self, literal: &syn::LitStr) {
        let text = literal.value();
        let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
        if words >= 2 {
            let call = self.calls.last().cloned().unwrap_or_default();
            self.found.push((literal.span().start().line, call, text));
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                // An attribute: a doc comment within a macro, for example.
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    tokens.next_if(|next| matches!(next, TokenTree::Group(_)));
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(syn::Lit::Str(text)) = syn::parse_str::<syn::Lit>(&literal.to_string()) {
                        let mut text = text;
                        text.set_span(literal.span());
                        self.add(&text);
                    }
                }
                _ => {}
            }
        }
    }

    fn inside(&mut self, call: String, visit: impl FnOnce(&mut Self)) {
        self.calls.push(call);
        visit(self);
        self.calls.pop();
    }
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        let test = |attribute: &syn::Attribute| {
            attribute.path().is_ident("test")
                || attribute.path().is_ident("cfg")
                    && attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test")
        };
        if !attributes.iter().any(test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let name = match &*call.func {
            syn::Expr::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        self.inside(name.unwrap_or_default(), |texts| visit::visit_expr_call(texts, call));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        // The receiver is not an argument: `Error::usage("…").hint("…")`.
        self.visit_expr(&call.receiver);
        self.inside(call.method.to_string(), |texts| {
            call.args.iter().for_each(|argument| texts.visit_expr(argument));
        });
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        self.tokens(found.tokens.clone());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.add(literal);
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                files(&path, found);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
}

/// What a call shows its text as: errors with their exit codes.
fn role(call: &str) -> &str {
    match call {
        "defect" => "error 1",
        "usage" => "error 2",
        "refused" => "error 4",
        "conflict" => "error 5",
        "unreachable" => "error 6",
        "missing" => "error 7",
        "failed" => "error 8",
        "unknown" => "error 9",
        "context" => "error",
        "cause" => "because",
        other => other,
    }
}

/// Every text by file, then line.
fn texts() -> BTreeMap<String, Vec<(usize, String, String)>> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&top, &mut paths);
    let mut all = BTreeMap::new();
    for path in paths {
        let mut texts = Texts::default();
        texts.visit_file(&syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap());
        texts.found.sort();
        if !texts.found.is_empty() {
            all.insert(path.strip_prefix(&top).unwrap().display().to_string(), texts.found);
        }
    }
    all
}

#[test]
fn the_page_of_messages_is_what_the_sources_say() {
    let mut page = String::from(
        "# Messages\n\nEvery text that `rel` can show, by source file: errors with their causes and hints, warnings, \
         lines of plans and screens. In braces\nstands what is filled in. A test makes this page from the sources \
         (`SNAPSHOTS=overwrite cargo test --test rel messages`);\nread it as a whole after you change a sentence. Help \
         texts are in `rel --help` and the man pages.\n",
    );
    for (file, texts) in texts() {
        write!(page, "\n## {file}\n\n").unwrap();
        for (_, call, text) in texts {
            let text = text.trim().replace('\n', " ⏎ ");
            let call = match call.as_str() {
                "" => String::new(),
                call => format!("*{}* ", role(call)),
            };
            writeln!(page, "- {call}`` {text} ``").unwrap();
        }
    }
    assert_data_eq!(page, file!["../../docs/messages.md"].raw());
}

#[test]
fn messages_use_plain_words() {
    let mut faults = Vec::new();
    for (file, texts) in texts() {
        for (line, _, text) in texts {
            let lower = format!(" {} ", text.to_lowercase());
            for word in BANNED.iter().filter(|word| lower.contains(**word)) {
                faults.push(format!("src/{file}:{line}: {word:?} in {text:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
