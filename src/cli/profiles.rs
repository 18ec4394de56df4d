//! The AWS profiles of this machine, as the AWS CLI finds them.

use std::path::PathBuf;

use super::error::Error;

/// The profiles' names, sorted.
pub(super) fn names() -> Vec<String> {
    let files = [("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let mut names = Vec::new();
    for (variable, name) in files {
        let path = match std::env::var_os(variable) {
            Some(path) => PathBuf::from(path),
            None => match etcetera::home_dir() {
                Ok(home) => home.join(".aws").join(name),
                Err(_) => continue,
            },
        };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        names.extend(sections(&text, name == "config"));
    }
    names.sort();
    names.dedup();
    names
}

/// Says so where a profile is named that isn't there: the SDK would complain about a region.
pub(super) fn check(profile: Option<&str>) -> Result<(), Error> {
    let variable = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let Some(wanted) = profile.or(variable.as_deref()) else { return Ok(()) };
    let known = names();
    if wanted == "default" || known.iter().any(|name| name == wanted) {
        return Ok(());
    }
    let remedy = match known.as_slice() {
        [] => "This machine has no profiles. `aws configure` makes one; --practice needs none."
            .to_owned(),
        known => format!("Give one of these with --profile: {}.", known.join(", ")),
    };
    Err(Error::usage(format!("There is no AWS profile `{wanted}`.")).with_remedy(remedy))
}

/// The profiles that a file of the AWS CLI names: `[profile x]` in `config`, `[x]` in
/// `credentials`, `[default]` in both.
fn sections(text: &str, config: bool) -> Vec<String> {
    let section = |line: &str| {
        let name = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        if !config || name == "default" {
            return Some(name.to_owned());
        }
        let mut words = name.splitn(2, char::is_whitespace);
        (words.next() == Some("profile"))
            .then(|| words.next().unwrap_or_default().trim().to_owned())
    };
    text.lines().filter_map(section).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_found_as_the_aws_cli_finds_them() {
        let config =
            "[default]\nregion = x\n[profile workshop]\n[sso-session mine]\n# [profile no]\n";
        assert_eq!(sections(config, true), ["default", "workshop"]);
        let credentials = "[default]\n[workshop two]\naws_access_key_id = [x]\n";
        assert_eq!(sections(credentials, false), ["default", "workshop two"]);
        assert!(sections("[", true).is_empty() && sections("[profile]", true).is_empty());
    }
}
