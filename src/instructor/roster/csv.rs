//! RFC 4180: fields between commas, quoted where they hold commas, quotes or line ends. Every field
//! knows its place.

/// Line and column, from 1, columns in characters.
pub(super) type Place = (usize, usize);

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) place: Place,
}

/// What is no CSV, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) place: Place,
    pub(super) message: &'static str,
    pub(super) remedy: &'static str,
}

/// The records of a text without a byte order mark. Lines with nothing on them are none.
///
/// # Errors
/// The first quote that doesn't stand where one may.
pub(super) fn records(text: &str) -> Result<Vec<Vec<Field>>, Wrong> {
    let mut cursor = Cursor { rest: text, place: (1, 1) };
    let mut records = Vec::new();
    while !cursor.rest.is_empty() {
        if !cursor.line_end() {
            records.push(cursor.record()?);
        }
    }
    Ok(records)
}

struct Cursor<'a> {
    rest: &'a str,
    place: Place,
}

impl Cursor<'_> {
    fn record(&mut self) -> Result<Vec<Field>, Wrong> {
        let mut fields = Vec::new();
        loop {
            let place = self.place;
            let quoted = self.take('"');
            let text = if quoted { self.quoted(place)? } else { self.plain()? };
            fields.push(Field { text, place });
            if self.take(',') {
                continue;
            }
            if self.rest.is_empty() || self.line_end() {
                return Ok(fields);
            }
            return Err(Wrong {
                place: self.place,
                message: "there is text after the quote that ends the field",
                remedy: "write a quote inside a quoted field twice: \"\"",
            });
        }
    }

    /// Up to the comma or the line's end.
    fn plain(&mut self) -> Result<String, Wrong> {
        let mut text = String::new();
        while let Some(next) = self.rest.chars().next() {
            match next {
                ',' | '\n' => break,
                '\r' if self.rest.starts_with("\r\n") => break,
                '"' => {
                    return Err(Wrong {
                        place: self.place,
                        message: "there is a quote in a field that doesn't begin with one",
                        remedy: "put the whole field in quotes, and write the quote in it twice",
                    });
                }
                _ => {
                    self.take(next);
                    text.push(next);
                }
            }
        }
        Ok(text)
    }

    /// Up to the quote that ends it; the one that begins it, at `begun`, is taken.
    fn quoted(&mut self, begun: Place) -> Result<String, Wrong> {
        let mut text = String::new();
        while let Some(next) = self.rest.chars().next() {
            self.take(next);
            if next == '"' && !self.take('"') {
                return Ok(text);
            }
            text.push(next);
        }
        Err(Wrong {
            place: begun,
            message: "this quote is never closed",
            remedy: "close the field with another quote",
        })
    }

    fn line_end(&mut self) -> bool {
        if self.rest.starts_with("\r\n") {
            self.take('\r');
        }
        self.take('\n')
    }

    /// Takes a character if it is the next one.
    fn take(&mut self, wanted: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(wanted) else { return false };
        self.rest = rest;
        let (line, column) = self.place;
        self.place = if wanted == '\n' { (line + 1, 1) } else { (line, column + 1) };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<Vec<String>> {
        let records = records(text).unwrap();
        let texts = |record: Vec<Field>| record.into_iter().map(|field| field.text).collect();
        records.into_iter().map(texts).collect()
    }

    #[test]
    fn quotes_hold_commas_quotes_and_lines() {
        let text = "a,b\r\n\"Doe, \"\"Jo\"\"\",\"two\r\nlines\"\r\n\r\n,\n";
        assert_eq!(texts(text), [["a", "b"], ["Doe, \"Jo\"", "two\r\nlines"], ["", ""]]);
        let places: Vec<Place> =
            records(text).unwrap().iter().flatten().map(|field| field.place).collect();
        assert_eq!(places, [(1, 1), (1, 3), (2, 1), (2, 15), (5, 1), (5, 2)]);
    }

    #[test]
    fn columns_count_characters() {
        let records = records("佐藤,\"花子\",x").unwrap();
        let columns: Vec<usize> = records[0].iter().map(|field| field.place.1).collect();
        assert_eq!(columns, [1, 4, 9]);
    }

    #[test]
    fn a_quote_out_of_place_is_said_where_it_stands() {
        for (text, place, said) in [
            ("a\nx,\"open\ny,z\n", (2, 3), "never closed"),
            ("a\nx\"y\n", (2, 2), "doesn't begin"),
            ("a\n\"x\"y\n", (2, 4), "after the quote"),
        ] {
            let wrong = records(text).unwrap_err();
            assert_eq!(wrong.place, place, "{text}");
            assert!(wrong.message.contains(said), "{wrong:?}");
        }
    }

    /// A field as a writer writes it: in quotes where it must be, or always.
    fn written(field: &str, always: bool) -> String {
        if always || field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.to_owned()
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            records in prop::collection::vec(prop::collection::vec("[a-c,\"\r\n 佐]{0,6}", 2..4), 0..5),
            always in any::<bool>(),
            end in prop::sample::select(vec!["\n", "\r\n"]),
        ) {
            let lines: Vec<String> = records
                .iter()
                .map(|record| {
                    let fields: Vec<String> =
                        record.iter().map(|field| written(field, always)).collect();
                    fields.join(",") + end
                })
                .collect();
            prop_assert_eq!(texts(&lines.concat()), records);
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place_in_it(text in "[a,\"\r\n佐\u{1b}]{0,40}") {
            let lines: Vec<&str> = text.split('\n').collect();
            let inside = |(line, column): Place| {
                lines.get(line - 1).is_some_and(|line| column <= line.chars().count() + 1)
            };
            match records(&text) {
                Ok(records) => {
                    for field in records.iter().flatten() {
                        prop_assert!(inside(field.place), "{field:?}");
                    }
                }
                Err(wrong) => prop_assert!(inside(wrong.place), "{wrong:?}"),
            }
        }
    }
}
