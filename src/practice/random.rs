//! Identifiers and secrets in the shapes that AWS gives them.

/// `length` characters of an alphabet of at most 256 one-byte characters.
pub fn of(alphabet: &[u8], length: usize) -> String {
    pick(alphabet, length)
}

/// `length` characters of `alphabet` (at most 256 of them), from the system's random source.
fn pick(alphabet: &[u8], length: usize) -> String {
    let mut text = String::with_capacity(length);
    let limit = 256 - 256 % alphabet.len();
    while text.len() < length {
        for byte in bytes::<64>() {
            // Bytes over the last whole multiple would favour the alphabet's start.
            if usize::from(byte) < limit && text.len() < length {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    text
}

/// Random bytes.
///
/// # Panics
/// When the operating system has no random source: nothing secret could be made then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0_u8; N];
    aws_lc_rs::rand::fill(&mut buffer).expect("the operating system's random source");
    buffer
}

/// Lower-case letters and digits: API, resource and deployment ids, client ids.
pub fn lower(length: usize) -> String {
    pick(b"abcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// Letters and digits.
pub fn letters(length: usize) -> String {
    pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// Upper-case letters and digits: the suffix of CloudFormation's physical ids.
pub fn upper(length: usize) -> String {
    pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length)
}

/// Hexadecimal digits: the ids of EC2's kind.
pub fn hex(length: usize) -> String {
    pick(b"0123456789abcdef", length)
}

/// The bytes in hexadecimal, lower case.
pub fn lower_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

/// A random UUID (version 4) in lower case.
pub fn uuid() -> String {
    let mut raw: [u8; 16] = bytes();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let hex = lower_hex(&raw);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_shape_and_differ() {
        assert_eq!(lower(26).len(), 26);
        assert!(lower(200).bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_ne!(letters(26), letters(26));
        let id = uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert_ne!(id, uuid());
    }
}
