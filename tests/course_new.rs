//! `stepproof course new` as an author runs it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

use std::path::Path;
use std::process::Output;

use support::{Practice, code, text};

/// Runs the program in a directory.
fn run(practice: &Practice, dir: &Path, args: &[&str]) -> Output {
    let mut command = practice.command(args);
    command.current_dir(dir).env("PATH", support::path_with_aws()).output().unwrap()
}

/// Everything in a directory, whatever its name.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_new_course_lints_and_tests_with_the_commands_that_are_printed() {
    let practice = Practice::start();
    for flags in [&[][..], &["--langs", "en,ja", "--title", "Calm: \"queues\""]] {
        let dir = tempfile::tempdir().unwrap();
        let made = run(&practice, dir.path(), &[&["course", "new", "queues"], flags].concat());
        assert_eq!(code(&made), 0, "{}", text(&made));
        let said = text(&made);
        let commands: Vec<Vec<&str>> = said
            .lines()
            .filter_map(|line| line.strip_prefix("  stepproof "))
            .map(|line| line.split(' ').collect())
            .collect();
        assert_eq!(commands.len(), 3, "{said}");
        for command in &commands[..2] {
            let output = run(&practice, dir.path(), command);
            assert_eq!(code(&output), 0, "{command:?}: {}", text(&output));
        }
        assert_eq!(commands[2], ["--practice", "--course", "queues"]);
        assert_eq!(names(dir.path()), ["queues"]);
        let japanese = dir.path().join("queues/content/ja/00-first-module.md");
        assert_eq!(japanese.is_file(), flags.contains(&"en,ja"));
    }
}

#[test]
fn its_instructions_work_as_written() {
    let (practice, dir) = (Practice::start(), tempfile::tempdir().unwrap());
    assert_eq!(code(&run(&practice, dir.path(), &["course", "new", "queues"])), 0);
    let output = run(&practice, dir.path(), &["course", "test", "--execute", "--course", "queues"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    assert!(text(&output).contains("instructions run: 0 (2 of 2 checks pass"), "{}", text(&output));
}

#[test]
fn what_is_there_is_left_alone_and_nothing_half_is_written() {
    let (practice, dir) = (Practice::start(), tempfile::tempdir().unwrap());
    std::fs::create_dir(dir.path().join("full")).unwrap();
    std::fs::write(dir.path().join("full/mine"), "mine").unwrap();
    std::fs::write(dir.path().join("file"), "mine").unwrap();
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    let refused = [
        (&["full"][..], "full is not empty"),
        (&["file"], "file is a file"),
        (&["file/below"], "cannot write to file/below"),
        (&["."], "has no name of its own"),
        (&["待ち行列"], "no id can be made"),
        (&["x", "--id", "My Course"], "`My Course` can't be the id"),
        (&["x", "--id", "secure-serverless"], "the course in the program"),
        (&["x", "--title", " "], "can't be the title"),
        (&["x", "--langs", "ja"], "written in English too"),
        (&["x", "--langs", "en,fr"], "possible values: en, ja"),
    ];
    for (args, said) in refused {
        let output = run(&practice, dir.path(), &[&["course", "new"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        assert!(text(&output).contains(said), "{args:?}: {}", text(&output));
    }
    assert_eq!(names(dir.path()), ["empty", "file", "full"]);
    assert_eq!(std::fs::read_to_string(dir.path().join("file")).unwrap(), "mine");
    assert_eq!(names(&dir.path().join("full")), ["mine"]);

    let output = run(&practice, dir.path(), &["course", "new", "empty", "--id", "queues"]);
    assert_eq!(code(&output), 0, "an empty directory is as good as none: {}", text(&output));
    assert_eq!(names(&dir.path().join("empty")), ["checks", "content", "modules"]);
}

#[test]
fn a_directory_without_a_course_is_named_with_what_it_lacks() {
    let (practice, dir) = (Practice::start(), tempfile::tempdir().unwrap());
    for command in [&["course", "lint"][..], &["course", "test"], &["next"]] {
        let output = run(&practice, dir.path(), &[command, &["--course", "."]].concat());
        assert_eq!(code(&output), 2, "{command:?}: {}", text(&output));
        assert!(
            text(&output).contains("there is no modules/course.yaml here"),
            "{}",
            text(&output)
        );
    }
}
