use proptest::prelude::*;
use serde_json::json;

use super::super::parse;

fn value(text: &str) -> serde_json::Value {
    parse(text).unwrap()
}

#[test]
fn short_tags_come_out_long() {
    let text = "a: !Ref Pool\nb: !GetAtt Function.Arn\nc: !Sub ['${x}', {x: !Ref Y}]\n\
                d: !If [Prod, 1, !Ref 'AWS::NoValue']\ne: !Condition Prod\n\
                f: !GetAtt Cluster.Endpoint.Address\ng: !GetAZs ''\nh: !Transform {Name: 'AWS::Include'}\n\
                i: {Fn::ImportValue: !Sub '${S}-Net'}\n";
    assert_eq!(
        value(text),
        json!({
            "a": {"Ref": "Pool"},
            "b": {"Fn::GetAtt": ["Function", "Arn"]},
            "c": {"Fn::Sub": ["${x}", {"x": {"Ref": "Y"}}]},
            "d": {"Fn::If": ["Prod", 1, {"Ref": "AWS::NoValue"}]},
            "e": {"Condition": "Prod"},
            "f": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]},
            "g": {"Fn::GetAZs": ""},
            "h": {"Fn::Transform": {"Name": "AWS::Include"}},
            "i": {"Fn::ImportValue": {"Fn::Sub": "${S}-Net"}},
        })
    );
}

#[test]
fn scalars_follow_yaml_1_1_but_dates_stay_text() {
    assert_eq!(
        value(
            "a: 2010-09-09\nb: off\nc: \"OFF\"\nd: 0755\ne: 012345678909\nf: 1.0.0\ng: 1.5\nh:\ni: 1_000\nj: !!str 12\nk: 1e3\nl: -7\nm: 0x1f"
        ),
        json!({"a": "2010-09-09", "b": false, "c": "OFF", "d": 493, "e": "012345678909",
               "f": "1.0.0", "g": 1.5, "h": null, "i": 1000, "j": "12", "k": "1e3", "l": -7, "m": 31})
    );
}

#[test]
fn keys_keep_their_order_and_spelling() {
    let read = value("z: 1\n200: {a: 1}\n'on': 2\nyes: 3\n");
    let keys: Vec<_> = read.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["z", "200", "on", "yes"]);
}

#[test]
fn anchors_are_expanded() {
    assert_eq!(
        value("a: &x [1, {b: !Ref C}]\nd: *x"),
        json!({"a": [1, {"b": {"Ref": "C"}}], "d": [1, {"b": {"Ref": "C"}}]})
    );
}

#[test]
fn says_where_and_what() {
    for (text, line, column, part) in [
        ("a: 1\nb: !Reff C\n", 2, 10, "there is no tag !Reff"),
        ("a: 1\na: 2\n", 2, 1, "stands there twice"),
        ("a:\n  <<: {b: 1}\n", 2, 3, "merge keys"),
        ("a: !GetAtt Function\n", 1, 12, "Resource.Attribute"),
        ("a: 1\n---\nb: 1\n", 2, 1, "one document"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let json = parse("{\"a\": 1,,}").unwrap_err();
    assert_eq!((json.language, json.line, json.column), ("JSON", 1, 9), "{json}");
    assert!(parse("").is_err());
}

#[test]
fn refuses_a_bomb() {
    use std::fmt::Write as _;
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..9 {
        let alias = format!("*a{}, ", n - 1);
        writeln!(bomb, "a{n}: &a{n} [{}]", alias.repeat(9)).unwrap();
    }
    assert!(parse(&bomb).unwrap_err().message.contains("too large"));
    assert!(parse(&"[".repeat(5000)).is_err());
    assert!(parse(&format!("{{\"a\":{}", "[".repeat(5000))).is_err());
}

proptest! {
    #[test]
    fn never_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_what_looks_like_yaml(text in "([a-zA-Z0-9&*!<>:{}\\[\\],'\"|#? \n-]|!Sub |: |- |\n  ){0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn json_reads_the_same(keys in prop::collection::vec("[a-zA-Z]{1,8}", 0..6), number in any::<i32>(), text in "[ -~]{0,20}") {
        let value = json!({"k": keys, "n": number, "t": text});
        prop_assert_eq!(parse(&value.to_string()).unwrap(), value);
    }
}
