//! Stacks of an account: through the AWS CLI, and through the practice copy of the app.

use std::collections::BTreeMap;

use serde_json::Value;
use stepproof::account::Names;
use stepproof::cli::practice::act::{Place, act};
use stepproof::course::{Action, Course};

use super::program::Ended;
use super::{ACCOUNT, Practice, REGION};

impl Practice {
    /// Changes the app's template, then packages and deploys it. The change must be one.
    pub fn edit_and_deploy(&self, edit: impl FnOnce(String) -> String) {
        self.edit("template.yaml", edit);
        self.deploy_app(&BTreeMap::new());
    }

    /// Changes a file of the practice copy of the app. The change must be one.
    pub fn edit(&self, file: &str, edit: impl FnOnce(String) -> String) {
        let path = self.app().join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        let after = edit(before.clone());
        assert_ne!(before, after, "the edit of {file} changes nothing");
        std::fs::write(path, after).unwrap();
    }

    /// Packages and deploys the practice copy of the app with changes to its template, by path
    /// (`Resources.UnicornApi.Properties.Name`); null removes.
    pub fn deploy_app(&self, with: &BTreeMap<String, Value>) {
        let with: Vec<(&str, Value)> =
            with.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
        self.deploy_template("template.yaml", "app", &with);
    }

    /// The same of any template of the app, as a stack by its role.
    pub fn deploy_template(&self, template: &str, stack: &str, with: &[(&str, Value)]) {
        self.act(&[Action::Deploy {
            template: template.into(),
            stack: stack.into(),
            parameters: BTreeMap::new(),
            with: with.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect(),
        }]);
    }

    /// Does actions as a check's `breaks` or a step's `solve` does them.
    pub fn act(&self, actions: &[Action]) {
        let course = Course::embedded().unwrap();
        let stacks = course.index.stacks.clone();
        let place = Place {
            endpoint: self.endpoint(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            app: self.app(),
            names: Names { stacks, stage: course.index.stage.clone() },
        };
        let done = self.block_on(act(&place, &course, actions, &mut |_| {}));
        done.unwrap_or_else(|problem| panic!("{problem}"));
    }

    /// A stack's status.
    pub fn status(&self, stack: &str) -> String {
        self.described(stack, "Stacks[0].StackStatus")
    }

    /// One of a stack's outputs.
    pub fn output(&self, stack: &str, name: &str) -> String {
        self.described(stack, &format!("Stacks[0].Outputs[?OutputKey=='{name}'].OutputValue"))
    }

    /// A part of a stack's description, by JMESPath.
    pub fn described(&self, stack: &str, query: &str) -> String {
        let words = ["cloudformation", "describe-stacks", "--stack-name", stack];
        self.ok(&[&words[..], &["--query", query, "--output", "text"]].concat())
    }

    /// `aws cloudformation package` into a bucket.
    pub fn package(&self, template: &str, bucket: &str, packaged: &str) {
        self.ok(&[
            "cloudformation",
            "package",
            "--template-file",
            template,
            "--s3-bucket",
            bucket,
            "--output-template-file",
            packaged,
        ]);
    }

    /// `aws cloudformation deploy`.
    pub fn deploy(&self, stack: &str, template: &str, more: &[&str]) -> Ended {
        let words =
            ["cloudformation", "deploy", "--stack-name", stack, "--template-file", template];
        let words = [&words[..], &["--capabilities", "CAPABILITY_IAM"], more].concat();
        // The CLI names change sets by the second: two in one second have the same name.
        loop {
            let ended = self.aws(&words);
            let taken = "(AlreadyExistsException) when calling the CreateChangeSet operation: ChangeSet awscli-";
            if !ended.text.contains(taken) {
                return ended;
            }
        }
    }

    /// The stack's resources: logical name, tab, physical id.
    pub fn physical(&self, stack: &str) -> Vec<String> {
        let query = "StackResourceSummaries[].[LogicalResourceId,PhysicalResourceId]";
        let words = ["cloudformation", "list-stack-resources", "--stack-name", stack];
        let text = self.ok(&[&words[..], &["--query", query, "--output", "text"]].concat());
        text.lines().map(str::to_owned).collect()
    }
}
