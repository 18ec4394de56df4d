//! Does the actions that a step's `solve` or a check's `break` lists, as a client of the practice
//! account.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;

use super::deploy::{Client, Deployment};
use super::npm;
use super::request::{self, Request};
use crate::account::{Names, Target};
use crate::cli::course::execute::CurrentValues;
use crate::cli::course::values::AccountValues;
use crate::cli::whole;
use crate::course::{Action, Course, ValueState, Values};

/// The practice account to solve, and the copy of the app to do it with.
#[derive(Debug, Clone)]
pub struct Place {
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
    /// 12 digits.
    pub account: String,
    /// `us-east-1`
    pub region: String,
    /// The copy of the app.
    pub app: PathBuf,
    /// Names of the stacks, and the stage.
    pub names: Names,
}

impl Place {
    pub(super) fn target(&self) -> Target {
        let mut target = Target::practice(&self.endpoint, &self.account, self.names.clone());
        target.region = Some(self.region.clone());
        target
    }

    /// The account's values, for pages and actions.
    pub(super) async fn values(&self, course: &Course) -> Result<Values, String> {
        let mut values = AccountValues::connect(course, self.target())
            .await
            .map_err(|cannot| cannot.message.clone())?;
        Ok(values.values().await)
    }
}

/// Is told each line of progress.
pub type Tell<'a> = &'a mut (dyn FnMut(String) + Send);

/// Does actions in order: those of a step, or of a check's break.
///
/// # Errors
/// The first that didn't work, in words.
pub async fn act(
    place: &Place,
    course: &Course,
    actions: &[Action],
    tell: Tell<'_>,
) -> Result<(), String> {
    let mut actor = Actor::new(place, course, String::new(), tell);
    for action in actions {
        actor.act(action).await?;
    }
    Ok(())
}

/// Does actions, and keeps what they save for those after them.
pub(super) struct Actor<'a> {
    place: &'a Place,
    course: &'a Course,
    client: Client,
    saved: BTreeMap<String, String>,
    prefix: String,
    tell: Tell<'a>,
}

impl<'a> Actor<'a> {
    /// `prefix` stands before each line of progress.
    pub(super) fn new(
        place: &'a Place,
        course: &'a Course,
        prefix: String,
        tell: Tell<'a>,
    ) -> Self {
        let client = Client::new(&place.endpoint, &place.account, &place.region);
        Self { place, course, client, saved: BTreeMap::new(), prefix, tell }
    }

    fn say(&mut self, what: &str) {
        let line = format!("{}{what}", self.prefix);
        (self.tell)(line);
    }

    /// Boxed: an action may hold others.
    pub(super) fn act<'f>(&'f mut self, action: &'f Action) -> BoxFuture<'f, Result<(), String>> {
        Box::pin(self.one(action))
    }

    async fn one(&mut self, action: &Action) -> Result<(), String> {
        let words = Words::new(self.place, self.course, &self.saved, action).await?;
        match action {
            Action::Deploy { template, stack, parameters, with } => {
                self.deploy(&words, template, stack, parameters, with).await
            }
            Action::DeleteStack(stack) => {
                let stack = self.stack(&words.fill(stack)?);
                self.client.delete(&stack).await?;
                self.say(&format!("deleted stack {stack}"));
                Ok(())
            }
            Action::EmptyBucket { stack, bucket } => {
                let stack = self.stack(&words.fill(stack)?);
                let bucket = words.fill(bucket)?;
                if let Some((name, removed)) = self.client.empty_bucket(&stack, &bucket).await? {
                    self.say(&format!("emptied bucket {name} ({removed} objects)"));
                }
                Ok(())
            }
            Action::Each { list, items, save, actions } => {
                let request = self.request(&words, list)?;
                for kept in request::list(&self.client, &request, items, save).await? {
                    self.saved.extend(kept);
                    for action in actions {
                        self.act(action).await?;
                    }
                }
                Ok(())
            }
            Action::Http { .. } => {
                let request = self.request(&words, action)?;
                self.saved.extend(request::send(&self.client, &request).await?);
                self.say(&request.what());
                Ok(())
            }
            Action::Dependencies { dir, remove, add } => {
                let dir = inside(&words.fill(dir)?)?;
                npm::change(&self.place.app.join(&dir), remove, add)?;
                self.say(&format!("changed the dependencies of {dir}"));
                Ok(())
            }
            Action::File { path, contents } => {
                let contents = contents.as_ref().map(|text| words.fill(text)).transpose()?;
                self.file(&inside(&words.fill(path)?)?, contents.as_deref())
            }
        }
    }

    async fn deploy(
        &mut self,
        words: &Words,
        template: &str,
        stack: &str,
        parameters: &BTreeMap<String, String>,
        with: &BTreeMap<String, Value>,
    ) -> Result<(), String> {
        let stack = self.stack(&words.fill(stack)?);
        let template = words.fill(template)?;
        let parameters = words.fill_all(parameters)?;
        let mut changes = BTreeMap::new();
        for (path, value) in with {
            changes.insert(path.clone(), words.fill_value(value)?);
        }
        let bucket_stacks: Vec<&str> =
            self.place.names.stacks.values().map(String::as_str).collect();
        let deployment = Deployment {
            app: &self.place.app,
            template: &inside(&template)?,
            stack: &stack,
            bucket_stacks: &bucket_stacks,
            parameters: &parameters,
            with: &changes,
        };
        let changed = self.client.deploy(&deployment).await?;
        self.say(&if changed {
            format!("deployed {template} as {stack}")
        } else {
            format!("{stack} is up to date")
        });
        Ok(())
    }

    /// The request of an `http` action. Course data must not make this program call anything but
    /// the practice account.
    fn request<'r>(&self, words: &Words, action: &'r Action) -> Result<Request<'r>, String> {
        let Action::Http { method, url, signed, headers, json, form, expect, save } = action else {
            return Err("this is no http action".to_owned());
        };
        let request = Request {
            method,
            url: words.fill(url)?,
            signed: *signed,
            headers: words.fill_all(headers)?,
            json: json.as_ref().map(|value| words.fill_value(value)).transpose()?,
            form: form.as_ref().map(|form| words.fill_all(form)).transpose()?,
            expect: *expect,
            save,
        };
        let endpoint = &self.place.endpoint;
        if is_local(&request.url, endpoint) {
            return Ok(request);
        }
        Err(format!("{} is not on the practice account ({endpoint})", request.url))
    }

    /// Writes a file of the app's copy, or removes it.
    fn file(&mut self, path: &str, contents: Option<&str>) -> Result<(), String> {
        let file = self.place.app.join(path);
        let done = match contents {
            Some(text) => {
                let parent = file.parent().unwrap_or(&self.place.app);
                std::fs::create_dir_all(parent).and_then(|()| whole::write(&file, text.as_bytes()))
            }
            None => match std::fs::remove_file(&file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                result => result,
            },
        };
        done.map_err(|error| format!("cannot change {path}: {error}"))?;
        self.say(&format!("wrote {path}"));
        Ok(())
    }

    /// The stack of a role; any other name is a stack's own.
    fn stack(&self, role: &str) -> String {
        self.place.names.stacks.get(role).map_or_else(|| role.to_owned(), Clone::clone)
    }
}

/// Whether an address is the endpoint's port on loopback, under any of its names.
fn is_local(url: &str, endpoint: &str) -> bool {
    let place = |text: &str| {
        let host = text.split('/').nth(2).unwrap_or_default();
        host.rsplit_once(':').map(|(name, port)| (name.to_owned(), port.to_owned()))
    };
    let (Some((name, port)), Some((_, own))) = (place(url), place(endpoint)) else { return false };
    let loopback = name == "127.0.0.1" || name == "localhost" || name.ends_with(".localhost");
    loopback && port == own
}

/// A relative path that stays in the app directory.
fn inside(path: &str) -> Result<String, String> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.split('/').all(plain) && !path.contains('\\') {
        Ok(path.to_owned())
    } else {
        Err(format!("{path} is no path inside the app directory"))
    }
}

/// Fills in an action's texts.
struct Words {
    env: Environment<'static>,
    known: BTreeMap<String, String>,
}

impl Words {
    /// Reads the account's values only where the action names any.
    async fn new(
        place: &Place,
        course: &Course,
        saved: &BTreeMap<String, String>,
        action: &Action,
    ) -> Result<Self, String> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut known = BTreeMap::new();
        let text = serde_json::to_string(action).unwrap_or_default();
        let names = |name: &String| text.contains(name.as_str());
        if text.contains("{{") && course.index.values.keys().any(names) {
            for (name, state) in place.values(course).await? {
                if let ValueState::Known(value) = state {
                    known.insert(name, value);
                }
            }
        }
        known.insert("endpoint".into(), place.endpoint.clone());
        known.insert("account".into(), place.account.clone());
        known.insert("region".into(), place.region.clone());
        known.extend(saved.clone());
        Ok(Self { env, known })
    }

    fn fill(&self, text: &str) -> Result<String, String> {
        self.env.render_str(text, &self.known).map_err(|error| {
            format!("`{text}` can't be filled in: {error}. A value that it names isn't known yet")
        })
    }

    fn fill_all(
        &self,
        texts: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        texts.iter().map(|(name, text)| Ok((name.clone(), self.fill(text)?))).collect()
    }

    fn fill_value(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => {
                items.iter().map(|item| self.fill_value(item)).collect::<Result<_, _>>()?
            }
            Value::Object(members) => {
                let filled = members.iter().map(|(k, v)| Ok((k.clone(), self.fill_value(v)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }
}
