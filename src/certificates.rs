//! Certificates in PEM: whose they are, and how long they are valid. The facts judge with it whom
//! deployed code trusts, and the practice account whether a connection comes about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use jiff::Timestamp;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// The object identifier of a common name, 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// A certificate, as far as it is of interest here. Its signature isn't looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject's common name: `Amazon RDS us-east-1 Root CA RSA2048 G1`.
    pub name: String,
    /// The first moment of its validity.
    pub begins: Timestamp,
    /// The last moment of its validity.
    pub ends: Timestamp,
}

impl Certificate {
    /// Whether it is valid at that time.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        (self.begins..=self.ends).contains(&at)
    }

    /// Whether it is the authority that signs for Amazon RDS in a region, by its name.
    pub fn is_of_rds(&self, region: &str) -> bool {
        let mut words = self.name.split(' ');
        words.next() == Some("Amazon")
            && words.next() == Some("RDS")
            && words.any(|word| word == region)
    }
}

/// All certificates that stand in a text. What can't be read as one is left out.
pub fn all(text: &str) -> Vec<Certificate> {
    let bodies = text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    bodies
        .filter_map(|(body, _)| {
            let body: String = body.split_whitespace().collect();
            read(&STANDARD.decode(body).ok()?).ok()?
        })
        .collect()
}

/// The certificate; none where a field isn't there.
fn read(bytes: &[u8]) -> der::Result<Option<Certificate>> {
    let certificate = AnyRef::from_der(bytes)?;
    let Some(signed) = children(&certificate)?.into_iter().next() else { return Ok(None) };
    let fields = children(&signed)?;
    // A version comes first, except in certificates of version 1. Then serial number, algorithm,
    // issuer, validity, subject.
    let first = usize::from(fields.first().is_some_and(|field| field.tag().is_context_specific()));
    let (Some(validity), Some(subject)) = (fields.get(first + 3), fields.get(first + 4)) else {
        return Ok(None);
    };
    let [begins, ends] = children(validity)?[..] else { return Ok(None) };
    Ok(Some(Certificate {
        name: common_name(subject)?,
        begins: time(&begins)?,
        ends: time(&ends)?,
    }))
}

fn children<'a>(parent: &AnyRef<'a>) -> der::Result<Vec<AnyRef<'a>>> {
    let mut reader = SliceReader::new(parent.value())?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(reader.decode()?);
    }
    Ok(found)
}

fn time(value: &AnyRef<'_>) -> der::Result<Timestamp> {
    let since = if value.tag() == Tag::UtcTime {
        value.decode_as::<UtcTime>()?.to_unix_duration()
    } else {
        value.decode_as::<GeneralizedTime>()?.to_unix_duration()
    };
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Ok(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
}

fn common_name(subject: &AnyRef<'_>) -> der::Result<String> {
    for set in children(subject)? {
        for pair in children(&set)? {
            if let [kind, value] = children(&pair)?[..]
                && kind.value() == COMMON_NAME
            {
                return Ok(String::from_utf8_lossy(value.value()).into_owned());
            }
        }
    }
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RDS: &str = include_str!("../tests/fixtures/certificates/rds.pem");
    const EXPIRED: &str = include_str!("../tests/fixtures/certificates/rds-2019.pem");
    const OWN: &str = include_str!("../tests/fixtures/certificates/own.pem");

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn names_and_times_are_read() {
        let [of_region, of_others] = &all(&format!("# two\n{RDS}\n{OWN}"))[..] else {
            panic!("two certificates")
        };
        assert_eq!(of_region.name, "Amazon RDS us-east-1 Root CA RSA2048 G1");
        assert_eq!(of_region.ends, at("2061-05-25T23:34:57Z"));
        assert!(of_region.is_valid(at("2026-11-28T00:00:00Z")));
        assert!(!of_region.is_valid(at("2061-05-26T00:00:00Z")));
        assert!(!of_region.is_valid(at("2021-05-25T00:00:00Z")), "not valid yet");
        assert!(of_region.is_of_rds("us-east-1") && !of_region.is_of_rds("us-east-2"));
        assert!(!of_others.is_of_rds("us-east-1"));
    }

    #[test]
    fn an_end_after_2049_and_one_before_are_read_alike() {
        let ends = |text: &str| all(text)[0].ends;
        assert_eq!(ends(EXPIRED), at("2024-08-22T17:08:50Z"));
        assert!(ends(OWN) > at("2100-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_certificate_is_left_out() {
        let broken = RDS.replacen("MII", "MIJ", 1);
        assert_eq!(all(&format!("{broken}{RDS}")).len(), 1);
        assert_eq!(all(&format!("{BEGIN}\nAAAA\n{END}")), []);
        assert_eq!(all(BEGIN), []);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
