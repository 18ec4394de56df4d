//! What the YAML files of a course say, as types. The files' JSON schemas are generated from these.

mod check;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::CourseFiles;
use super::page::Page;
use super::part::{Cleanup, CleanupEntry};

pub use check::{Break, CheckFile, CheckSpec, FailCase, Settle};

/// A text in several languages, keyed by language tag (`en`, `ja`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Text(pub BTreeMap<String, String>);

impl Text {
    /// The text in `lang`, or in English where it has no such translation.
    pub fn get(&self, lang: &str) -> &str {
        self.0.get(lang).or_else(|| self.0.get("en")).map_or("", String::as_str)
    }
}

/// A whole course, read and cross-checked.
#[derive(Debug, Clone)]
pub struct Course {
    /// `modules/course.yaml`.
    pub index: CourseIndex,
    /// The modules in the order of their numbers.
    pub modules: Vec<Module>,
    /// The clean-up, where the course has one.
    pub cleanup: Option<Cleanup>,
    /// SHA-256 over all files of the course, hexadecimal: what a report was graded against.
    pub sha256: String,
    /// Every file, as read; the starter app is [`under`](CourseFiles::under) `content/app`.
    pub files: CourseFiles,
}

impl Course {
    /// A module by its number.
    pub fn module(&self, number: u8) -> Option<&Module> {
        self.modules.iter().find(|m| m.entry.number == number)
    }

    /// All steps of modules with their modules, in order; not the clean-up's.
    pub fn steps(&self) -> impl Iterator<Item = (&Module, &Step)> {
        self.modules.iter().flat_map(|m| m.steps.iter().map(move |s| (m, s)))
    }

    /// A check of any part by its name, with its step.
    pub fn check(&self, name: &str) -> Option<(&Step, &CheckSpec)> {
        self.parts()
            .flat_map(|part| part.steps)
            .flat_map(|step| step.checks.iter().map(move |check| (step, check)))
            .find(|(_, check)| check.check == name)
    }
}

/// `modules/course.yaml`: what holds for the whole course.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourseIndex {
    /// Stable identifier of the course, `[a-z0-9-]+`.
    pub id: String,
    /// The course's title.
    pub title: Text,
    /// Languages that titles, messages and hints must exist in.
    pub languages: Vec<String>,
    /// Languages that the instruction pages exist in (a subset of `languages`). They are written in
    /// the first one, and translated from it to the others.
    pub pages: Vec<String>,
    /// Default stack names by role: `init`, `app`. Flags and environment replace them.
    pub stacks: BTreeMap<String, String>,
    /// Default API stage.
    pub stage: String,
    /// Modules that come first, in this order; the rest may be done in any order after them.
    pub first: Vec<u8>,
    /// Domains in the order that the map shows them.
    pub domains: Vec<Domain>,
    /// All modules, also those without a manifest yet.
    pub modules: Vec<ModuleEntry>,
    /// The clean-up, which is no module.
    #[serde(default)]
    pub cleanup: Option<CleanupEntry>,
    /// Values that instructions may name (`{{ api_url }}`), by name.
    #[serde(default)]
    pub values: BTreeMap<String, ValueSpec>,
    /// When the learner's app was last deployed: a deployment after a proof may have replaced what
    /// was proven.
    #[serde(default)]
    pub deployed: Option<DeployedSpec>,
}

/// A group of modules.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Identifier, as in a module's `domain`.
    pub id: String,
    /// Shown title.
    pub title: Text,
}

impl ModuleEntry {
    /// What the module's files are called: `01-authentication`.
    pub fn file_stem(&self) -> String {
        format!("{:02}-{}", self.number, self.slug)
    }
}

/// A module's line in `course.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModuleEntry {
    /// The module's number.
    pub number: u8,
    /// Names the files: `modules/NN-slug.yaml`, `checks/NN-slug.yaml`, `content/LANG/NN-slug.md`.
    pub slug: String,
    /// The module's title.
    pub title: Text,
    /// A domain's id.
    pub domain: String,
    /// Honest working time in minutes, waiting included.
    pub minutes: u16,
}

/// A value of the learner's account that instructions may name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueSpec {
    /// Facts that the expression reads.
    pub facts: Vec<String>,
    /// CEL expression over the facts; a string, or null while unknown.
    pub value: String,
    /// The step that brings the value.
    pub step: String,
}

/// When the learner's app was last deployed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployedSpec {
    /// Facts that the expression reads.
    pub facts: Vec<String>,
    /// CEL expression over the facts; RFC 3339 text, or null while unknown.
    pub value: String,
}

/// A module: its entry, and its manifest, checks and pages where they are written.
#[derive(Debug, Clone)]
pub struct Module {
    /// The line in `course.yaml`.
    pub entry: ModuleEntry,
    /// Steps in order; empty while the module has no manifest.
    pub steps: Vec<Step>,
    /// The attack that the module is about, in a sentence or two.
    pub attack: Option<Attack>,
    /// Questions at the module's end.
    pub questions: Vec<Question>,
    /// The module's pages by language.
    pub pages: BTreeMap<String, Page>,
}

impl Module {
    /// Whether the module has a manifest, so that it can be worked on.
    pub fn is_written(&self) -> bool {
        self.part().is_written()
    }

    /// The module's page in a language, or in the first language that it is written in.
    pub fn page(&self, lang: &str) -> Option<&Page> {
        self.part().page(lang)
    }
}

/// `modules/NN-slug.yaml`, and `modules/slug.yaml` of the clean-up.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The module's number, as in `course.yaml`; the clean-up has none.
    #[serde(default)]
    pub module: Option<u8>,
    /// The attack that the module is about, for the journal.
    #[serde(default)]
    pub attack: Option<Attack>,
    /// Steps in order.
    pub steps: Vec<StepSpec>,
    /// Questions at the module's end. Two or three, about understanding.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// What an attacker does before the module, and what becomes of it after.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// What works while the module isn't done. A paragraph of Markdown.
    pub before: Text,
    /// What stops it once the module is done. A paragraph of Markdown.
    pub after: Text,
}

/// A question for the learner to think about; its answer is hidden until it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Unique in its module, `[a-z0-9-]+`: the journal keeps which answers were revealed.
    pub id: String,
    /// The question. A paragraph of Markdown.
    pub ask: Text,
    /// The answer. A paragraph of Markdown.
    pub answer: Text,
}

/// A step in a manifest.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Module number and a letter: `1d`. Of the clean-up, `c` and a letter.
    pub id: String,
    /// The step's title.
    pub title: Text,
    /// Honest working time in minutes.
    pub minutes: u16,
    /// Extra credit: not needed for the module to be done.
    #[serde(default)]
    pub optional: bool,
    /// Steps that must be proven before this one can be judged.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What `practice solve` does after it has applied the step's `diff apply` blocks.
    #[serde(default)]
    pub solve: Vec<Action>,
}

/// A step with the checks that prove it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The manifest's part.
    pub spec: StepSpec,
    /// Checks in the order of their file.
    pub checks: Vec<CheckSpec>,
}

/// One thing done to an account while solving or breaking it. Texts are minijinja templates over
/// the course's values, `endpoint`, `account`, `region`, and what earlier actions saved.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Packages and deploys a template of the app directory.
    Deploy {
        /// Path in the app directory.
        template: String,
        /// The stack's role in `course.yaml`, or a stack name.
        stack: String,
        /// Stack parameters.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
        /// Changes to the template, by path (`Resources.X.Properties.Y./z`); null deletes.
        #[serde(default)]
        with: BTreeMap<String, Value>,
    },
    /// Deletes a stack.
    DeleteStack(String),
    /// Empties a bucket that a stack made. Without the stack or the bucket there is nothing to do.
    EmptyBucket {
        /// The stack's role in `course.yaml`, or a stack name.
        stack: String,
        /// The bucket's logical id in it.
        bucket: String,
    },
    /// Does actions for each item of a list that the account answers with; none where it is empty.
    Each {
        /// The request that answers with the list: an `http` action.
        list: Box<Action>,
        /// A JSON pointer to the list in its answer. One value is a list of one, none an empty one.
        items: String,
        /// Values to keep of the item, by name: a JSON pointer into it; empty for the item itself.
        save: BTreeMap<String, String>,
        /// What is done for each.
        #[serde(rename = "do")]
        actions: Vec<Action>,
    },
    /// Sends an HTTP request.
    Http {
        /// `POST`.
        method: String,
        /// The address.
        url: String,
        /// Sign with the account's credentials (an AWS API call).
        #[serde(default)]
        signed: bool,
        /// Headers by name.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// JSON body.
        #[serde(default)]
        json: Option<Value>,
        /// Form body.
        #[serde(default)]
        form: Option<BTreeMap<String, String>>,
        /// Accepted status; any 2xx when absent.
        #[serde(default)]
        expect: Option<u16>,
        /// Values to keep, by name: a JSON pointer into the answer.
        #[serde(default)]
        save: BTreeMap<String, String>,
    },
    /// Takes npm dependencies from a directory's package.json and package-lock.json, and adds some,
    /// as npm does, but without the registry.
    Dependencies {
        /// Directory in the app directory that holds the two files.
        dir: String,
        /// Names of what is taken out, with all that nothing else needs.
        #[serde(default)]
        remove: Vec<String>,
        /// Versions of what is added, by name.
        #[serde(default)]
        add: BTreeMap<String, String>,
    },
    /// Writes a file of the app directory; null removes it.
    File {
        /// Path in the app directory.
        path: String,
        /// New contents.
        contents: Option<String>,
    },
}
