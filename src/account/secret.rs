//! Secrets in memory: client secrets, tokens, presigned addresses.

use std::fmt;

/// A text that must never be shown, logged, recorded or serialized. It has no `Display` and no
/// `Serialize`, and its `Debug` says nothing.
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one request that needs it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", Some(Secret::new("s3cr3t"))), "Some([secret])");
    }
}
