use super::*;

const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

#[test]
fn a_diff_applies_once() {
    let after = patch("one\ntwo\n", DIFF).unwrap().unwrap();
    assert_eq!(after, "one\nand a half\ntwo\n");
    assert_eq!(patch(&after, DIFF), Ok(None));
}

#[test]
fn a_hunk_is_found_by_its_lines_wherever_they_moved() {
    let after = patch("a\nb\nc\nd\none\ntwo\nthree\n", DIFF).unwrap().unwrap();
    assert_eq!(after, "a\nb\nc\nd\none\nand a half\ntwo\nthree\n");
}

#[test]
fn a_short_line_that_stands_elsewhere_is_no_sign_of_the_change() {
    let text = "and a half\none\ntwo\n";
    assert_eq!(patch(text, DIFF).unwrap().unwrap(), "and a half\none\nand a half\ntwo\n");
}

/// Module 1 adds one resource after another before the same comment.
#[test]
fn a_change_is_recognised_after_a_later_one_came_beside_it() {
    let adds = |name: &str| {
        format!(
            "--- a\n+++ b\n@@ -1,2 +1,6 @@\n \n+  {name}:\n+    Type: T\n+    Name: {name}\n+\n   # What is called.\n"
        )
    };
    let text = "Resources:\n  Pool: 1\n\n  # What is called.\n  Api: 1\n";
    let (one, two) = (adds("One"), adds("Two"));
    let after = patch(&patch(text, &one).unwrap().unwrap(), &two).unwrap().unwrap();
    assert!(after.find("One").unwrap() < after.find("Two").unwrap());
    assert_eq!(patch(&after, &one), Ok(None));
    assert_eq!(patch(&after, &two), Ok(None));
}

/// Module 1 adds the same line to each method.
#[test]
fn the_same_line_elsewhere_is_another_hunks() {
    let hunk = |old: u8, new: u8, name: &str| {
        format!("@@ -{old},2 +{new},3 @@\n {name}\n+closed\n json\n")
    };
    let diff = format!("--- a\n+++ b\n{}{}", hunk(1, 1, "one"), hunk(3, 4, "two"));
    let after = patch("one\njson\ntwo\njson\n", &diff).unwrap().unwrap();
    assert_eq!(after, "one\nclosed\njson\ntwo\nclosed\njson\n");
    assert_eq!(patch(&after, &diff), Ok(None));
}

#[test]
fn what_is_added_at_the_end_is_added_once() {
    let diff = "--- a\n+++ b\n@@ -1 +1,2 @@\n one\n+two\n";
    let after = patch("one\n", diff).unwrap().unwrap();
    assert_eq!((after.as_str(), patch(&after, diff)), ("one\ntwo\n", Ok(None)));
}

#[test]
fn a_line_is_taken_out_once_whatever_looks_like_the_result() {
    let diff = "--- a\n+++ b\n@@ -1,3 +1,2 @@\n one\n-gone\n two\n";
    let after = patch("one\ntwo\none\ngone\ntwo\n", diff).unwrap().unwrap();
    assert_eq!(after, "one\ntwo\none\ntwo\n");
    assert_eq!(patch(&after, diff), Ok(None));
}

#[test]
fn hunks_that_are_there_are_left_and_the_others_applied() {
    let diff = "--- a\n+++ b\n@@ -1 +1 @@\n-one\n+1\n@@ -2 +2 @@\n-two\n+2\n";
    assert_eq!(patch("1\ntwo\n", diff).unwrap().unwrap(), "1\n2\n");
}

#[test]
fn lines_that_stand_twice_are_no_place() {
    let error = patch("one\ntwo\none\ntwo\n", DIFF).unwrap_err();
    assert_eq!(
        error,
        PatchError::Ambiguous { at: vec![1, 3], lines: vec!["one".into(), "two".into()] }
    );
    assert!(matches!(patch("one\n2\n", DIFF), Err(PatchError::Misfit { .. })));
}

#[test]
fn a_broken_diff_says_so() {
    for diff in ["@@ nonsense", "", "--- a\n+++ b\n@@ -1 +1 @@\n one\n"] {
        assert!(matches!(patch("one\n", diff), Err(PatchError::Broken(_))), "{diff}");
    }
}

#[test]
fn a_text_without_a_last_line_end_keeps_none() {
    assert_eq!(patch("one\ntwo", DIFF).unwrap().unwrap(), "one\nand a half\ntwo");
}

/// A diff that adds a line before the line `at`.
fn adds(at: usize, added: &str) -> String {
    let (above, below) = (at - 1, at);
    format!("--- a\n+++ b\n@@ -1,2 +1,3 @@\n line {above}\n+{added}\n line {below}\n")
}

proptest::proptest! {
    /// Hunks that share no line come to the same file in either order, each once.
    #[test]
    fn hunks_apart_apply_in_any_order(first in 1_usize..10, apart in 2_usize..10) {
        let lines: Vec<String> = (0..20).map(|n| format!("line {n}")).collect();
        let text = lines.join("\n");
        let (one, two) = (adds(first, "one"), adds(first + apart, "two"));
        let apply = |text: &str, diff: &str| patch(text, diff).unwrap().unwrap();
        let both = apply(&apply(&text, &one), &two);
        proptest::prop_assert_eq!(&both, &apply(&apply(&text, &two), &one));
        proptest::prop_assert_eq!(patch(&both, &one), Ok(None));
        proptest::prop_assert_eq!(patch(&both, &two), Ok(None));
    }
}

#[test]
fn lines_keep_their_ends() {
    let after = patch("one\r\ntwo\r\nthree\n", DIFF).unwrap().unwrap();
    assert_eq!(after, "one\r\nand a half\r\ntwo\r\nthree\n");
    let diff = "--- a\n+++ b\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";
    let after = patch("one\ntwo\r\nthree\r\n", diff).unwrap().unwrap();
    assert_eq!(after, "one\n2\nthree\r\n");
    let adds = "--- a\n+++ b\n@@ -1 +1,2 @@\n one\n+two\n";
    assert_eq!(patch("one", adds).unwrap().unwrap(), "one\ntwo");
}

fn misfit(text: &str, diff: &str) -> Option<Near> {
    match patch(text, diff) {
        Err(PatchError::Misfit { near, .. }) => near,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_misfit_names_the_line_that_differs() {
    let near = misfit("zero\none\n2\n", DIFF).unwrap();
    assert_eq!(near, Near { line: 3, expected: "two".into(), found: Some("2".into()) });
    let near = misfit("zero\none\n", DIFF).unwrap();
    assert_eq!(near, Near { line: 3, expected: "two".into(), found: None });
    assert_eq!(misfit("nothing\nof it\n", DIFF), None);
}

#[test]
fn a_line_that_stands_everywhere_is_no_place() {
    let diff = "--- a\n+++ b\n@@ -1,4 +1,5 @@\n \n Pool:\n   Type: T\n+  Name: N\n   End: 1\n";
    let near = misfit("\na\n\nPool:\n  Type: U\n  End: 1\n\n", diff).unwrap();
    assert_eq!((near.line, near.found.as_deref()), (5, Some("  Type: U")));
}

#[test]
fn what_changed_is_shown_with_line_numbers_and_context() {
    let text = (1..=9).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
    let found = changes(&text, &text.replace("line 5\n", "line five\nand more\n"));
    assert_eq!(found.len(), 1);
    let shown: Vec<(Change, usize, &str)> =
        found[0].iter().map(|line| (line.change, line.number, line.text.as_str())).collect();
    let expected = [
        (Change::None, 2, "line 2"),
        (Change::None, 3, "line 3"),
        (Change::None, 4, "line 4"),
        (Change::Removed, 5, "line 5"),
        (Change::Added, 5, "line five"),
        (Change::Added, 6, "and more"),
        (Change::None, 7, "line 6"),
        (Change::None, 8, "line 7"),
        (Change::None, 9, "line 8"),
    ];
    assert_eq!(shown, expected);
    assert!(changes(&text, &text).is_empty());
}
