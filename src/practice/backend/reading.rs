//! What a function's code says, as far as the rules of the practice account ask for it: the lines of
//! the handler's module and of those that it imports, comments left out.

use super::code::{Package, imported, is_comment, package_of, speaks};

impl Package {
    /// The own file that a path names by its last part.
    pub(super) fn file(&self, path: &str) -> Option<&str> {
        let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let found = self.files.iter().find(|(name, _)| last(name) == last(path));
        found.map(|(_, text)| text.as_str())
    }

    /// Whether the handler's module, or one that it imports, imports a package.
    pub(super) fn uses(&self, handler: &str, package: &str) -> bool {
        let all = self.reached(handler).into_iter().flat_map(imported);
        all.into_iter().any(|specifier| package_of(&specifier) == package)
    }

    /// What is given to a setting in the handler's module and in those that it imports: the rest of
    /// the line after `name:` or `name =`.
    pub(super) fn given(&self, handler: &str, name: &str) -> Vec<&str> {
        let stands_alone = |before: &str| {
            !before.ends_with(|c: char| c.is_alphanumeric() || ['_', '$', '-'].contains(&c))
        };
        let mut found = Vec::new();
        for line in self.code(handler) {
            for (at, _) in line.match_indices(name) {
                let rest = line[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
                let value = rest.strip_prefix(':').or_else(|| rest.strip_prefix('='));
                let value = value.filter(|value| !value.starts_with(['=', '>']));
                found.extend(value.filter(|_| stands_alone(&line[..at])).map(str::trim_start));
            }
        }
        found
    }

    /// All texts in quotes in the handler's module and in those that it imports.
    pub(super) fn quotes(&self, handler: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for line in self.code(handler) {
            let mut rest = line;
            while let Some(at) = rest.find(['"', '\'', '`']) {
                let quote = &rest[at..=at];
                let Some((text, after)) = rest[at + 1..].split_once(quote) else { break };
                found.push(text);
                rest = after;
            }
        }
        found
    }

    /// Whether the handler's module, or one that it imports, holds the text outside a comment.
    pub(super) fn reaches(&self, handler: &str, text: &str) -> bool {
        self.reached(handler).iter().any(|source| speaks(source, text))
    }

    /// The text in front of `text` in a string of the handler's module or one that it imports:
    /// `WildRydes` before `::User` in `"WildRydes::User"`.
    pub(super) fn before(&self, handler: &str, text: &str) -> Option<&str> {
        self.code(handler).find_map(|line| line.split_once(text)?.0.rsplit(['"', '\'', '`']).next())
    }

    /// The text in quotes after `name` in the handler's module or one that it imports: `admin` after
    /// `user:`.
    pub(super) fn after(&self, handler: &str, name: &str) -> Option<&str> {
        self.code(handler).find_map(|line| {
            let rest = line.split_once(name)?.1.trim_start();
            let quote = rest.chars().next().filter(|c| ['"', '\'', '`'].contains(c))?;
            Some(rest[1..].split_once(quote)?.0)
        })
    }

    /// Lines of the handler's module and of what it imports, comments left out.
    fn code(&self, handler: &str) -> impl Iterator<Item = &str> {
        let lines = self.reached(handler).into_iter().flat_map(str::lines).map(str::trim_start);
        lines.filter(|line| !is_comment(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_reaches_what_it_imports_and_nothing_in_comments() {
        let files = [
            (
                "custom.js",
                "import { may } from \"./permissions.js\";\nexport function handler() {}",
            ),
            ("permissions.js", "client.send(new IsAuthorizedCommand({}));\n// DeletePolicyCommand"),
            (
                "parts.js",
                "// import { may } from \"./permissions.js\";\nexport function handler() {}",
            ),
        ];
        let package = Package::of(&files, &[]);
        assert!(package.reaches("custom.handler", "IsAuthorizedCommand"));
        assert!(!package.reaches("custom.handler", "DeletePolicyCommand"));
        assert!(!package.reaches("parts.handler", "IsAuthorizedCommand"));
        assert!(!package.reaches("absent.handler", "IsAuthorizedCommand"));
    }

    #[test]
    fn a_name_is_read_from_the_code_and_not_from_its_comments() {
        let source = "// \"Old::User\"\nconst of = { entityType: \"WildRides::User\" };";
        let package = Package::of(&[("custom.js", source)], &[]);
        assert_eq!(package.before("custom.handler", "::User"), Some("WildRides"));
        assert_eq!(package.before("custom.handler", "::Unicorn"), None);
    }

    #[test]
    fn what_is_given_to_a_setting_is_the_rest_of_its_line() {
        let source = "// ssl: 'old'\nconst a = { ssl: false, useSsl: 1 };\n  a.ssl = { ca };\n\
                      if (a.ssl === b) f('ssl-profiles', \"x.pem\", `y`);";
        let package = Package::of(&[("custom.js", source)], &[]);
        assert_eq!(package.given("custom.handler", "ssl"), ["false, useSsl: 1 };", "{ ca };"]);
        assert_eq!(package.quotes("custom.handler"), ["ssl-profiles", "x.pem", "y"]);
    }

    #[test]
    fn a_file_is_found_by_the_last_part_of_its_path() {
        let package = Package::of(&[("certificates/rds.pem", "x")], &[]);
        assert_eq!(package.file("/var/task/certificates/rds.pem"), Some("x"));
        assert_eq!(package.file("s.pem"), None);
    }
}
