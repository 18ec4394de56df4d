//! Module 0's attack, sent with the learner's own script (`tools/attack.mjs`): it works before the
//! controls, and is stopped by the layer that each of them adds.

use std::process::Command;

use crate::support::{Practice, code, text};

/// As much of the order as the attack needs.
const ORDER: &str = r#"{"name": "Sunny", "imageUrl": "https://example.com/sunny.png", "sock": "1",
    "horn": "1", "glasses": "1", "cape": "1); INSERT INTO Socks (NAME, PRICE) VALUES ('Bad color', 10000.00"}"#;

/// What the script says, sent without a token first, and then with the partner's where there is one.
fn attack(practice: &Practice, token: Option<&str>) -> String {
    let order = practice.path().join("attack.json");
    std::fs::write(&order, ORDER).unwrap();
    let url = format!("{}/_api/{}/dev/", practice.endpoint(), practice.api_id());
    let mut command = Command::new("node");
    command.arg(practice.app().join("tools/attack.mjs")).arg(url).arg(order);
    if let Some(token) = token {
        practice.file("partner-header", &format!("Authorization: {token}\n"));
        command.arg(practice.path().join("partner-header"));
    }
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    text(&output)
}

#[test]
fn the_attack_works_until_the_authorizer_and_with_a_token_until_the_validator() {
    let fresh = attack(&Practice::solved(&["0"]), None);
    assert!(fresh.contains("without a token: 200"), "{fresh}");
    assert!(fresh.contains("Not stopped. Socks on sale: 2 before, 3 now."), "{fresh}");

    let practice = Practice::solved(&["0", "1"]);
    let anonymous = attack(&practice, None);
    assert!(anonymous.contains("Stopped by the authorizer (module 1)"), "{anonymous}");
    let partner = attack(&practice, Some(&practice.partner_token()));
    assert!(partner.contains("as the partner: 200"), "{partner}");
    assert!(partner.contains("Not stopped. Socks on sale: 2 before, 3 now."), "{partner}");
    let administrator = attack(&practice, Some(&practice.token("WildRydes/ManagePartners")));
    assert!(administrator.contains("this caller may not send orders"), "{administrator}");

    let practice = Practice::solved(&["0", "1", "5"]);
    let validated = attack(&practice, Some(&practice.partner_token()));
    assert!(validated.contains("Stopped by the request validator (module 5)"), "{validated}");
}

#[test]
fn the_attack_meets_the_usage_plan_without_a_key_and_the_firewall_before_all() {
    let practice = Practice::solved(&["0", "1", "9a", "9b", "9c"]);
    let keyless = attack(&practice, Some(&practice.partner_token()));
    assert!(keyless.contains("Stopped by the usage plan (module 9)"), "{keyless}");

    let practice = Practice::solved(&["0", "1", "10"]);
    for token in [None, Some(practice.partner_token())] {
        let said = attack(&practice, token.as_deref());
        assert!(said.contains("without a token: 403"), "{said}");
        assert!(said.contains("Stopped by the firewall (module 10)"), "{said}");
    }
}
