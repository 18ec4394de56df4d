//! A key's passphrase is asked for in the terminal.

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};

use super::pty::{Session, home};

#[test]
fn a_passphrase_is_asked_for_and_not_shown() {
    let home = home();
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&[1; 32]));
    let kdf = Kdf::Bcrypt { salt: vec![7; 16], rounds: 1 };
    let key = PrivateKey::new(pair, "grader").unwrap();
    let key = key.encrypt_with(Cipher::Aes256Ctr, kdf, 42, "open sesame").unwrap();
    std::fs::write(home.path().join("key"), key.to_openssh(LineEnding::LF).unwrap()).unwrap();
    let arguments = ["verify", "--practice", "--module", "0", "--output", "r.txt", "--sign", "key"];

    let mut wrong = Session::start(&home, (100, 30), &arguments, &[]);
    wrong.wait_for("Passphrase of key:");
    // Echo goes off right after the question.
    wrong.settle();
    wrong.press("open barley\r");
    assert_eq!(wrong.exit_code(), 2);
    assert!(wrong.text().contains("the passphrase is wrong"), "{}", wrong.text());

    let mut session = Session::start(&home, (100, 30), &arguments, &[]);
    session.wait_for("Passphrase of key:");
    session.settle();
    session.press("open sesame\r");
    assert_eq!(session.exit_code(), 1, "nothing is proven yet");
    assert!(!session.text().contains("sesame"), "{}", session.text());
    let signature = std::fs::read_to_string(home.path().join("r.txt.sig")).unwrap();
    assert!(signature.starts_with("-----BEGIN SSH SIGNATURE-----"), "{signature}");
}
