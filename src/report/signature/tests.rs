use ssh_key::private::{Ed25519Keypair, KeypairData};

use super::*;

const REPORT: &[u8] = b"{\"schema\":1}\n";

/// A key made of a number.
fn private(seed: u8) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&[seed; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "grader@example.org").unwrap()
}

fn key(seed: u8) -> Key {
    let text = private(seed).to_openssh(LineEnding::LF).unwrap();
    KeyFile::read(text.as_bytes()).unwrap().open("").unwrap()
}

fn public(seed: u8) -> String {
    private(seed).public_key().to_openssh().unwrap()
}

fn signed(seed: u8) -> Signature {
    Signature::read(key(seed).sign(REPORT).unwrap().as_bytes()).unwrap()
}

fn now() -> jiff::Timestamp {
    "2026-11-29T10:00:00Z".parse().unwrap()
}

/// Who signed with key 1, by a file of signers.
fn by(signers: &str) -> Result<Signer, Doubt> {
    Signers::read(signers).unwrap().verify(REPORT, &signed(1), now())
}

#[test]
fn a_signature_counts_for_the_bytes_and_the_key_that_it_was_made_with() {
    let signer = by(&public(1)).unwrap();
    assert_eq!(signer.name, "grader@example.org");
    assert!(signer.key.starts_with("ssh-ed25519 SHA256:"), "{}", signer.key);
    let signers = Signers::read(&public(1)).unwrap();
    for at in 0..REPORT.len() {
        let mut other = REPORT.to_vec();
        other[at] ^= 1;
        assert_eq!(signers.verify(&other, &signed(1), now()), Err(Doubt::Changed), "byte {at}");
    }
    assert_eq!(signers.verify(&REPORT[..5], &signed(1), now()), Err(Doubt::Changed));
    assert!(matches!(by(&public(2)), Err(Doubt::Unknown(_))));
    assert!(by(&format!("# ours\n\n{}\n{}", public(2), public(1))).is_ok());
}

#[test]
fn a_signature_for_something_else_is_none_of_a_report() {
    let commit = private(1).sign("git", HashAlg::Sha512, REPORT).unwrap();
    let signers = Signers::read(&public(1)).unwrap();
    let said = signers.verify(REPORT, &Signature(commit), now());
    assert_eq!(said, Err(Doubt::Purpose("git".to_owned())));
}

#[test]
fn allowed_signers_are_held_to_their_options() {
    let key = public(1);
    let key = key.rsplit_once(' ').unwrap().0;
    for good in [
        format!("staff@example.org {key}"),
        format!("staff@example.org,second@example.org {key} a comment of words"),
        format!("staff@example.org namespaces=\"git,stepproof\" {key}"),
        format!("\"Ada Byron\" valid-after=\"20261101\",valid-before=\"202612312359Z\" {key}"),
    ] {
        let signer = by(&good).unwrap_or_else(|doubt| panic!("{good}: {doubt:?}"));
        assert!(good.trim_start_matches('"').starts_with(&signer.name), "{good}: {signer:?}");
    }
    for bad in [
        "namespaces=\"git\"",
        "namespaces=\"stepproof-other\"",
        "valid-before=\"20261128235959Z\"",
        "valid-after=\"20261201Z\"",
        "cert-authority",
    ] {
        let said = by(&format!("staff@example.org {bad} {key}"));
        assert!(matches!(said, Err(Doubt::NotAllowed(_))), "{bad}: {said:?}");
    }
}

#[test]
fn a_file_of_signers_that_cannot_be_read_says_where() {
    let key = public(1);
    let line = |text: &str| Signers::read(text).unwrap_err().line;
    assert_eq!(line(&format!("{key}\nssh-ed25519 nonsense me")), 2);
    assert_eq!(line(&format!("me no-such-option {key}")), 1);
    assert_eq!(line(&format!("me valid-before=\"tomorrow\" {key}")), 1);
    assert_eq!(line(&format!("me valid-before=\"20261345\" {key}")), 1);
    assert_eq!(line("# nobody\n"), 0);
}

#[test]
fn a_locked_key_opens_with_its_passphrase_alone() {
    let salt = vec![7; 16];
    let kdf = ssh_key::Kdf::Bcrypt { salt, rounds: 1 };
    let locked = private(1).encrypt_with(ssh_key::Cipher::Aes256Ctr, kdf, 42, "open sesame");
    let text = locked.unwrap().to_openssh(LineEnding::LF).unwrap();
    let file = || KeyFile::read(text.as_bytes()).unwrap();
    assert!(file().is_locked());
    assert_eq!(file().open("open barley").unwrap_err(), KeyError::Passphrase);
    let signature = file().open("open sesame").unwrap().sign(REPORT).unwrap();
    let signature = Signature::read(signature.as_bytes()).unwrap();
    let signers = Signers::read(&public(1)).unwrap();
    assert!(signers.verify(REPORT, &signature, now()).is_ok());
}

#[test]
fn what_is_no_key_and_no_signature_is_refused() {
    for text in
        ["", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"]
    {
        assert_eq!(KeyFile::read(text.as_bytes()).unwrap_err(), KeyError::NoKey);
        assert!(Signature::read(text.as_bytes()).is_err());
    }
    assert_eq!(KeyFile::read(public(1).as_bytes()).unwrap_err(), KeyError::NoKey);
    assert!(Signature::read(&[0xff; 40]).is_err());
}

#[test]
fn a_key_is_never_printed() {
    let shown = format!("{:?} {:?}", key(0x41), KeyFile(private(0x41)));
    assert!(!shown.contains("65, 65") && !shown.contains("4141"), "{shown}");
}

#[test]
fn both_languages_name_the_key_and_what_to_do() {
    let Err(unknown) = by(&public(2)) else { panic!("it counts") };
    for lang in ["en", "ja"] {
        assert!(unknown.told(lang).contains("SHA256:"), "{}", unknown.told(lang));
        assert_ne!(unknown.told("en"), unknown.told("ja"));
    }
}
