//! Commands of a page, in bash.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// How long bash may take to look up names.
const LOOKUP: Duration = Duration::from_secs(5);

/// Bash over a script, up to the first command that fails, in a directory, without input. Both
/// streams are one, so that messages stand where they happened.
pub(super) fn command(script: &str, dir: &Path) -> Command {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &format!("exec 2>&1; {script}")]);
    command.current_dir(dir).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// The programs that a script names and that bash finds nowhere.
///
/// # Errors
/// There is no bash.
pub(super) async fn missing(script: &str, dir: &Path) -> std::io::Result<Vec<String>> {
    const LOOK: &str = "for name do type -t -- \"$name\" >/dev/null || echo \"$name\"; done";
    let mut command = Command::new("bash");
    command.args(["-c", LOOK, "bash"]).args(programs(script));
    command.current_dir(dir).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let Ok(output) = tokio::time::timeout(LOOKUP, command.output()).await else {
        return Ok(Vec::new());
    };
    let output = output?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// The first words of a script's commands, where they can be a program's name. Close, not exact:
/// what it misses is not looked up.
fn programs(script: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for command in commands(script) {
        let word = command.split_whitespace().find(|word| !opens(word));
        let Some(word) = word else { continue };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        let name = word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(plain);
        if name && !names.iter().any(|known| known == word) {
            names.push(word.to_owned());
        }
    }
    names
}

/// A word before a command: a keyword that one follows, or a variable that is set for it.
fn opens(word: &str) -> bool {
    let keyword = matches!(word, "if" | "then" | "else" | "elif" | "while" | "until" | "do" | "!");
    let set = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    keyword || set || word == "{"
}

/// Cuts a script at what ends a command. Quoted text is blank; what `$(` opens is a command of its
/// own, also within double quotes.
fn commands(script: &str) -> Vec<String> {
    let script = without_documents(script).replace("\\\n", " ");
    let mut commands = vec![String::new()];
    let mut quote = None;
    // The quotes that brackets stand in.
    let mut around: Vec<Option<char>> = Vec::new();
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None | Some('"')) => {
                letters.next();
            }
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => {
                quote = None;
                push(&mut commands, '"');
            }
            ('$', None | Some('"')) if letters.next_if_eq(&'(').is_some() => {
                commands.push(String::new());
                around.push(quote.take());
            }
            (_, Some(_)) => {}
            ('(', None) => {
                commands.push(String::new());
                around.push(None);
            }
            (')', None) => {
                commands.push(String::new());
                quote = around.pop().flatten();
            }
            ('#', None) if ends_word(&commands) => {
                while letters.next_if(|&c| c != '\n').is_some() {}
            }
            ('\n' | ';' | '|' | '&' | '`', None) => commands.push(String::new()),
            (letter, None) => push(&mut commands, letter),
        }
    }
    commands
}

fn push(commands: &mut [String], letter: char) {
    if let Some(command) = commands.last_mut() {
        command.push(letter);
    }
}

fn ends_word(commands: &[String]) -> bool {
    commands.last().is_none_or(|command| command.is_empty() || command.ends_with(' '))
}

/// A script without the text of its here-documents.
fn without_documents(script: &str) -> String {
    let mut kept = String::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        kept.push_str(line);
        kept.push('\n');
        let Some((_, rest)) = line.split_once("<<") else { continue };
        let end: String = rest
            .trim_start_matches('-')
            .trim_start()
            .chars()
            .filter(|c| !matches!(c, '\'' | '"'))
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        if !end.is_empty() {
            lines.by_ref().take_while(|line| line.trim_start_matches('\t') != end).for_each(drop);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_of_a_script_are_found() {
        let script = "\
mkdir -p -m 700 .secrets
aws cognito-idp describe-user-pool-client \\
  --query UserPoolClient.ClientSecret --output text | tr -d '\\n' > .secrets/admin-secret
for path in socks horns; do
  curl -sS -w \"%{http_code} GET /$path\\n\" http://x/$path &
done
id=$(sam deploy | node -p 'JSON.parse(fs); oops')
test \"$(jq .x file)\" = None && A=b npm ci
cat > x.cjs <<'END'
require it
END
if ! grep -q x file; then echo no; fi # comment | here
";
        let names = programs(script);
        let expected = ["mkdir", "aws", "tr", "for", "curl", "done", "sam", "node", "test", "jq"];
        assert_eq!(names[..10], expected);
        assert_eq!(names[10..], ["npm", "cat", "grep", "echo", "fi"]);
    }

    #[tokio::test]
    async fn what_bash_does_not_find_is_missing() {
        let script = "for x in a; do no-such-program-here $x; done; echo; test 1 = 1";
        let missing = missing(script, Path::new(".")).await.unwrap();
        assert_eq!(missing, ["no-such-program-here"]);
    }
}
