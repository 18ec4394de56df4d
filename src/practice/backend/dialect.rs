//! MySQL's dialect in SQLite's words, as far as the starter app and attacks on it need.
//!
//! A text is cut into tokens, statements end at semicolons outside of quotes, and each statement
//! becomes one for SQLite: names of types, `AUTO_INCREMENT`, `INSERT IGNORE`, quotes, escapes,
//! comments. What begins with a word that MySQL doesn't know as a statement is refused here, so
//! that SQLite's own (`ATTACH`, `PRAGMA`, `VACUUM INTO`) never reach it.

/// A statement for SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Statement {
    /// To be run.
    Run(String),
    /// Without effect here: `USE`, `SET`, `CREATE DATABASE`.
    Nothing,
    /// `DROP DATABASE`: every table.
    DropAll,
}

/// Where MySQL would find a syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError(pub(super) String);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A name, keyword or number.
    Word(String),
    /// A string's content, quotes and escapes undone.
    Text(String),
    /// A name in backticks.
    Name(String),
    /// Anything else, one character.
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Text(text) => {
                out.push('\'');
                out.push_str(&text.replace('\'', "''"));
                out.push('\'');
            }
            Self::Name(name) => {
                out.push('"');
                out.push_str(&name.replace('"', "\"\""));
                out.push('"');
            }
            Self::Sign(sign) => out.push(*sign),
        }
    }
}

/// The statements of a text. Everything before a syntax error runs, as in MySQL.
pub(super) fn statements(sql: &str) -> Vec<Result<Statement, SyntaxError>> {
    let (tokens, error) = tokens(sql);
    let mut all: Vec<Result<Statement, SyntaxError>> = tokens
        .split(|token| *token == Token::Sign(';'))
        .filter(|tokens| !tokens.is_empty())
        .map(statement)
        .collect();
    if let Some(error) = error {
        // The unclosed quote belongs to the last statement.
        all.pop();
        all.push(Err(error));
    }
    if all.is_empty() {
        all.push(Err(SyntaxError("Query was empty".to_owned())));
    }
    all
}

fn near(tokens: &[Token]) -> SyntaxError {
    let mut text = String::new();
    for token in tokens.iter().take(8) {
        token.write(&mut text);
        text.push(' ');
    }
    SyntaxError(format!(
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL \
         server version for the right syntax to use near '{}'",
        text.trim_end()
    ))
}

fn statement(tokens: &[Token]) -> Result<Statement, SyntaxError> {
    let second =
        |words: &[&str]| tokens.get(1).is_some_and(|token| words.iter().any(|word| token.is(word)));
    let Some(Token::Word(verb)) = tokens.first() else {
        return match tokens.first() {
            Some(Token::Sign('(')) => Ok(Statement::Run(run(tokens))),
            _ => Err(near(tokens)),
        };
    };
    match verb.to_ascii_uppercase().as_str() {
        "USE" | "SET" => Ok(Statement::Nothing),
        "CREATE" if second(&["DATABASE", "SCHEMA"]) => Ok(Statement::Nothing),
        "DROP" if second(&["DATABASE", "SCHEMA"]) => Ok(Statement::DropAll),
        "CREATE" if second(&["TABLE"]) => Ok(Statement::Run(create_table(tokens))),
        "TRUNCATE" => {
            let name = if second(&["TABLE"]) { &tokens[2..] } else { &tokens[1..] };
            Ok(Statement::Run(format!("DELETE FROM {}", run(name))))
        }
        "SHOW" if second(&["TABLES"]) => Ok(Statement::Run(
            "SELECT name AS Tables_in_unicorn_customization FROM sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite_%' ORDER BY name"
                .to_owned(),
        )),
        "INSERT" if second(&["IGNORE"]) => {
            Ok(Statement::Run(format!("INSERT OR IGNORE {}", run(&tokens[2..]))))
        }
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "CREATE" | "DROP" | "ALTER"
        | "WITH" => Ok(Statement::Run(run(tokens))),
        _ => Err(near(tokens)),
    }
}

/// The tokens as SQL, with what is called otherwise in SQLite.
fn run(tokens: &[Token]) -> String {
    let mut out = String::new();
    let mut rest = tokens;
    while let Some((token, after)) = rest.split_first() {
        let catalog = token.is("information_schema")
            && after.first() == Some(&Token::Sign('.'))
            && after.get(1).is_some_and(|token| token.is("tables"));
        let functions = [
            ("version", "'8.0.28'"),
            ("user", "'admin@%'"),
            ("current_user", "'admin@%'"),
            ("database", "'unicorn_customization'"),
        ];
        let constant = functions.iter().find(|(name, _)| {
            token.is(name) && after.starts_with(&[Token::Sign('('), Token::Sign(')')])
        });
        if catalog {
            out.push_str(
                "(SELECT name AS table_name, 'unicorn_customization' AS table_schema \
                 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%')",
            );
            rest = &after[2..];
        } else if let Some((_, value)) = constant {
            out.push_str(value);
            rest = &after[2..];
        } else {
            token.write(&mut out);
            rest = after;
        }
        // Signs of two characters stay together; all else is apart.
        let pair = matches!((token, rest.first()), (Token::Sign(a), Some(Token::Sign(b)))
            if ["<=", ">=", "<>", "!=", "||", "<<", ">>"].contains(&format!("{a}{b}").as_str()));
        if !pair {
            out.push(' ');
        }
    }
    out
}

/// A table with SQLite's types, checked strictly as MySQL's are.
fn create_table(tokens: &[Token]) -> String {
    let mut words: Vec<Token> = Vec::new();
    let mut at = 0;
    let word = |text: &str| Token::Word(text.to_owned());
    while at < tokens.len() {
        let token = &tokens[at];
        at += 1;
        let kind = match token {
            Token::Word(name) => match name.to_ascii_uppercase().as_str() {
                "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" => "INTEGER",
                "DECIMAL" | "NUMERIC" | "DOUBLE" | "FLOAT" => "REAL",
                "VARCHAR" | "CHAR" | "TEXT" | "DATETIME" | "TIMESTAMP" => "TEXT COLLATE NOCASE",
                "AUTO_INCREMENT" => continue,
                _ => "",
            },
            _ => "",
        };
        if kind.is_empty() {
            words.push(token.clone());
            continue;
        }
        words.push(word(kind));
        // A length is no type of SQLite's.
        if tokens.get(at) == Some(&Token::Sign('(')) {
            let closing = tokens[at..].iter().position(|token| *token == Token::Sign(')'));
            at += closing.map_or(0, |length| length + 1);
        }
        if tokens.get(at).is_some_and(|token| token.is("UNSIGNED")) {
            at += 1;
        }
    }
    // What follows the columns (ENGINE, CHARSET) has no meaning here.
    if let Some(last) = words.iter().rposition(|token| *token == Token::Sign(')')) {
        words.truncate(last + 1);
    }
    let counted = tokens.iter().any(|token| token.is("AUTO_INCREMENT"));
    let sql = run(&words);
    let sql = if counted {
        sql.replace("INTEGER NOT NULL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT")
    } else {
        sql
    };
    format!("{sql} STRICT")
}

/// Cuts a text into tokens; the error is a quote or comment that isn't closed.
fn tokens(sql: &str) -> (Vec<Token>, Option<SyntaxError>) {
    let mut tokens = Vec::new();
    let letters: Vec<char> = sql.chars().collect();
    let mut at = 0;
    let unclosed = |from: usize| {
        let text: String = letters[from..].iter().take(40).collect();
        Some(near(&[Token::Word(text)]))
    };
    while let Some(&letter) = letters.get(at) {
        let next = letters.get(at + 1).copied();
        match letter {
            _ if letter.is_whitespace() => at += 1,
            '#' => at = line_end(&letters, at),
            '-' if next == Some('-') && letters.get(at + 2).is_none_or(|c| c.is_whitespace()) => {
                at = line_end(&letters, at);
            }
            '/' if next == Some('*') => {
                let end = letters[at + 2..].windows(2).position(|pair| pair == ['*', '/']);
                match end {
                    Some(length) => at += length + 4,
                    None => return (tokens, unclosed(at)),
                }
            }
            '\'' | '"' | '`' => match quoted(&letters, at) {
                Some((text, end)) => {
                    tokens.push(if letter == '`' { Token::Name(text) } else { Token::Text(text) });
                    at = end;
                }
                None => return (tokens, unclosed(at)),
            },
            _ if is_word(letter) => {
                let end = word_end(&letters, at);
                tokens.push(Token::Word(letters[at..end].iter().collect()));
                at = end;
            }
            sign => {
                tokens.push(Token::Sign(sign));
                at += 1;
            }
        }
    }
    (tokens, None)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$' || letter == '@'
}

/// The end of a word; a number keeps its fraction.
fn word_end(letters: &[char], start: usize) -> usize {
    let number = letters[start].is_ascii_digit();
    let mut at = start;
    while let Some(&letter) = letters.get(at) {
        let fraction =
            number && letter == '.' && letters.get(at + 1).is_some_and(char::is_ascii_digit);
        if !is_word(letter) && !fraction {
            break;
        }
        at += 1;
    }
    at
}

fn line_end(letters: &[char], at: usize) -> usize {
    letters[at..].iter().position(|c| *c == '\n').map_or(letters.len(), |length| at + length)
}

/// A quoted text's content and where it ends: a doubled quote is one, a backslash escapes.
fn quoted(letters: &[char], start: usize) -> Option<(String, usize)> {
    let quote = letters[start];
    let mut text = String::new();
    let mut at = start + 1;
    loop {
        let letter = *letters.get(at)?;
        let next = letters.get(at + 1).copied();
        match letter {
            _ if letter == quote && next == Some(quote) => {
                text.push(quote);
                at += 2;
            }
            _ if letter == quote => return Some((text, at + 1)),
            '\\' if quote != '`' => {
                text.push(match next? {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    // SQLite's texts end at a zero.
                    '0' => '\u{fffd}',
                    other => other,
                });
                at += 2;
            }
            other => {
                text.push(other);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_all(sql: &str) -> Vec<String> {
        statements(sql)
            .into_iter()
            .map(|statement| match statement {
                Ok(Statement::Run(sql)) => sql.split_whitespace().collect::<Vec<_>>().join(" "),
                other => format!("{other:?}").chars().take(12).collect(),
            })
            .collect()
    }

    #[test]
    fn several_statements_comments_and_quotes_are_told_apart() {
        assert_eq!(
            run_all("SELECT 'a;b', \"it's\", 'x\\'y' # c ; d\n; DROP TABLE `T` -- end"),
            ["SELECT 'a;b' , 'it''s' , 'x''y'", "DROP TABLE \"T\""]
        );
        assert_eq!(run_all("SELECT 1.5 - -2 >= 3"), ["SELECT 1.5 - - 2 >= 3"]);
    }

    #[test]
    fn tables_take_sqlites_types() {
        let sql = "CREATE TABLE IF NOT EXISTS S (ID INT NOT NULL AUTO_INCREMENT PRIMARY KEY, \
                   NAME VARCHAR(100) NOT NULL, PRICE DECIMAL(10, 2)) ENGINE=InnoDB;";
        assert_eq!(
            run_all(sql),
            ["CREATE TABLE IF NOT EXISTS S ( ID INTEGER PRIMARY KEY AUTOINCREMENT , \
              NAME TEXT COLLATE NOCASE NOT NULL , PRICE REAL ) STRICT"]
        );
        assert_eq!(
            run_all("INSERT IGNORE INTO S VALUES (1)"),
            ["INSERT OR IGNORE INTO S VALUES ( 1 )"]
        );
    }

    #[test]
    fn sqlites_own_statements_are_syntax_errors() {
        for sql in
            ["ATTACH 'x' AS y", "PRAGMA writable_schema=1", "VACUUM INTO '/tmp/x'", "'x'", ""]
        {
            assert!(statements(sql)[0].is_err(), "{sql}");
        }
        assert!(statements("SELECT 1; ATTACH 'x' AS y")[1].is_err());
        assert!(statements("SELECT 'open")[0].is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_without_panic(sql in "\\PC{0,80}") {
            let _ = statements(&sql);
        }

        #[test]
        fn a_quoted_text_survives(text in "[a-z';\\-#`\" ]{0,20}") {
            let sql = format!("SELECT '{}'", text.replace('\'', "''"));
            let all = statements(&sql);
            proptest::prop_assert_eq!(all.len(), 1);
            let Ok(Statement::Run(out)) = &all[0] else { panic!("{all:?}") };
            proptest::prop_assert_eq!(out.trim_end(), format!("SELECT '{}'", text.replace('\'', "''")));
        }
    }
}
