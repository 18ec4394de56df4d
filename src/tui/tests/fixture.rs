//! A small course, and a learner in front of it: keys in, cells out.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;

use super::snapshots::Look;
use crate::check::{
    AccountKind, CheckResult, CourseId, ModuleResult, Report, Score, State, StepResult, Verdict,
};
use crate::course::{Course, CourseFiles, ValueState, Values};
use crate::i18n::Lang;
use crate::tui::{
    AccountInfo, Choice, Effect, Model, Msg, Past, Progress, Theme, Time, draw, start, update,
};

const INDEX: &str = r"
id: small
title: { en: A small course, ja: 小さなコース }
languages: [en, ja]
pages: [en]
stacks: { app: CustomizeUnicorns }
stage: dev
first: [0, 1]
domains:
  - { id: base, title: { en: Base, ja: 基礎 } }
  - { id: code, title: { en: Code, ja: コード } }
modules:
  - { number: 0, slug: setup, title: { en: Initial setup, ja: 初期設定 }, domain: base, minutes: 40 }
  - { number: 1, slug: auth, title: { en: Authentication, ja: 認証 }, domain: base, minutes: 50 }
  - { number: 4, slug: deps, title: { en: Dependencies, ja: 依存関係 }, domain: code, minutes: 20 }
values:
  api_url: { facts: [api], value: api.url, step: 0a }
";

const SETUP: &str = r"
module: 0
steps:
  - id: 0a
    title: { en: Deploy the stack, ja: スタックをデプロイする }
    minutes: 10
    solve: [{ deploy: { template: template.yaml, stack: app } }]
  - { id: 0b, title: { en: Call the API, ja: API を呼び出す }, minutes: 5, needs: [0a] }
questions:
  - { id: who, ask: { en: Who may call it?, ja: 誰が呼べますか。 }, answer: { en: Everybody., ja: 誰でも。 } }
  - { id: close, ask: { en: Who closes it?, ja: 誰が閉じますか。 }, answer: { en: Nobody yet., ja: まだ誰も。 } }
";

const AUTH: &str = r"
module: 1
steps:
  - { id: 1a, title: { en: Ask for a token, ja: トークンを要求する }, minutes: 15, needs: [0a] }
";

const SETUP_CHECKS: &str = r#"
- check: stack-is-there
  step: 0a
  facts: [app_stack]
  expect: app_stack.status == "CREATE_COMPLETE"
  fail: { en: There is no stack., ja: スタックがありません。 }
  hints:
    en: [Look at CloudFormation., "Run `sam deploy`."]
    ja: [CloudFormation を見てください。, "`sam deploy` を実行します。"]
  breaks: [{ name: gone, do: [{ delete_stack: app }] }]
- check: bucket-is-there
  step: 0a
  facts: [app_stack]
  expect: app_stack.bucket
  fail: { en: There is no bucket., ja: バケットがありません。 }
  hints: {}
  breaks: [{ name: gone, do: [{ delete_stack: app }] }]
- check: api-answers
  step: 0b
  facts: [api]
  expect: api.answers
  fail: { en: No answer., ja: 応答がありません。 }
  hints: { en: [Call it.], ja: [呼び出します。] }
  breaks: [{ name: gone, do: [{ delete_stack: app }] }]
"#;

const AUTH_CHECKS: &str = r"
- check: every-method-needs-a-token
  step: 1a
  facts: [api]
  offenders: api.methods
  fail: { en: Still open to anyone., ja: まだ誰でも呼び出せます。 }
  hints: { en: [Where., What., Command.], ja: [どこ, 何, コマンド] }
  breaks: [{ name: gone, do: [{ delete_stack: app }] }]
";

const SETUP_PAGE: &str = "\
# Initial setup

Why this matters: the API answers anyone who knows its address.

## Deploy the stack {#0a}

First change the template, then deploy it.

```diff apply=template.yaml
--- a/template.yaml
+++ b/template.yaml
@@ -1 +1 @@
-Open: true
+Open: false
```

```sh run
aws cloudformation deploy --template-file packaged.yaml --stack-name CustomizeUnicorns --capabilities CAPABILITY_IAM
```

## Call the API {#0b}

| Route | Answer |
|---|---|
| GET /capes | 200 |

```sh run
curl {{ api_url }}capes
```

> [!WARNING]
> It answers anyone.

## Look back {#look-back}

Nothing stops an attacker yet: read [how it goes on](https://docs.example.com/next/steps).

```sh
rm -r .secrets
```
";

const AUTH_PAGE: &str = "\
# Authentication

## Ask for a token {#1a}

{% if done(\"0a\") %}The stack is there.{% else %}Deploy first.{% endif %}
";

const CLEANUP: &str = r"
steps:
  - { id: ca, title: { en: Delete the stack, ja: スタックを削除する }, minutes: 5 }
";

const CLEANUP_CHECKS: &str = r"
- check: stack-is-gone
  step: ca
  facts: [app_stack]
  expect: app_stack.gone
  fail: { en: This still costs money., ja: まだ費用がかかっています。 }
  hints: { en: [Delete it.], ja: [削除します。] }
  breaks: [{ name: there, do: [{ delete_stack: app }] }]
";

const CLEANUP_PAGE: &str = "\
# Clean-up

What you made costs money.

## Delete the stack {#ca}

Delete it.

## Look back {#look-back}

Nothing is left.
";

pub(super) const SETUP_PAGE_JA: &str = "\
# 初期設定
<!-- source: 00000000 -->

なぜ大切なのか。アドレスを知っていれば、誰でも API を呼び出せます。

## スタックをデプロイする {#0a}
<!-- source: 00000000 -->

まずテンプレートを変更し、次にデプロイします。

```diff apply=template.yaml
--- a/template.yaml
+++ b/template.yaml
@@ -1 +1 @@
-Open: true
+Open: false
```

```sh run
aws cloudformation deploy --template-file packaged.yaml --stack-name CustomizeUnicorns --capabilities CAPABILITY_IAM
```

## API を呼び出す {#0b}
<!-- source: 00000000 -->

| ルート | 応答 |
|---|---|
| GET /capes | 200 |

```sh
curl {{ api_url }}capes
```

> [!WARNING]
> 誰にでも応答します。

## 振り返り {#look-back}
<!-- source: 00000000 -->

まだ何も攻撃者を止めません。[続き](https://docs.example.com/next/steps)をお読みください。

```sh
rm -r .secrets
```
";

pub(super) fn course() -> Arc<Course> {
    course_of(INDEX, None)
}

/// The course with a clean-up.
pub(super) fn course_with_cleanup() -> Arc<Course> {
    let cleanup = "cleanup: { slug: cleanup, title: { en: Clean-up, ja: 片付け }, minutes: 30 }\n";
    course_of(&format!("{INDEX}{cleanup}"), None)
}

/// The course with module 0 in Japanese too.
pub(super) fn course_with_japanese(page: &str) -> Arc<Course> {
    course_of(&INDEX.replace("pages: [en]", "pages: [en, ja]"), Some(page))
}

fn course_of(index: &str, japanese: Option<&str>) -> Arc<Course> {
    let files = [
        ("modules/course.yaml", index),
        ("modules/00-setup.yaml", SETUP),
        ("modules/01-auth.yaml", AUTH),
        ("checks/00-setup.yaml", SETUP_CHECKS),
        ("checks/01-auth.yaml", AUTH_CHECKS),
        ("content/en/00-setup.md", SETUP_PAGE),
        ("content/en/01-auth.md", AUTH_PAGE),
        ("modules/cleanup.yaml", CLEANUP),
        ("checks/cleanup.yaml", CLEANUP_CHECKS),
        ("content/en/cleanup.md", CLEANUP_PAGE),
    ];
    let japanese = japanese.map(|page| ("content/ja/00-setup.md", page));
    let files = CourseFiles::from_pairs(files.into_iter().chain(japanese));
    Arc::new(Course::from_files(files).expect("the fixture is a course"))
}

pub(super) const PLAIN: Theme = Theme { colour: false, ascii: false, hyperlinks: false };
pub(super) const COLOUR: Theme = Theme { colour: true, ascii: false, hyperlinks: false };

/// A learner at a terminal.
pub(super) struct Learner {
    pub(super) model: Model,
}

impl Learner {
    /// Before anything is known.
    pub(super) fn new(size: (u16, u16), theme: Theme) -> Self {
        assert_eq!(start(), [Effect::LoadCourse, Effect::ReadEnds]);
        Self { model: Model::new(theme, Lang::En, size) }
    }

    /// In the practice account, at the first page.
    pub(super) fn at_work(size: (u16, u16)) -> Self {
        Self::at_work_in(size, COLOUR)
    }

    pub(super) fn at_work_in(size: (u16, u16), theme: Theme) -> Self {
        Self::at_work_on(course(), size, theme)
    }

    pub(super) fn at_work_on(course: Arc<Course>, size: (u16, u16), theme: Theme) -> Self {
        let mut learner = Self::new(size, theme);
        learner.tell(Msg::Course(Ok(course)));
        assert_eq!(learner.model.notice, None, "{:?}", learner.model.values);
        learner.tell(Msg::Chosen(Some(Choice::Practice)));
        learner.tell(Msg::Account(Ok(practice())));
        learner.tell(Msg::Past(Past::default()));
        learner
    }

    pub(super) fn tell(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, msg)
    }

    /// Presses keys by their letters; `\n`, `\t` and `\x1b` are Enter, Tab and Esc.
    pub(super) fn press(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in keys.chars() {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\u{1b}' => KeyCode::Esc,
                '→' => KeyCode::Right,
                '↓' => KeyCode::Down,
                '⌫' => KeyCode::Backspace,
                other => KeyCode::Char(other),
            };
            effects.extend(self.tell(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        }
        effects
    }

    /// The clock shows this time, in UTC, on a day in November.
    pub(super) fn at(&mut self, time: &str) -> Vec<Effect> {
        let wall = instant(time);
        self.tell(Msg::Time(Time { wall, ..self.model.time.clone() }))
    }

    /// Types into the search, and has the pages read as the runtime would.
    pub(super) fn searches(&mut self, text: &str) {
        let effects = self.press("/");
        self.press(text);
        self.reads(effects);
    }

    /// Reads the pages where that is asked for.
    pub(super) fn reads(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Index(request) = effect {
                self.tell(Msg::Index(Arc::new(request.build())));
            }
        }
    }

    /// Lets time pass, and says what comes of it.
    pub(super) fn waits(&mut self, seconds: u64) -> Vec<Effect> {
        let running = self.model.time.running + Duration::from_secs(seconds);
        let passed = i64::try_from(seconds).unwrap();
        let wall = self.model.time.wall + jiff::SignedDuration::from_secs(passed);
        self.tell(Msg::Time(Time { running, wall, ..self.model.time.clone() }))
    }

    /// Presses Ctrl-C.
    pub(super) fn interrupts(&mut self) -> Vec<Effect> {
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        self.tell(Msg::Key(key))
    }

    /// What is on the screen.
    pub(super) fn look(&self) -> Look {
        Look::of(self.model.size, |frame| draw(frame, &self.model))
    }

    /// What is on the screen, as lines of text.
    pub(super) fn lines(&self) -> Vec<String> {
        self.look().lines
    }

    pub(super) fn screen(&self) -> String {
        self.lines().join("\n")
    }

    #[track_caller]
    pub(super) fn sees(&self, text: &str) {
        let screen = self.screen();
        assert!(screen.contains(text), "no {text:?} in\n{screen}");
    }

    #[track_caller]
    pub(super) fn sees_not(&self, text: &str) {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} in\n{screen}");
    }

    /// A verification of some checks, from its key to its report.
    pub(super) fn verifies(&mut self, key: &str, judged: Vec<(&str, CheckResult)>) {
        let effects = self.press(key);
        let [Effect::Verify(number, ..)] = effects[..] else { panic!("{effects:?}") };
        self.tell(Msg::Progress(number, Progress::Started(judged.len())));
        for (step, result) in &judged {
            let progress = Progress::Judged((*step).to_owned(), Box::new(result.clone()));
            self.tell(Msg::Progress(number, progress));
        }
        let report = report(judged);
        self.tell(Msg::Verified(number, Ok(Box::new(report))));
    }
}

/// A time of the day on which the tests' events are.
pub(super) fn instant(time: &str) -> Timestamp {
    format!("2026-11-28T{time}:00Z").parse().expect("a time")
}

pub(super) fn practice() -> AccountInfo {
    AccountInfo {
        account: "000000000000".into(),
        kind: AccountKind::Practice,
        region: "us-east-1".into(),
    }
}

pub(super) fn known_values() -> Values {
    let url = "http://127.0.0.1:4711/_api/a1/dev/";
    [("api_url".to_owned(), ValueState::Known(url.to_owned()))].into()
}

pub(super) fn result(
    check: &str,
    verdict: Verdict,
    message: &str,
    offenders: &[&str],
) -> CheckResult {
    serde_json::from_value(serde_json::json!({
        "check": check, "verdict": verdict, "message": message, "hint": "",
        "offenders": offenders, "evidence": {}, "seconds": 0.1,
    }))
    .expect("a result")
}

pub(super) fn report(judged: Vec<(&str, CheckResult)>) -> Report {
    let passed = judged.iter().filter(|(_, r)| r.verdict == Verdict::Pass).count();
    let score = Score {
        earned: u32::try_from(passed).unwrap(),
        possible: u32::try_from(judged.len()).unwrap(),
    };
    let steps = judged
        .into_iter()
        .map(|(step, result)| StepResult {
            step: step.to_owned(),
            optional: false,
            state: if result.verdict == Verdict::Pass { State::Done } else { State::NotStarted },
            checks: vec![result],
        })
        .collect();
    Report {
        schema: 1,
        tool: "stepproof".into(),
        course: CourseId { id: "small".into(), sha256: String::new() },
        account: "000000000000".into(),
        caller: "arn".into(),
        kind: AccountKind::Practice,
        region: "us-east-1".into(),
        started: "2026-01-01T00:00:00Z".into(),
        seconds: 0.1,
        api_calls: 1,
        probed: Vec::new(),
        score,
        modules: vec![ModuleResult {
            module: 0,
            slug: "setup".into(),
            state: State::InProgress,
            steps,
        }],
        cleanup: None,
    }
}
