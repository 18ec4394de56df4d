//! A course's files, wherever they come from: embedded in the binary, a directory, a test.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::diagnostic::{CourseError, Diagnostic};

/// The directories that make up a course.
const ROOTS: [&str; 3] = ["modules", "checks", "content"];
/// A course is text; a directory that holds more than this is a mistake (`--course /`).
const MAX_FILES: usize = 5_000;
const MAX_BYTES: u64 = 64 << 20;

#[derive(RustEmbed)]
#[folder = "modules"]
#[exclude = "*.json"]
#[exclude = "AUTHORS.md"]
struct Modules;

#[derive(RustEmbed)]
#[folder = "checks"]
struct Checks;

#[derive(RustEmbed)]
#[folder = "content"]
#[exclude = "*node_modules/*"]
#[exclude = "*/tests/*"]
#[exclude = "*/test/*"]
#[exclude = "*/.*"]
struct Content;

/// The files of a course by path (`modules/course.yaml`), in the order of their paths.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CourseFiles {
    files: BTreeMap<String, Cow<'static, [u8]>>,
    root: Option<PathBuf>,
}

impl std::fmt::Debug for CourseFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CourseFiles({} files from {:?})", self.files.len(), self.root)
    }
}

impl CourseFiles {
    /// The files that the binary holds.
    pub fn embedded() -> Self {
        let mut files = BTreeMap::new();
        add_embedded::<Modules>("modules", &mut files);
        add_embedded::<Checks>("checks", &mut files);
        add_embedded::<Content>("content", &mut files);
        Self { files, root: None }
    }

    /// Reads `modules/`, `checks/` and `content/` of a directory.
    ///
    /// # Errors
    /// When the directory holds no `modules/course.yaml`, can't be read, or is no course's size.
    pub fn load(dir: &Path) -> Result<Self, CourseError> {
        let mut this = Self { files: BTreeMap::new(), root: Some(dir.to_owned()) };
        if !dir.join("modules/course.yaml").is_file() {
            let what = "there is no modules/course.yaml here, so this is no course";
            let remedy = "give --course the directory that holds modules/, checks/ and content/";
            return Err(Diagnostic::of_file(dir.display(), what, remedy).into());
        }
        let mut bytes = 0;
        for root in ROOTS {
            this.read_dir(dir, root, &mut bytes)?;
        }
        Ok(this)
    }

    /// Files given one by one: path and contents.
    pub fn from_pairs<P, C>(pairs: impl IntoIterator<Item = (P, C)>) -> Self
    where
        P: Into<String>,
        C: Into<Vec<u8>>,
    {
        let own = |(path, contents): (P, C)| (path.into(), Cow::Owned(contents.into()));
        Self { files: pairs.into_iter().map(own).collect(), root: None }
    }

    /// One file's contents.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// One file's text.
    ///
    /// # Errors
    /// When it isn't there, or isn't UTF-8.
    pub fn text(&self, path: &str) -> Result<&str, Diagnostic> {
        let bytes = self.get(path).ok_or_else(|| {
            Diagnostic::of_file(
                path,
                "the file doesn't exist",
                "write it, or take out what names it",
            )
        })?;
        std::str::from_utf8(bytes).map_err(|e| {
            let what = format!("not UTF-8 at byte {}", e.valid_up_to());
            Diagnostic::of_file(path, what, "save the file as UTF-8")
        })
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// The files below a directory (`content/app`), by their path in it.
    pub fn under<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.iter().filter_map(move |(path, bytes)| {
            Some((path.strip_prefix(dir)?.strip_prefix('/')?, bytes))
        })
    }

    /// The directory that the files were read from; none for embedded ones.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// SHA-256 over all files, hexadecimal: each file's path length, path, length and contents, in
    /// the order of the paths. The same for the embedded course and the directory it came from.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in self.iter() {
            hash.update((path.len() as u64).to_le_bytes());
            hash.update(path);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn read_dir(&mut self, base: &Path, at: &str, bytes: &mut u64) -> Result<(), CourseError> {
        let dir = base.join(at);
        if !dir.exists() {
            return Ok(());
        }
        let cannot = |e: std::io::Error| {
            Diagnostic::of_file(
                dir.display(),
                format!("can't be read: {e}"),
                "check its permissions",
            )
        };
        for entry in fs::read_dir(&dir).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{at}/{name}");
            let kind = fs::metadata(entry.path()).map_err(cannot)?;
            if !is_course_path(&path, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                self.read_dir(base, &path, bytes)?;
                continue;
            }
            *bytes += kind.len();
            if self.files.len() >= MAX_FILES || *bytes > MAX_BYTES {
                let what = format!("more than {MAX_FILES} files or {} MB", MAX_BYTES >> 20);
                let remedy = "give --course the course's own directory";
                return Err(Diagnostic::of_file(base.display(), what, remedy).into());
            }
            let contents = fs::read(entry.path()).map_err(cannot)?;
            self.files.insert(path, Cow::Owned(contents));
        }
        Ok(())
    }
}

fn add_embedded<E: RustEmbed>(root: &str, files: &mut BTreeMap<String, Cow<'static, [u8]>>) {
    for name in E::iter() {
        let path = format!("{root}/{name}");
        if let (true, Some(file)) = (is_course_path(&path, false), E::get(&name)) {
            files.insert(path, file.data);
        }
    }
}

/// Whether a path is part of a course: not what tools leave behind or the starter app's own tests.
fn is_course_path(path: &str, is_dir: bool) -> bool {
    let mut parts: Vec<&str> = path.split('/').collect();
    let file = if is_dir { None } else { parts.pop() };
    let skipped = |dir: &&str| {
        dir.starts_with('.')
            || matches!(*dir, "node_modules" | "tests" | "test" | "__pycache__" | "venv")
    };
    let json = |file: &str| Path::new(file).extension().is_some_and(|e| e == "json");
    // The schemas and the guide stand beside the manifests for the course's author.
    let for_author = parts.first() == Some(&"modules")
        && file.is_some_and(|file| json(file) || file == "AUTHORS.md");
    !parts.iter().any(skipped) && !file.is_some_and(|f| f.starts_with('.')) && !for_author
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_course_is_the_directory_it_came_from() {
        let dir = CourseFiles::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let embedded = CourseFiles::embedded();
        let paths =
            |files: &CourseFiles| files.iter().map(|(p, _)| p.to_owned()).collect::<Vec<_>>();
        assert_eq!(paths(&embedded), paths(&dir));
        assert_eq!(embedded.sha256(), dir.sha256());
    }

    #[test]
    fn the_hash_sees_every_change() {
        let hash = |pairs: &[(&str, &str)]| {
            CourseFiles::from_pairs(pairs.iter().map(|(p, c)| (*p, *c))).sha256()
        };
        let base = hash(&[("a", "1"), ("b", "2")]);
        assert_eq!(base, hash(&[("b", "2"), ("a", "1")]), "the order of reading is nothing");
        assert_ne!(base, hash(&[("a", "1b"), ("", "2")]), "bytes can't move between path and text");
        assert_ne!(base, hash(&[("a", "1")]));
        assert_ne!(base, hash(&[("a", "1"), ("b", "3")]));
    }

    #[test]
    fn what_tools_leave_behind_is_no_part() {
        assert!(is_course_path("content/app/functions/partners/index.js", false));
        assert!(!is_course_path("content/app/functions/partners/node_modules/x/index.js", false));
        assert!(!is_course_path("content/app/node_modules", true));
        assert!(!is_course_path("content/app/.venv/x", false));
        assert!(!is_course_path("content/app/.gitignore", false));
        assert!(!is_course_path("modules/schema/check.json", false));
        assert!(
            !is_course_path("modules/AUTHORS.md", false),
            "a guide is no part of what is graded"
        );
        assert!(is_course_path("content/app/package.json", false));
    }

    #[test]
    fn a_directory_that_is_no_course_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let text = CourseFiles::load(dir.path()).unwrap_err().to_string();
        assert!(text.contains("there is no modules/course.yaml here"), "{text}");
    }
}
