//! The licences of what is embedded but stands in no manifest. `cargo deny` judges the crates.

use two_face::acknowledgement::{LicenseType, listing};

#[test]
fn embedded_syntaxes_and_themes_are_permissively_licensed() {
    let all = listing();
    let files = all.for_syntaxes().iter().chain(all.for_themes());
    let mut seen = 0;
    for file in files {
        seen += 1;
        let permissive = matches!(
            file.ty,
            LicenseType::Apache2
                | LicenseType::Bsd2Clause
                | LicenseType::Bsd2ClauseFreeBsd
                | LicenseType::Bsd3Clause
                | LicenseType::Mit
                | LicenseType::Sublime
                | LicenseType::Unlicense
                | LicenseType::Wtfpl
        );
        assert!(permissive, "{} has licence {:?}", file.rel_path.display(), file.ty);
        assert!(
            !file.text.contains("General Public License") && !file.text.contains("Mozilla Public"),
            "{} names a copyleft licence",
            file.rel_path.display()
        );
    }
    assert!(seen > 0, "the listing of embedded files is empty");
}
