//! Which packages JavaScript code imports: read as text, never run.

use super::source::{Kind, Token, tokens};

/// Specifiers of all imports of a source: `import … from "x"`, `import "x"`, `export … from "x"`,
/// `import("x")`, `require("x")`, `require.resolve("x")`. Comments, texts and regular expressions
/// that merely look like imports don't count.
pub(super) fn specifiers(source: &str) -> Vec<String> {
    let imported = |token: Token| match token.kind {
        Kind::Text { text, plain: true, imported: true } => Some(text),
        _ => None,
    };
    tokens(source).into_iter().filter_map(imported).collect()
}

/// The package of a specifier: `@aws-sdk/lib-dynamodb`, `mysql2` of `mysql2/promise`. None for a
/// path, for Node's own `node:fs` and for what is no package's name.
pub(super) fn package_of(specifier: &str) -> Option<&str> {
    if specifier.is_empty() || specifier.starts_with(['.', '/', '#']) || specifier.contains(':') {
        return None;
    }
    let slashes = usize::from(specifier.starts_with('@'));
    Some(match specifier.match_indices('/').nth(slashes) {
        Some((at, _)) => &specifier[..at],
        None => specifier,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn imports_are_found_in_all_forms() {
        let source = r#"
            import mysql from "mysql";
            import { a,
                     b } from 'pkg/deep';
            import "side-effect"; export * from "again";
            const c = require( "c" ), d = await import(`d`);
            require.resolve('e');
            import{f}from"@scope/f/lib";
        "#;
        let found = specifiers(source);
        assert_eq!(
            found,
            ["mysql", "pkg/deep", "side-effect", "again", "c", "d", "e", "@scope/f/lib"]
        );
        let packages: Vec<_> = found.iter().filter_map(|name| package_of(name)).collect();
        assert_eq!(packages[1], "pkg");
        assert_eq!(packages[7], "@scope/f");
        for none in ["./database.js", "node:fs", "/opt/x", "#own", ""] {
            assert_eq!(package_of(none), None, "{none}");
        }
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        let source = r#"
            // import a from "a";
            /* require("b") */
            const text = 'import c from "c"', ends = /require\("[/"]d/.test(x) / 2;
            const sql = `SELECT ${f("}")} from "e"`;
            Array.from("f"); const from = "g"; log("require('h')");
            const unfinished = "import i from
        "#;
        assert_eq!(specifiers(source), Vec::<String>::new());
        assert_eq!(specifiers("return /'/; import 'x'"), ["x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "\\PC*") {
            drop(specifiers(&text));
        }

        #[test]
        fn an_import_is_found_whatever_stands_in_a_comment_before_it(text in "[^\n]*") {
            let source = format!("//{text}\nimport 'needle';");
            prop_assert_eq!(specifiers(&source), ["needle"]);
        }
    }
}
