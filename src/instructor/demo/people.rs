//! Who attends: invented names, in the scripts that a room's names come in.

use std::fmt::Write;

/// Given names and family names that go together, which of them comes first, and what stands
/// between.
struct Names {
    lang: &'static str,
    given: &'static [&'static str],
    family: &'static [&'static str],
    family_first: bool,
    between: &'static str,
}

const NAMES: &[Names] = &[
    Names {
        lang: "en",
        given: &[
            "Ana", "Ben", "Chioma", "Dario", "Élise", "Farah", "Grace", "Hugo", "Ines", "Joss",
        ],
        family: &["Abbott", "Brandt", "Costa", "Díaz", "Eze", "Fontaine", "Grün", "Hale", "Øst"],
        family_first: false,
        between: " ",
    },
    Names {
        lang: "ja",
        given: &["葵", "陽斗", "さくら", "健太", "美咲", "大輔", "結衣", "翔"],
        family: &["佐藤", "鈴木", "高橋", "田中", "渡辺", "小林", "中村", "山本"],
        family_first: true,
        between: " ",
    },
    Names {
        lang: "en",
        given: &["서연", "민준", "지우", "하은", "도윤"],
        family: &["김", "이", "박", "정", "최"],
        family_first: true,
        between: "",
    },
    Names {
        lang: "en",
        given: &["आरव", "दिया", "ईशान", "काव्या"],
        family: &["शर्मा", "पटेल", "राव", "सिंह"],
        family_first: false,
        between: " ",
    },
    Names {
        lang: "en",
        given: &["Оксана", "Пётр", "Мила", "Тарас"],
        family: &["Коваль", "Белова", "Лис", "Зима"],
        family_first: false,
        between: " ",
    },
    Names {
        lang: "en",
        given: &["ليلى", "عمر", "نور", "سامي"],
        family: &["حداد", "النجار", "منصور", "خوري"],
        family_first: false,
        between: " ",
    },
    Names {
        lang: "en",
        given: &["ณัฐ", "พลอย", "ธนา"],
        family: &["ใจดี", "สุขใจ", "ทองคำ"],
        family_first: false,
        between: " ",
    },
    Names {
        lang: "en",
        given: &["unicorn", "team", "socks", "🦄"],
        family: &["fan", "🌈", "42", "👩🏽‍💻"],
        family_first: false,
        between: " ",
    },
];

/// In a hundred: how many names come from which list, up to and with it.
const SHARES: &[u32] = &[34, 64, 72, 80, 87, 92, 96, 100];

/// The name of an attendee, and the language that they read.
pub(super) fn name(one: usize) -> (String, &'static str) {
    // Not by chance: the names are told apart as long as possible, whatever the seed.
    let share = u32::try_from(one * 37 % 100).unwrap_or(0);
    let list = SHARES.iter().position(|until| share < *until).unwrap_or(0);
    let names = &NAMES[list];
    let (given, family) = (names.given.len(), names.family.len());
    let (round, place) = (one / (given * family), one % (given * family));
    let (given, family) = (names.given[place % given], names.family[place / given]);
    let (first, last) = if names.family_first { (family, given) } else { (given, family) };
    let mut name = format!("{first}{}{last}", names.between);
    if round > 0 {
        let _ = write!(name, " {}", round + 1);
    }
    (name, names.lang)
}
