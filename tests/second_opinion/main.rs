//! A second opinion: the same application on AWS emulators that we did not write, ministack and
//! moto, its functions' real code under Node.js against a real MariaDB. Every check must come to the
//! same verdict there as on the practice account, but for what `differences.yaml` lists with reasons.
//!
//! `cargo test --test second_opinion -- --ignored --nocapture`; installs what it needs under the
//! target directory (Python packages, npm packages); needs Python 3, Node.js, OpenSSL and MariaDB.
//! It writes the table to `second-opinion.md` in the target directory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]
#![cfg(unix)]

mod accounts;
mod by_hand;
mod differences;
mod emulator;
mod firewall;
mod models;
#[path = "../support/process.rs"]
mod process;
mod table;

use accounts::{Practice, Second};
use differences::{Known, State};
use emulator::Emulator;
use stepproof::course::PartId;
use table::Table;

/// Modules that follow, each on top of those before, and the steps whose instructions the emulators
/// can follow; all where none is said. `""` is a page's opening and its Look back.
///
/// What stands in for others is in `by_hand.rs`. Not run at all: 2b, no policy is ever generated
/// there; 6c, no coverage is ever listed; 10d and 11c, no call is blocked or traced; module 3,
/// nobody has Verified Permissions.
const BEYOND: &[(u8, Option<&[&str]>)] = &[
    (4, None),
    (6, Some(&[])),
    (5, None),
    (2, Some(&["", "2c", "2d"])),
    (7, None),
    (9, None),
    (11, Some(&["11a", "11b"])),
    (8, None),
    (12, Some(&["", "12a"])),
    (10, Some(&["10a", "10b", "10c"])),
];
/// The clean-up, but for what scans and watches.
const CLEANUP: &[&str] = &["", "ca", "cb", "cc", "cd", "ce", "cf"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs and starts ministack, moto and MariaDB, and takes minutes; .ci/run runs it"]
async fn both_accounts_come_to_the_same_verdicts() {
    let practice = Practice::new();
    let mut second = Second::new(Emulator::start().await).await;
    let mut states = vec![state("empty", &practice, &second)];

    practice.solve("0");
    second.run_instructions(PartId::Module(0), None).await;
    states.push(state("insecure", &practice, &second));
    second.attack().await.assert_works();

    practice.solve("1");
    second.run_instructions(PartId::Module(1), None).await;
    states.push(state("authenticated", &practice, &second));
    second.attack().await.assert_refused();

    for (module, steps) in BEYOND {
        practice.solve(&module.to_string());
        if *module == 12 {
            second.hands().leave_a_detector().await;
        }
        second.run_instructions(PartId::Module(*module), *steps).await;
        match module {
            2 => second.hands().make_a_trail().await,
            6 => second.hands().scan(true).await,
            10 => second.put_the_firewall_up().await,
            12 => second.hands().watch_functions().await,
            _ => {}
        }
        states.push(state(&format!("module {module}"), &practice, &second));
    }

    practice.solve("3");
    states.push(state("module 3", &practice, &second));

    practice.solve("cleanup");
    second.run_instructions(PartId::Cleanup, Some(CLEANUP)).await;
    second.hands().delete_the_trail().await;
    second.hands().scan(false).await;
    second.hands().delete_the_detector().await;
    states.push(state("clean-up", &practice, &second));

    let (known, table) = (Known::read(), Table::new(&states));
    let markdown = table.markdown(&known);
    println!("{markdown}\n{}", Table::save(&markdown).display());
    known.assert_exact(&states, &table.unconfirmed());
}

/// Verifies both accounts.
fn state(name: &str, practice: &Practice, second: &Second) -> State {
    let state = State::compared(name, practice.verify(), second.verify());
    println!("{name}: {} checks, {} differ", state.checks().count(), state.differences.len());
    state
}
