//! What a rule's statement looks for, nested ones included.

use aws_sdk_wafv2::types as sdk;

#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Looks {
    pub(super) size: Option<i64>,
    pub(super) sql: Vec<String>,
    pub(super) rate: Option<i64>,
    pub(super) narrowed: bool,
}

impl Looks {
    /// What either looks for.
    fn or(mut self, other: Self) -> Self {
        self.size = [self.size, other.size].into_iter().flatten().min();
        for part in other.sql {
            if !self.sql.contains(&part) {
                self.sql.push(part);
            }
        }
        self.rate = self.rate.or(other.rate);
        self.narrowed |= other.narrowed;
        self
    }
}

/// Seconds of the window that limits are compared in.
const WINDOW: i64 = 300;

/// What a statement looks for, nested ones included.
pub(super) fn looks(statement: &sdk::Statement) -> Looks {
    if let Some(size) = statement.size_constraint_statement() {
        return Looks { size: body_limit(size), ..Looks::default() };
    }
    if let Some(sql) = statement.sqli_match_statement() {
        let part = sql.field_to_match().and_then(part);
        let part = part.filter(|part| is_readable(part, sql.text_transformations()));
        return Looks { sql: part.map(str::to_owned).into_iter().collect(), ..Looks::default() };
    }
    if let Some(rate) = statement.rate_based_statement() {
        let window = Some(rate.evaluation_window_sec()).filter(|window| *window > 0);
        return Looks {
            rate: Some(rate.limit().saturating_mul(WINDOW) / window.unwrap_or(WINDOW)),
            narrowed: rate.scope_down_statement().is_some(),
            ..Looks::default()
        };
    }
    if let Some(or) = statement.or_statement() {
        return or.statements().iter().map(looks).fold(Looks::default(), Looks::or);
    }
    if let Some(and) = statement.and_statement() {
        let all = and.statements().iter().map(looks).fold(Looks::default(), Looks::or);
        return Looks { narrowed: true, ..all };
    }
    // What isn't SQL, or isn't large, is no protection; other statements aren't asked for.
    Looks::default()
}

/// Bytes beyond which a statement about the body's size matches.
fn body_limit(size: &sdk::SizeConstraintStatement) -> Option<i64> {
    let field = size.field_to_match()?;
    (field.body().is_some() || field.json_body().is_some()).then_some(())?;
    match size.comparison_operator().as_str() {
        "GT" => Some(size.size()),
        "GE" => Some(size.size().saturating_sub(1)),
        _ => None,
    }
}

/// The part of a request that a statement inspects.
fn part(field: &sdk::FieldToMatch) -> Option<&'static str> {
    if field.uri_path().is_some() {
        Some("path")
    } else if field.query_string().is_some() || field.all_query_arguments().is_some() {
        Some("query")
    } else if field.body().is_some() || field.json_body().is_some() {
        Some("body")
    } else {
        None
    }
}

/// Whether SQL is still SQL after the transformations. Path and query arrive encoded, so they need
/// decoding; a hash leaves nothing to find.
fn is_readable(part: &str, transformations: &[sdk::TextTransformation]) -> bool {
    let has = |names: &[&str]| transformations.iter().any(|t| names.contains(&t.r#type().as_str()));
    !has(&["MD5", "BASE64_DECODE", "HEX_DECODE"])
        && (part == "body" || has(&["URL_DECODE", "URL_DECODE_UNI"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(field: sdk::FieldToMatch, transformation: &str) -> sdk::Statement {
        let transformation = sdk::TextTransformation::builder()
            .priority(0)
            .r#type(sdk::TextTransformationType::from(transformation))
            .build()
            .expect("whole");
        let sql = sdk::SqliMatchStatement::builder()
            .field_to_match(field)
            .text_transformations(transformation)
            .build()
            .expect("whole");
        sdk::Statement::builder().sqli_match_statement(sql).build()
    }

    fn path() -> sdk::FieldToMatch {
        sdk::FieldToMatch::builder().uri_path(sdk::UriPath::builder().build()).build()
    }

    #[test]
    fn an_encoded_path_must_be_decoded_to_be_looked_at() {
        assert_eq!(looks(&sql(path(), "URL_DECODE")).sql, ["path"]);
        assert!(looks(&sql(path(), "NONE")).sql.is_empty());
    }

    #[test]
    fn alternatives_add_up_and_conditions_narrow() {
        let body = sdk::FieldToMatch::builder().body(sdk::Body::builder().build()).build();
        let or = sdk::OrStatement::builder()
            .statements(sql(path(), "URL_DECODE"))
            .statements(sql(body, "NONE"))
            .build()
            .expect("whole");
        let found = looks(&sdk::Statement::builder().or_statement(or).build());
        assert_eq!(
            (found.sql, found.narrowed),
            (vec!["path".to_owned(), "body".to_owned()], false)
        );
        let and = sdk::AndStatement::builder()
            .statements(sql(path(), "URL_DECODE"))
            .build()
            .expect("whole");
        assert!(looks(&sdk::Statement::builder().and_statement(and).build()).narrowed);
    }

    #[test]
    fn what_is_not_sql_is_no_protection() {
        let not = sdk::NotStatement::builder().statement(sql(path(), "URL_DECODE")).build();
        let found = looks(&sdk::Statement::builder().not_statement(not).build());
        assert_eq!(found, Looks::default());
    }
}
