//! What the lexer needs to know of each language.

/// What a lexer needs to know of a language.
pub(super) struct Language {
    /// What begins a comment up to the line's end.
    pub(super) comments: &'static [&'static str],
    /// What begins and ends a comment of several lines.
    pub(super) block: Option<(&'static str, &'static str)>,
    /// Quotes of strings.
    pub(super) quotes: &'static [char],
    /// Quotes whose strings go on over line ends.
    pub(super) long_quotes: &'static [char],
    /// Words with a meaning, lower case where case doesn't matter.
    pub(super) keywords: &'static [&'static str],
    pub(super) kind: Kind,
}

/// What else is told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names before `(`.
    Code,
    /// The same; keywords in any case.
    Query,
    /// Commands and `$` expansions.
    Shell,
    /// Keys before this sign.
    Data(char),
}

const WORDS_SHELL: &[&str] = &[
    "if", "then", "elif", "else", "fi", "for", "in", "do", "done", "while", "until", "case",
    "esac", "function", "return", "export", "local", "set", "!", "{", "}",
];
const WORDS_SCRIPT: &[&str] = &[
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "else",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "from",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "of",
    "return",
    "static",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "type",
    "typeof",
    "undefined",
    "var",
    "while",
    "yield",
];
const WORDS_PYTHON: &[&str] = &[
    "False", "None", "True", "and", "as", "async", "await", "class", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "if", "import", "in", "is", "lambda", "not", "or", "pass",
    "raise", "return", "try", "while", "with", "yield",
];
const WORDS_QUERY: &[&str] = &[
    "alter",
    "and",
    "as",
    "by",
    "create",
    "database",
    "delete",
    "desc",
    "drop",
    "exists",
    "foreign",
    "from",
    "grant",
    "group",
    "if",
    "in",
    "index",
    "insert",
    "into",
    "is",
    "join",
    "key",
    "left",
    "like",
    "limit",
    "not",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "references",
    "select",
    "set",
    "sleep",
    "table",
    "to",
    "union",
    "unique",
    "update",
    "use",
    "values",
    "where",
];
const WORDS_CEDAR: &[&str] = &[
    "action",
    "entity",
    "forbid",
    "has",
    "if",
    "in",
    "is",
    "like",
    "namespace",
    "permit",
    "principal",
    "resource",
    "then",
    "else",
    "type",
    "unless",
    "when",
    "true",
    "false",
];
const WORDS_DATA: &[&str] = &["true", "false", "null", "yes", "no"];

const SHELL: Language = Language {
    comments: &["#"],
    block: None,
    quotes: &['"', '\''],
    long_quotes: &['"', '\''],
    keywords: WORDS_SHELL,
    kind: Kind::Shell,
};
const SCRIPT: Language = Language {
    comments: &["//"],
    block: Some(("/*", "*/")),
    quotes: &['"', '\'', '`'],
    long_quotes: &['`'],
    keywords: WORDS_SCRIPT,
    kind: Kind::Code,
};
const PYTHON: Language = Language {
    comments: &["#"],
    block: Some(("\"\"\"", "\"\"\"")),
    quotes: &['"', '\''],
    long_quotes: &[],
    keywords: WORDS_PYTHON,
    kind: Kind::Code,
};
const QUERY: Language = Language {
    comments: &["-- ", "#"],
    block: Some(("/*", "*/")),
    quotes: &['\'', '"', '`'],
    long_quotes: &['\''],
    keywords: WORDS_QUERY,
    kind: Kind::Query,
};
const CEDAR: Language = Language {
    comments: &["//"],
    block: None,
    quotes: &['"'],
    long_quotes: &[],
    keywords: WORDS_CEDAR,
    kind: Kind::Code,
};
const YAML: Language = Language {
    comments: &["#"],
    block: None,
    quotes: &['"', '\''],
    long_quotes: &[],
    keywords: WORDS_DATA,
    kind: Kind::Data(':'),
};
const JSON: Language = Language { comments: &[], quotes: &['"'], ..YAML };
const TOML: Language = Language { kind: Kind::Data('='), ..YAML };

pub(super) fn language(name: &str) -> Option<&'static Language> {
    Some(match name {
        "sh" | "shell" | "bash" | "zsh" => &SHELL,
        "js" | "javascript" | "mjs" | "cjs" | "ts" | "typescript" => &SCRIPT,
        "py" | "python" => &PYTHON,
        "sql" => &QUERY,
        "cedar" => &CEDAR,
        "yaml" | "yml" => &YAML,
        "json" => &JSON,
        "toml" | "ini" | "hcl" | "tf" => &TOML,
        _ => return None,
    })
}
