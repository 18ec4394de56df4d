//! `stepproof course new`: a small course that lints and tests at once, to begin from.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{Error, Exit, Outcome, output};
use crate::course::{Course, CourseFiles, is_slug, stamp};

/// Longest title and id, in characters.
const LONGEST: usize = 100;

/// The languages that the scaffold is written in, with its page.
const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("scaffold/en/page.md")), ("ja", include_str!("scaffold/ja/page.md"))];

/// The scaffold's files beside the pages: path in the course, what it is, text.
const FILES: [(&str, &str, &str); 4] = [
    ("modules/course.yaml", "title, stacks, modules, values", include_str!("scaffold/course.yaml")),
    ("modules/00-first-module.yaml", "its steps", include_str!("scaffold/module.yaml")),
    ("checks/00-first-module.yaml", "what proves them", include_str!("scaffold/checks.yaml")),
    ("content/app/template.yaml", "what learners deploy", include_str!("scaffold/template.yaml")),
];

/// Arguments of `course new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  stepproof course new queue-basics
  stepproof course new queue-basics --title 'Queues, the calm way' --langs en,ja")]
pub(super) struct Args {
    /// The directory to make; must not exist, or be empty
    dir: PathBuf,
    /// The course's title [default: from the directory's name]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The course's id, of a-z, 0-9 and - [default: from the directory's name]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Languages, en and perhaps ja; pages are written in the first and translated to the other
    #[arg(long, value_name = "L,L", value_delimiter = ',', default_value = "en", value_parser = ["en", "ja"], hide_possible_values = true)]
    langs: Vec<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let name = args.dir.file_name().map(|name| name.to_string_lossy()).ok_or_else(|| {
        Error::usage(format!("{} has no name of its own", args.dir.display()))
            .with_remedy("Name a directory to make: stepproof course new queue-basics")
    })?;
    let id = id(args.id.as_deref(), &name)?;
    let title = title(args.title.as_deref(), &name)?;
    let languages = languages(&args.langs)?;
    let files = scaffold(&id, &title, &languages)?;
    let list: Vec<(&Path, &[u8])> =
        files.iter().map(|(path, text)| (Path::new(path), text.as_bytes())).collect();
    output::directory(&args.dir, &list)?;
    output::words(&output::printable(&told(&args.dir, &title, &languages, &files)));
    Ok(Exit::Proven)
}

/// The id that is given, or one made from the directory's name.
fn id(given: Option<&str>, name: &str) -> Result<String, Error> {
    let id = given.map_or_else(|| slug(name), str::to_owned);
    if !is_slug(&id) || id.len() > LONGEST || id.starts_with('-') {
        let message = match given {
            Some(given) => format!("`{given}` can't be the id of a course"),
            None => format!("no id can be made from the directory's name, {name}"),
        };
        return Err(Error::usage(message).with_remedy(format!(
            "Give one of a-z, 0-9 and -, at most {LONGEST} characters: --id queue-basics"
        )));
    }
    if Course::embedded().is_ok_and(|course| course.index.id == id) {
        let message = format!("`{id}` is the id of the course in the program");
        return Err(Error::usage(message)
            .with_remedy("Journals would mix the two. Give another: --id queue-basics"));
    }
    Ok(id)
}

/// `Queue basics!` → `queue-basics`
fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let dashed: String = name.chars().map(plain).collect();
    dashed.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The title that is given, or the directory's name in words.
fn title(given: Option<&str>, name: &str) -> Result<String, Error> {
    let title = given.map_or_else(|| capitalized(&name.replace(['-', '_'], " ")), str::to_owned);
    let title = title.trim();
    let is_control = title.chars().any(char::is_control);
    if title.is_empty() || title.chars().count() > LONGEST || is_control {
        return Err(Error::usage("this can't be the title of a course").with_remedy(format!(
            "Give one line of at most {LONGEST} characters: --title 'Queue basics'"
        )));
    }
    Ok(title.to_owned())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn languages(given: &[String]) -> Result<Vec<&str>, Error> {
    let mut languages: Vec<&str> = Vec::new();
    for language in given {
        if !languages.contains(&language.as_str()) {
            languages.push(language);
        }
    }
    if languages.contains(&"en") {
        return Ok(languages);
    }
    Err(Error::usage("every course is written in English too").with_remedy(
        "Add it: --langs ja,en writes the pages in Japanese, and translates to English.",
    ))
}

/// All files of the new course, translations stamped.
fn scaffold(id: &str, title: &str, languages: &[&str]) -> Result<Vec<(String, String)>, Error> {
    let title = Value::from(title).to_string();
    let fill = |text: &str| {
        text.replace("__ID__", id)
            .replace("__TITLE__", &title)
            .replace("__LANGUAGES__", &format!("[{}]", languages.join(", ")))
            .replace("__STACK__", &stack_name(id))
    };
    let dropped = LANGUAGES.iter().map(|(language, _)| *language);
    let dropped: Vec<&str> = dropped.filter(|language| !languages.contains(language)).collect();
    let mut files = Vec::new();
    for (path, _, text) in FILES {
        let text = dropped.iter().fold(text.to_owned(), |text, lang| without(&text, lang));
        files.push((path.to_owned(), fill(&text)));
    }
    let page = |(language, text): &(&str, &str)| (page_path(language), (*text).to_owned());
    files.extend(LANGUAGES.iter().filter(|(lang, _)| languages.contains(lang)).map(page));
    let course = CourseFiles::from_pairs(files.clone());
    for language in &languages[1..] {
        let path = page_path(language);
        let stamped = stamp(&course, &path, None).map_err(|e| Error::usage(e.to_string()))?;
        files.retain(|(other, _)| *other != path);
        files.push((path, stamped.text));
    }
    Ok(files)
}

fn page_path(language: &str) -> String {
    format!("content/{language}/00-first-module.md")
}

/// A stack's name from an id: `queue-basics` → `QueueBasics`. It must begin with a letter.
fn stack_name(id: &str) -> String {
    let name: String = id.split('-').map(capitalized).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("Course{name}") } else { name }
}

/// The scaffold's YAML without the texts of a language: each of its keys, and what is below it.
fn without(text: &str, language: &str) -> String {
    let key = format!("{language}:");
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut below = None;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        if below.is_some_and(|key| depth(line) > key) {
            continue;
        }
        below = line.trim_start().starts_with(&key).then(|| depth(line));
        if below.is_none() {
            kept.extend([line, "\n"]);
        }
    }
    kept
}

/// What was made, and what to do with it.
fn told(dir: &Path, title: &str, languages: &[&str], files: &[(String, String)]) -> String {
    let what = |path: &str| {
        let known = FILES.iter().find(|(known, ..)| *known == path).map(|(_, what, _)| *what);
        known.unwrap_or("its page")
    };
    let width = files.iter().map(|(path, _)| path.len()).max().unwrap_or_default();
    let shown = dir.display();
    let mut lines = vec![format!(
        "Wrote the course \"{title}\" to {shown}: one module with two steps, in {}.",
        languages.join(" and ")
    )];
    lines.extend(files.iter().map(|(path, _)| format!("  {path:width$}  {}", what(path))));
    let word = output::quoted(&shown.to_string());
    lines.push("Next:".to_owned());
    for command in ["course lint --course", "course test --course", "--practice --course"] {
        lines.push(format!("  stepproof {command} {word}"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::lint::catalogue;
    use super::*;
    use crate::course::lint;

    #[test]
    fn the_scaffold_is_clean_in_each_choice_of_languages() {
        for languages in [&["en"][..], &["en", "ja"], &["ja", "en"]] {
            let files = scaffold("4-queues", r#"Queues: "calm" #1"#, languages).unwrap();
            let files = CourseFiles::from_pairs(files);
            if let Err(wrong) = lint(&files, &catalogue()) {
                panic!("{languages:?}\n{wrong}\n");
            }
            let course = Course::from_files(files).unwrap();
            assert_eq!(course.index.title.get("en"), r#"Queues: "calm" #1"#);
            assert_eq!(course.index.pages, languages);
            assert_eq!(course.index.stacks["app"], "Course4Queues");
        }
    }

    #[test]
    fn a_language_that_was_not_asked_for_leaves_nothing_behind() {
        let files = scaffold("queues", "Queues", &["en"]).unwrap();
        for (path, text) in &files {
            assert!(text.is_ascii() || !text.contains("ja:"), "{path}");
            let japanese = text.chars().any(|c| ('\u{3040}'..='\u{9fff}').contains(&c));
            assert!(!japanese && !text.contains("__"), "{path}");
        }
    }

    #[test]
    fn the_id_comes_from_the_directory_or_is_asked_for() {
        assert_eq!(id(None, "Queue Basics!").unwrap(), "queue-basics");
        assert_eq!(id(Some("queues"), "待ち行列").unwrap(), "queues");
        let long = "a".repeat(101);
        for (given, name) in [
            (None, "待ち行列"),
            (None, long.as_str()),
            (Some("My Course"), "x"),
            (Some(""), "x"),
            (Some("secure-serverless"), "x"),
        ] {
            let error = id(given, name).unwrap_err();
            assert!(error.remedy.contains("--id "), "{error}");
        }
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(title(None, "queue-basics").unwrap(), "Queue basics");
        assert_eq!(title(None, "待ち行列").unwrap(), "待ち行列");
        assert_eq!(title(Some(" Calm queues "), "x").unwrap(), "Calm queues");
        for bad in ["", "  ", "a\nb", "\u{1b}[2J", &"a".repeat(101)] {
            assert!(title(Some(bad), "x").is_err(), "{bad:?}");
        }
    }

    /// What the guide shows of a course is what stands there.
    #[test]
    fn the_guide_quotes_the_scaffold_and_the_second_course() {
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules");
        let guide = std::fs::read_to_string(modules.join("AUTHORS.md")).unwrap();
        let scaffold = scaffold("queue-basics", "Queue basics", &["en"]).unwrap();
        let mut quotes = 0;
        for block in guide.split("\n```").filter_map(|block| block.split_once(" of=")) {
            let (path, quote) = block.1.split_once('\n').unwrap();
            let own = scaffold.iter().find(|(own, _)| own == path).map(|(_, text)| text.clone());
            let text = own.unwrap_or_else(|| std::fs::read_to_string(modules.join(path)).unwrap());
            assert!(text.contains(quote), "{path} has no longer:\n{quote}");
            quotes += 1;
        }
        assert!(quotes > 5, "{quotes} quotes");
        let told = told(Path::new("queue-basics"), "Queue basics", &["en"], &scaffold);
        assert!(guide.contains(&told), "the guide shows other words than:\n{told}");
    }
}
