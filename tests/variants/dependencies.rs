//! Module 4: packages that are sound in other ways, and packages that only look mended.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepproof::course::Action;

use crate::support::Practice;

const UNUSED: &str = "no-unused-dependency";
const VULNERABLE: &str = "no-known-vulnerability";

fn start() -> Practice {
    Practice::solved(&["0", "1"])
}

fn dependencies(remove: &[&str], add: &[(&str, &str)]) -> Action {
    Action::Dependencies {
        dir: "api".into(),
        remove: remove.iter().map(|name| (*name).to_owned()).collect(),
        add: add.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
    }
}

const BABEL: [&str; 3] =
    ["babel-core", "babel-plugin-transform-flow-strip-types", "babel-preset-es2017"];
const ALL: [&str; 4] = [BABEL[0], BABEL[1], BABEL[2], "minimatch"];

/// Copies the app's `api` directory, and gives the copy's name.
fn copy_of_api(practice: &Practice, name: &str) {
    let (from, to) = (practice.app().join("api"), practice.app().join(name));
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn code_of(function: &str, directory: &str) -> (String, Value) {
    (format!("Resources.{function}.Properties.CodeUri"), json!(directory))
}

#[test]
fn the_starter_app_is_named_with_packages_and_functions() {
    let report = start().verify(&["4"]);
    for name in ["minimatch 2.0.10", "babel-core 6.26.3", "CustomUnicornAnalyticsFunction"] {
        report.assert_fails(UNUSED, name);
    }
    for name in ["babel-traverse 6.26.0", "CVE-2022-3517", "UnicornPartsFunction"] {
        report.assert_fails(VULNERABLE, name);
    }
    for check in [UNUSED, VULNERABLE] {
        let said = report.check(check).to_string();
        assert!(!said.contains("CustomAuthorizerFunction"), "the authorizer isn't judged: {said}");
    }
}

#[test]
fn a_used_package_may_be_upgraded_instead_of_removed() {
    let practice = start();
    practice.act(&[dependencies(&ALL, &[("minimatch", "10.2.5")])]);
    practice.edit("api/http.js", |code| format!("import \"minimatch\";\n{code}"));
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["4"]).assert_proven();
}

#[test]
fn a_development_dependency_that_is_not_deployed_is_no_matter() {
    let practice = start();
    practice.act(&[dependencies(&ALL, &[])]);
    let set = |text: String, entry: &str| {
        text.replacen("\"devDependencies\": {", &format!("\"devDependencies\": {{{entry}"), 1)
    };
    practice.edit("api/package.json", |text| set(text, "\"minimatch\": \"^2.0.10\","));
    practice.edit("api/package-lock.json", |text| {
        let entry = "\"node_modules/minimatch\": { \"version\": \"2.0.10\", \"dev\": true },";
        set(text, "\"minimatch\": \"^2.0.10\",").replacen(
            "\"packages\": {",
            &format!("\"packages\": {{{entry}"),
            1,
        )
    });
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["4"]).assert_proven();
}

#[test]
fn a_bundle_is_judged_by_what_it_says_it_holds() {
    let practice = start();
    let bundle = |says: &str| {
        for file in ["parts", "customizations", "partners", "analytics"] {
            let code =
                format!("{says}\nexport const handler = async () => ({{ statusCode: 200 }});\n");
            practice
                .file(&format!("practice-app-{}/bundle/{file}.js", crate::support::ACCOUNT), &code);
        }
        let functions = [
            "UnicornPartsFunction",
            "CustomizeUnicornFunction",
            "ManagePartnerFunction",
            "CustomUnicornAnalyticsFunction",
        ];
        practice.deploy_app(&functions.iter().map(|name| code_of(name, "bundle")).collect());
        practice.verify(&["4"])
    };
    bundle("// node_modules/mysql/index.js").assert_proven();
    let report = bundle("// node_modules/minimatch/minimatch.js");
    assert_eq!(report.verdict(VULNERABLE), "cannot_tell", "{}", report.check(VULNERABLE));
    assert!(report.message(VULNERABLE).contains("minimatch"), "{}", report.message(VULNERABLE));
    let report = bundle(&format!("const x = \"{}\";", "m".repeat(3000)));
    assert_eq!(report.verdict(VULNERABLE), "cannot_tell", "{}", report.check(VULNERABLE));
}

#[test]
fn what_is_fixed_on_the_disk_but_not_deployed_still_fails() {
    let practice = start();
    practice.act(&[dependencies(&ALL, &[])]);
    let report = practice.verify(&["4"]);
    report.assert_fails(UNUSED, "isn't deployed yet");
    report.assert_fails(VULNERABLE, "when it is deployed");
}

#[test]
fn a_line_removed_by_hand_leaves_the_package_in_node_modules() {
    let practice = start();
    practice.act(&[dependencies(&BABEL, &[])]);
    practice.edit("api/package.json", |text| {
        let mut manifest: Value = serde_json::from_str(&text).unwrap();
        manifest["dependencies"].as_object_mut().unwrap().remove("minimatch");
        manifest.to_string()
    });
    practice.deploy_app(&BTreeMap::new());
    let report = practice.verify(&["4"]);
    report.assert_fails(UNUSED, "node_modules was deployed with it: minimatch 2.0.10");
    report.assert_fails(VULNERABLE, "node_modules was deployed with it");
}

#[test]
fn one_function_with_the_old_package_fails_and_is_named() {
    let practice = start();
    copy_of_api(&practice, "old");
    practice.act(&[dependencies(&ALL, &[])]);
    practice.deploy_app(&BTreeMap::from([code_of("ManagePartnerFunction", "old")]));
    let report = practice.verify(&["4"]);
    report.assert_fails(UNUSED, "Removed from some functions only");
    report.assert_fails(VULNERABLE, "Some functions are mended");
    for check in [UNUSED, VULNERABLE] {
        report.assert_fails(check, "ManagePartnerFunction");
        assert!(!report.offenders(check).concat().contains("UnicornPartsFunction"));
    }
}

#[test]
fn an_import_in_a_comment_is_no_use_and_an_upgrade_too_small_is_none() {
    let practice = start();
    practice.act(&[dependencies(&ALL, &[("minimatch", "3.1.2")])]);
    practice.edit("api/http.js", |code| format!("// import \"minimatch\";\n{code}"));
    practice.deploy_app(&BTreeMap::new());
    let report = practice.verify(&["4"]);
    report.assert_fails(UNUSED, "minimatch 3.1.2");
    report.assert_fails(VULNERABLE, "CVE-2026-27904");
}

#[test]
fn what_cant_be_read_is_not_told_and_no_signed_address_is_shown() {
    let practice = Practice::solved(&["0", "1", "4"]);
    practice.fault(&json!([{ "action": "lambda:GetFunction", "fault": "access_denied" }]));
    let report = practice.verify(&["4"]);
    for check in [UNUSED, VULNERABLE] {
        assert_eq!(report.verdict(check), "cannot_tell", "{}", report.check(check));
        assert!(report.message(check).contains("lambda:GetFunction"));
    }
    practice.fault(&json!([]));
    for fact in ["packages", "dependencies", "vulnerabilities"] {
        assert!(!practice.fact(fact).to_string().contains("X-Amz"), "{fact}");
    }
}
