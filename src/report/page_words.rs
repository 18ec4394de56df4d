//! The words of a page, in English and Japanese. A missing one doesn't compile.

/// Makes `Words` with a text for each name, and `EN` and `JA`; `{}` marks a place for a value.
macro_rules! page_words {
    ($($name:ident: $en:literal, $ja:literal;)*) => {
        /// The page's words; `{}` marks a place for a value.
        pub(super) struct Words {
            $(pub(super) $name: &'static str,)*
        }

        const EN: Words = Words { $($name: $en,)* };
        const JA: Words = Words { $($name: $ja,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $ja),)*];
    };
}
