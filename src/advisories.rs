//! Published vulnerabilities of the npm packages that the starter app meets: name, affected
//! versions, CVE. From the GitHub Advisory Database, as of November 2026. The facts judge deployed
//! packages by it, because `npm audit` needs the registry; the practice account's Amazon Inspector
//! finds the same.

/// A published vulnerability of one package.
#[derive(Debug, PartialEq, Eq)]
pub struct Advisory {
    /// The package: `minimatch`.
    pub package: &'static str,
    /// Its id: `CVE-2022-3517`.
    pub id: &'static str,
    /// `critical`, `high`, `medium` or `low`.
    pub severity: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Affected versions: each from the first (inclusive) to the second (exclusive), which is the
    /// first version with the fix. No second: no version is fixed.
    affected: &'static [(Version, Option<Version>)],
}

/// A version's three numbers.
type Version = (u64, u64, u64);

const REDOS: &str = "Denial of service by a regular expression";

/// Where each release line of minimatch was mended; the first also holds all lines before it.
macro_rules! lines {
    ($first:tt, $(($major:literal, $minor:literal, $patch:literal)),*) => {
        &[((0, 0, 0), Some($first)), $((($major, 0, 0), Some(($major, $minor, $patch)))),*]
    };
}

static ADVISORIES: [Advisory; 11] = [
    Advisory {
        package: "minimatch",
        id: "CVE-2016-10540",
        severity: "high",
        title: REDOS,
        affected: &[((0, 0, 0), Some((3, 0, 2)))],
    },
    Advisory {
        package: "minimatch",
        id: "CVE-2022-3517",
        severity: "high",
        title: REDOS,
        affected: &[((0, 0, 0), Some((3, 0, 5)))],
    },
    Advisory {
        package: "minimatch",
        id: "CVE-2026-26996",
        severity: "high",
        title: REDOS,
        affected: lines![
            (3, 1, 3),
            (4, 2, 4),
            (5, 1, 7),
            (6, 2, 1),
            (7, 4, 7),
            (8, 0, 5),
            (9, 0, 6),
            (10, 2, 1)
        ],
    },
    Advisory {
        package: "minimatch",
        id: "CVE-2026-27903",
        severity: "high",
        title: REDOS,
        affected: lines![
            (3, 1, 3),
            (4, 2, 5),
            (5, 1, 8),
            (6, 2, 2),
            (7, 4, 8),
            (8, 0, 6),
            (9, 0, 7),
            (10, 2, 3)
        ],
    },
    Advisory {
        package: "minimatch",
        id: "CVE-2026-27904",
        severity: "high",
        title: REDOS,
        affected: lines![
            (3, 1, 4),
            (4, 2, 5),
            (5, 1, 8),
            (6, 2, 2),
            (7, 4, 8),
            (8, 0, 6),
            (9, 0, 7),
            (10, 2, 3)
        ],
    },
    Advisory {
        package: "babel-traverse",
        id: "CVE-2023-45133",
        severity: "critical",
        title: "Runs code from the source that it compiles",
        affected: &[((0, 0, 0), None)],
    },
    Advisory {
        package: "@babel/traverse",
        id: "CVE-2023-45133",
        severity: "critical",
        title: "Runs code from the source that it compiles",
        affected: &[((0, 0, 0), Some((7, 23, 2)))],
    },
    Advisory {
        package: "json5",
        id: "CVE-2022-46175",
        severity: "high",
        title: "Prototype pollution",
        affected: &[((0, 0, 0), Some((1, 0, 2))), ((2, 0, 0), Some((2, 2, 2)))],
    },
    Advisory {
        package: "lodash",
        id: "CVE-2021-23337",
        severity: "high",
        title: "Command injection by a template",
        affected: &[((0, 0, 0), Some((4, 17, 21)))],
    },
    Advisory {
        package: "minimist",
        id: "CVE-2021-44906",
        severity: "critical",
        title: "Prototype pollution",
        affected: &[((0, 0, 0), Some((0, 2, 4))), ((1, 0, 0), Some((1, 2, 6)))],
    },
    Advisory {
        package: "brace-expansion",
        id: "CVE-2025-5889",
        severity: "low",
        title: REDOS,
        affected: &[((1, 0, 0), Some((1, 1, 12))), ((2, 0, 0), Some((2, 0, 2)))],
    },
];

impl Advisory {
    fn range(&self, version: Version) -> Option<&(Version, Option<Version>)> {
        self.affected
            .iter()
            .find(|(first, fixed)| *first <= version && fixed.is_none_or(|fixed| version < fixed))
    }
}

/// The first version after `version` that nothing is published against: `3.1.4`. None when there
/// is none.
pub fn fixed(package: &str, version: &str) -> Option<String> {
    let mut version = numbers(version)?;
    let named = || ADVISORIES.iter().filter(|advisory| advisory.package == package);
    while let Some((_, fixed)) = named().find_map(|advisory| advisory.range(version)) {
        version = (*fixed)?;
    }
    let (major, minor, patch) = version;
    Some(format!("{major}.{minor}.{patch}"))
}

/// What is published against a version of a package. Nothing for a version that is no three
/// numbers.
pub fn against(package: &str, version: &str) -> Vec<&'static Advisory> {
    let Some(version) = numbers(version) else { return Vec::new() };
    let named = ADVISORIES.iter().filter(|advisory| advisory.package == package);
    named.filter(|advisory| advisory.range(version).is_some()).collect()
}

/// Whether anything is published against any version of a package.
pub fn concerns(package: &str) -> bool {
    ADVISORIES.iter().any(|advisory| advisory.package == package)
}

/// The numbers of `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`. A pre-release counts as its release.
fn numbers(version: &str) -> Option<Version> {
    let plain = version.split(['-', '+']).next()?;
    let parts: Vec<u64> = plain.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [major, minor, patch] = parts[..] else { return None };
    Some((major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(package: &str, version: &str) -> Vec<&'static str> {
        against(package, version).iter().map(|advisory| advisory.id).collect()
    }

    #[test]
    fn a_version_is_judged_by_its_release_line() {
        assert!(ids("minimatch", "2.0.10").contains(&"CVE-2022-3517"));
        assert_eq!(ids("minimatch", "3.1.2").len(), 3);
        assert!(ids("minimatch", "3.1.5").is_empty());
        assert!(ids("minimatch", "9.0.6").contains(&"CVE-2026-27903"));
        assert!(ids("minimatch", "10.2.5").is_empty());
        assert_eq!(ids("json5", "0.5.1"), ["CVE-2022-46175"]);
        assert!(ids("json5", "1.0.2").is_empty());
        assert!(ids("mysql", "2.18.1").is_empty());
    }

    #[test]
    fn a_fix_is_named_where_there_is_one() {
        assert_eq!(fixed("minimatch", "2.0.10").as_deref(), Some("3.1.4"));
        assert_eq!(fixed("json5", "2.2.1").as_deref(), Some("2.2.2"));
        assert_eq!(fixed("babel-traverse", "6.26.0"), None);
        assert!(against("minimatch", "latest").is_empty());
    }
}
