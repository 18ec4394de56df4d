//! What a table of words is.

/// A struct of words: its comment, its name, and the words' names.
macro_rules! words {
    ($(#[$doc:meta])* $table:ident $($name:ident,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        #[expect(missing_docs, reason = "the English text beside each name says what it is")]
        pub struct $table {
            $(pub $name: &'static str,)*
        }

        impl $table {
            /// These words with keys where they name some: `{verify-step}` stands for the key of
            /// the action with that name. Made once a run; the program's words are as long-lived.
            #[must_use]
            pub fn with_keys(&self, key: &dyn Fn(&str) -> Option<String>) -> Self {
                Self { $($name: $crate::i18n::with_keys(self.$name, key),)* }
            }
        }

        #[cfg(test)]
        impl $table {
            pub(crate) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}
