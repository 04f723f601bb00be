//! Every path that a file's code names, in `use` or in passing; groups are written out, `#[cfg(test)]` is left out.
//!
//! It reads tokens rather than text, so that comments and strings do not count, and rather than syntax, so that
//! the bodies of macros do.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// What is in a file.
#[derive(Default)]
pub struct Found {
    /// The paths it names.
    pub paths: Vec<Path>,
    /// The modules that it declares in files of their own.
    pub submodules: Vec<String>,
}

/// A path as it is written, and where.
#[derive(Debug)]
pub struct Path {
    segments: Vec<String>,
    module: Vec<String>,
}

impl Path {
    /// Its segments from the crate's root, if it leads into this crate.
    pub fn inside_crate(&self) -> Option<Vec<String>> {
        let supers = self.segments.iter().take_while(|name| *name == "super");
        let supers = supers.count();
        match self.segments.first()?.as_str() {
            "crate" | "laredo" => Some(self.segments[1..].to_vec()),
            "super" => {
                let above = self.module.len().saturating_sub(supers);
                Some([&self.module[..above], &self.segments[supers..]].concat())
            }
            _ => None,
        }
    }

    /// Whether it leads into `outer`, a crate or a module of one.
    pub fn begins_with(&self, outer: &str) -> bool {
        let mut segments = self.segments.iter();
        outer
            .split("::")
            .all(|name| segments.next().is_some_and(|segment| segment == name))
    }
}

/// Reads a file's text; `module` is the path of its module.
pub fn read(text: &str, module: &[String]) -> Found {
    let mut found = Found::default();
    let tokens: TokenStream = text.parse().expect("a file that compiles");
    walk(tokens, module, &mut found);
    found
}

fn walk(tokens: TokenStream, module: &[String], found: &mut Found) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        if is_test_attribute(&tokens[index..]) {
            index += length_of_item(&tokens[index..]);
        } else if let Some(name) = declared_module(&tokens[index..]) {
            match &tokens[index + 2..] {
                [TokenTree::Group(body), ..] => {
                    let inner = [module, &[name]].concat();
                    walk(body.stream(), &inner, found);
                }
                _ => found.submodules.push(name),
            }
            index += 3;
        } else if begins_path(&tokens, index) {
            let mut paths = Vec::new();
            index = read_path(&tokens, index, &[], &mut paths);
            let paths = paths.into_iter();
            found.paths.extend(paths.map(|segments| Path {
                segments,
                module: module.to_vec(),
            }));
        } else {
            if let TokenTree::Group(group) = token {
                walk(group.stream(), module, found);
            }
            index += 1;
        }
    }
}

/// `#[cfg(test)]`, or a condition that cannot hold without it.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] if hash.as_char() == '#' => {
            let inside: Vec<_> = attribute.stream().into_iter().collect();
            matches!(inside.as_slice(), [TokenTree::Ident(name), TokenTree::Group(condition)]
                if name == "cfg" && needs_test(condition))
        }
        _ => false,
    }
}

fn needs_test(condition: &Group) -> bool {
    let tokens: Vec<_> = condition.stream().into_iter().collect();
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Ident(name) if name == "test" => true,
        TokenTree::Group(inner) => {
            index > 0 && is_ident(&tokens[index - 1], "all") && needs_test(inner)
        }
        _ => false,
    })
}

/// Up to the body's end, or the semicolon.
fn length_of_item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(token, ';'),
    };
    tokens
        .iter()
        .position(ends)
        .map_or(tokens.len(), |last| last + 1)
}

fn declared_module(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), ..] if keyword == "mod" => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// A name with `::` behind it, or the one that `use` names; but not in the middle of a path.
fn begins_path(tokens: &[TokenTree], index: usize) -> bool {
    let before = &tokens[..index];
    match &tokens[index] {
        TokenTree::Ident(_) => {
            !is_inside_path(before)
                && (is_separator(&tokens[index + 1..]) || before.last().is_some_and(is_use))
        }
        TokenTree::Group(_) => before.last().is_some_and(is_use),
        _ => false,
    }
}

/// Whether `before` ends in `name::` or `>::`; a bare `::` begins a path, also behind `use` and `->`.
fn is_inside_path(before: &[TokenTree]) -> bool {
    match before {
        [.., minus, angle, _, _] if is_punct(minus, '-') && is_punct(angle, '>') => false,
        [.., TokenTree::Ident(name), first, second] => {
            name != "use" && is_separator_pair(first, second)
        }
        [.., angle, first, second] => is_punct(angle, '>') && is_separator_pair(first, second),
        _ => false,
    }
}

fn is_use(token: &TokenTree) -> bool {
    is_ident(token, "use")
}

/// Reads the path at `index`, writing groups out, and returns the index behind it.
fn read_path(
    tokens: &[TokenTree],
    mut index: usize,
    prefix: &[String],
    paths: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(index) {
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                read_group(group, &path, paths);
                return index + 1;
            }
            _ => break,
        }
        index += 1;
        if !is_separator(&tokens[index..]) {
            break;
        }
        index += 2;
    }
    paths.push(path);
    index
}

fn read_group(group: &Group, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    for part in tokens.split(|token| is_punct(token, ',')) {
        if !part.is_empty() {
            read_path(part, 0, prefix, paths);
        }
    }
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [first, second, ..] if is_separator_pair(first, second))
}

fn is_separator_pair(first: &TokenTree, second: &TokenTree) -> bool {
    let joined = matches!(first, TokenTree::Punct(colon) if colon.spacing() == Spacing::Joint);
    joined && is_punct(first, ':') && is_punct(second, ':')
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_ident(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let module = ["server".to_owned(), "crowd".to_owned()];
        let found = read(text, &module).paths;
        found
            .iter()
            .map(|path| {
                path.inside_crate()
                    .unwrap_or(path.segments.clone())
                    .join("::")
            })
            .collect()
    }

    #[test]
    fn uses_and_groups_are_written_out() {
        let text =
            "use crate::{oauth::{Error, Token as T}, secret::*}; use axum; use {bytes::Bytes};";

        let expected = [
            "oauth::Error",
            "oauth::Token",
            "secret",
            "axum",
            "bytes::Bytes",
        ];
        assert_eq!(named(text), expected);
    }

    #[test]
    fn paths_in_passing_are_found_in_code_and_macros() {
        let text = "fn f(a: &crate::json::A) -> ::moka::B<super::super::clock::C> { m!(std::env::var(x)) }";

        let expected = ["json::A", "moka::B", "clock::C", "std::env::var"];
        assert_eq!(named(text), expected);
    }

    #[test]
    fn neighbours_are_named_from_the_root() {
        assert_eq!(
            named("use super::house::House; mod inner { use super::super::x::Y; }"),
            ["server::house::House", "server::x::Y"]
        );
    }

    #[test]
    fn tests_comments_and_strings_do_not_count() {
        let text = r#"
            #[cfg(test)] use crate::a::A;
            #[cfg(all(test, not(feature = "b")))] mod b;
            /// [`crate::c::C`]
            fn f() { "crate::d::D"; }
            #[cfg(test)] mod tests { use crate::e::E; }
            #[cfg(not(test))] use crate::f::F;
        "#;

        assert_eq!(named(text), ["f::F"]);
    }
}
