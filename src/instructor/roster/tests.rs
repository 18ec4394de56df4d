use proptest::prelude::*;

use super::*;

fn known() -> Known {
    let profiles = Some(vec!["workshop".to_owned()]);
    Known { stacks: vec!["app".to_owned(), "init".to_owned()], profiles }
}

fn csv(text: &str) -> Result<Vec<Entry>, CourseError> {
    read("roster.csv", text.as_bytes(), Form::Csv, &known())
}

fn yaml(text: &str) -> Result<Vec<Entry>, CourseError> {
    read("roster.yaml", text.as_bytes(), Form::Yaml, &known())
}

/// The places and messages of all that is wrong.
fn wrong(read: Result<Vec<Entry>, CourseError>) -> Vec<(usize, usize, String)> {
    let said = |one: Diagnostic| {
        assert!(!one.remedy.is_empty(), "{one}");
        (one.line, one.column, one.message)
    };
    read.unwrap_err().0.into_iter().map(said).collect()
}

/// One thing is wrong: where, and a part of what is said.
fn assert_wrong(read: Result<Vec<Entry>, CourseError>, place: Place, part: &str) {
    let all = wrong(read);
    let [(line, column, said)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((*line, *column), place, "{said}");
    assert!(said.contains(part), "{said}");
}

#[test]
fn both_forms_say_the_same() {
    let from_csv = csv("\u{feff}name,account,role,external_id,profile,region,stack_app\r\n\
        佐藤 花子,012345678901,arn:aws:iam::012345678901:role/w/grader,x-1,,ap-northeast-1,Mine\r\n\
        \"Doe, Jo\",111111111111,,,workshop,,\r\n\
        ,222222222222,,,,,\r\n")
    .unwrap();
    let from_yaml = yaml("# The room.\n\
        - name: 佐藤 花子\n  account: 012345678901\n  role: arn:aws:iam::012345678901:role/w/grader\n  \
          external_id: x-1\n  region: ap-northeast-1\n  stack_app: Mine\n\
        - { name: \"Doe, Jo\", account: 111111111111, profile: workshop }\n\
        - account: \"222222222222\"\n")
    .unwrap();
    assert_eq!(from_csv, from_yaml);
    let [first, second, third] = from_csv.as_slice() else { panic!("{from_csv:?}") };
    assert_eq!((first.name.as_str(), first.account.as_str()), ("佐藤 花子", "012345678901"));
    let arn = "arn:aws:iam::012345678901:role/w/grader".to_owned();
    assert_eq!(first.access, Access::Role(Role { arn, external_id: Some("x-1".to_owned()) }));
    assert_eq!(first.region.as_deref(), Some("ap-northeast-1"));
    assert_eq!(first.stacks["app"], "Mine");
    assert_eq!(second.access, Access::Profile("workshop".to_owned()));
    assert_eq!((third.name.as_str(), &third.access), ("222222222222", &Access::Own));
    assert!(third.stacks.is_empty() && third.region.is_none());
}

#[test]
fn an_account_twice_is_said_with_the_line_of_the_first() {
    let text = "name,account\nAnn,111111111111\nBen,222222222222\nCho,111111111111\n";
    assert_wrong(csv(text), (4, 5), "on line 2 already");
    let text = "- account: \"111111111111\"\n- account: \"111111111111\"\n";
    assert_wrong(yaml(text), (2, 12), "on line 1 already");
}

#[test]
fn what_is_no_account_is_refused_where_it_stands() {
    for account in ["11111111111", "1.11111E+11", "1111-1111-1111", "１１１１１１１１１１１１", "x"]
    {
        assert_wrong(csv(&format!("name,account\nAnn,{account}\n")), (2, 5), "no account");
    }
    assert_wrong(csv("name,account\nAnn,\n"), (2, 1), "the account is missing");
    assert_wrong(csv("name\nAnn\n"), (2, 1), "the account is missing");
    assert_wrong(yaml("- name: Ann\n"), (1, 3), "the account is missing");
}

#[test]
fn a_column_that_nobody_knows_is_said_once() {
    let text = "name,acount,account\nAnn,x,111111111111\nBen,x,222222222222\n";
    assert_wrong(csv(text), (1, 6), "no column `acount`");
    assert!(csv(text).unwrap_err().to_string().contains("did you mean `account`?"));
    assert_wrong(csv("account,stack_db\n111111111111,X\n"), (1, 9), "no column `stack_db`");
    assert_wrong(csv("account,name,name\n111111111111,a,b\n"), (1, 14), "there twice");
    assert_wrong(yaml("- { account: \"111111111111\", who: x }\n"), (1, 30), "no column `who`");
}

#[test]
fn a_way_in_that_cannot_be_is_refused() {
    let role = |role: &str| csv(&format!("account,role\n111111111111,{role}\n"));
    assert_wrong(role("grader"), (2, 14), "no ARN of a role");
    assert_wrong(role("arn:aws:iam::111111111111:user/x"), (2, 14), "no ARN of a role");
    assert_wrong(role("arn:aws:iam::222222222222:role/x"), (2, 14), "in account 222222222222");
    let two = "account,role,profile\n111111111111,arn:aws:iam::111111111111:role/x,workshop\n";
    assert_wrong(csv(two), (2, 47), "two ways");
    assert_wrong(csv("account,external_id\n111111111111,x\n"), (2, 14), "goes with a role");
    assert_wrong(csv("account,profile\n111111111111,workshp\n"), (2, 14), "no AWS profile");
    assert_wrong(csv("account,region\n111111111111,Tokyo\n"), (2, 14), "no name of an AWS region");
}

#[test]
fn a_file_that_names_nobody_or_is_no_roster_is_refused() {
    for text in ["", "\u{feff}", "\n \n", "name,account\n"] {
        assert_wrong(csv(text), (0, 0), "names nobody");
    }
    for text in ["", "[]"] {
        assert_wrong(yaml(text), (0, 0), "names nobody");
    }
    assert_wrong(csv("name;account\nAnn;111111111111\n"), (1, 5), "separated by commas");
    assert_wrong(csv("name,account\nDoe, Jo,111111111111\n"), (2, 1), "3 fields");
    assert_wrong(csv("name,account\n\"Ann,111111111111\n"), (2, 1), "never closed");
    let shift_jis = b"name,account\n\x8d\xb2\x93\xa1,111111111111\n";
    let read = read("roster.csv", shift_jis, Form::Csv, &known());
    assert_wrong(read, (0, 0), "isn't UTF-8");
    let error = yaml("name: Ann\n").unwrap_err().to_string();
    assert!(error.contains("a roster is a list"), "{error}");
}

#[test]
fn everything_wrong_is_said_at_once_with_its_line() {
    let read = csv("name,account,region\nAnn,1,us-east-1\nBen,222222222222,there\n");
    let error = read.unwrap_err();
    assert_eq!(error.0.len(), 2, "{error}");
    let text = error.to_string();
    assert!(text.contains("roster.csv:2:5") && text.contains("2 | Ann,1,us-east-1"), "{text}");
    assert!(text.contains("roster.csv:3:18"), "{text}");
}

#[test]
fn the_files_name_says_its_form() {
    assert_eq!(Form::of("room/roster.CSV"), Some(Form::Csv));
    assert_eq!(Form::of("roster.yml"), Some(Form::Yaml));
    assert_eq!(Form::of("roster.txt"), None);
    assert_eq!(Form::of("roster"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = read("f", &bytes, Form::Csv, &known());
        let _ = read("f", &bytes, Form::Yaml, &known());
    }

    #[test]
    fn any_name_comes_back(name in "[^\r\n\\p{C}]{1,20}") {
        let text = format!("name,account\n\"{}\",111111111111\n", name.replace('"', "\"\""));
        let entries = csv(&text).unwrap();
        let expected = name.trim();
        let expected = if expected.is_empty() { "111111111111" } else { expected };
        prop_assert_eq!(&entries[0].name, expected);
    }
}
