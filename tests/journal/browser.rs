//! The page in a real browser, headless: Chromium through its driver. It asks no network for
//! anything, fits the window, and can be read without seeing the pictures.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::day::{Machine, afternoon};
use super::support::{code, text};

/// A browser and its window.
pub(super) struct Browser {
    driver: Child,
    session: String,
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    profile: TempDir,
}

impl Browser {
    pub(super) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is there: package chromium-driver");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let port = line.split_once("started successfully on port ")?.1;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let profile = tempfile::tempdir().unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, session, runtime, http, profile };
        let directory = format!("--user-data-dir={}", browser.profile.path().display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &directory,
        ];
        let options = json!({ "args": arguments });
        let wanted = json!({ "alwaysMatch": { "goog:chromeOptions": options } });
        let answer = browser.ask("POST", "", &json!({ "capabilities": wanted }));
        browser.session = format!("{}/{}", browser.session, answer["sessionId"].as_str().unwrap());
        browser
    }

    /// Asks the driver; its answer's value.
    pub(super) fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let request = self.http.request(method.parse().unwrap(), url);
        let request = if method == "POST" { request.body(body.to_string()) } else { request };
        let (status, text) = self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status(), answer.text().await.unwrap())
        });
        assert!(status.is_success(), "{method} {path}: {text}");
        serde_json::from_str::<Value>(&text).unwrap()["value"].clone()
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Opens a page in a window of some size, light or dark.
    pub(super) fn open(&self, page: &Path, (width, height): (u32, u32), scheme: &str) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
        let url = format!("file://{}", page.display());
        self.ask("POST", "/url", &json!({ "url": url }));
    }

    /// What a script in the page comes to.
    pub(super) fn script(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until something holds; whether it did in time.
    pub(super) fn wait(&self, limit: Duration, holds: impl Fn() -> bool) -> bool {
        let end = Instant::now() + limit;
        while !holds() {
            if Instant::now() > end {
                return false;
            }
            let pause = async { tokio::time::sleep(Duration::from_millis(100)).await };
            self.runtime.block_on(pause);
        }
        true
    }

    /// The elements that a selector finds.
    pub(super) fn elements(&self, selector: &str) -> Vec<String> {
        let using = json!({ "using": "css selector", "value": selector });
        let found = self.ask("POST", "/elements", &using);
        let id = |element: &Value| element.as_object().unwrap().values().next().cloned();
        let ids = found.as_array().unwrap().iter().filter_map(id);
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// What a screen reader calls an element: its role and its name.
    pub(super) fn role_and_name(&self, element: &str) -> (String, String) {
        let ask = |what: &str| {
            let answer = self.ask("GET", &format!("/element/{element}/{what}"), &Value::Null);
            answer.as_str().unwrap().to_owned()
        };
        (ask("computedrole"), ask("computedlabel"))
    }

    /// The whole page as a picture, for whoever wants to look: STEPPROOF_TEST_SCREENSHOTS names a
    /// directory.
    pub(super) fn screenshot(&self, name: &str) {
        let Some(dir) = std::env::var_os("STEPPROOF_TEST_SCREENSHOTS") else { return };
        let whole = json!({ "captureBeyondViewport": true });
        let answer = self.devtools("Page.captureScreenshot", &whole);
        write(&PathBuf::from(&dir).join(format!("{name}.png")), &answer["data"]);
    }

    /// The page on paper; how many sheets.
    fn print(&self, name: &str) -> usize {
        let size = json!({ "width": 21.0, "height": 29.7 });
        let answer = self.ask("POST", "/print", &json!({ "page": size, "background": true }));
        let bytes = base64::engine::general_purpose::STANDARD.decode(answer.as_str().unwrap());
        if let Some(dir) = std::env::var_os("STEPPROOF_TEST_SCREENSHOTS") {
            write(&PathBuf::from(&dir).join(format!("{name}.pdf")), &answer);
        }
        String::from_utf8_lossy(&bytes.unwrap()).matches("/Type /Page\n").count()
    }
}

fn write(file: &Path, base64: &Value) {
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64.as_str().unwrap());
    std::fs::write(file, bytes.unwrap()).unwrap();
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser that it started.
        let request = self.http.delete(&self.session);
        let _ = self.runtime.block_on(request.send());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The page of an afternoon, as the program writes it.
fn page(machine: &Machine, lang: &str) -> PathBuf {
    assert_eq!(code(&machine.import(&afternoon())), 0);
    let file = machine.path().join(format!("journal-{lang}.html"));
    let written = machine.run(&["journal", "--lang", lang, "--output", file.to_str().unwrap()]);
    assert_eq!(code(&written), 0, "{}", text(&written));
    file
}

pub(super) const WINDOWS: [(&str, (u32, u32)); 3] =
    [("wide", (1280, 900)), ("laptop", (1000, 700)), ("phone", (390, 800))];

/// Contrast of every text with what stands behind it, the lowest one first.
pub(super) const CONTRAST: &str = r"
    const channel = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
    const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const c = parse(getComputedStyle(e).backgroundColor);
            if (c.length === 3 || c[3] === 1) return c;
        }
        return [255, 255, 255];
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let worst = [99, ''];
    while (walker.nextNode()) {
        const e = walker.currentNode.parentElement;
        if (!walker.currentNode.textContent.trim() || !e.getClientRects().length) continue;
        if (['title', 'desc'].includes(e.tagName)) continue;
        const style = getComputedStyle(e);
        const c = parse(e instanceof SVGElement ? style.fill : style.color);
        const [a, b] = [light(c), light(behind(e))].sort((x, y) => y - x);
        const ratio = (a + .05) / (b + .05);
        if (ratio < worst[0]) worst = [ratio, walker.currentNode.textContent];
    }
    return worst;";

/// What is cut off at an edge of its picture.
pub(super) const OUTSIDE: &str = r"
    return [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
        const box = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text, rect, g')].filter(part => {
            const b = part.getBoundingClientRect();
            return b.left < box.left - 1 || b.right > box.right + 1
                || b.top < box.top - 1 || b.bottom > box.bottom + 1;
        }).map(part => part.textContent);
    })";

/// Texts of a picture that stand on one another.
pub(super) const TOUCHING: &str = r"
    return [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
        const texts = [...svg.querySelectorAll('text')]
            .map(t => [t.textContent, t.getBoundingClientRect()]);
        return texts.flatMap(([a, x], i) => texts.slice(i + 1).filter(([b, y]) =>
            x.left < y.right && y.left < x.right && x.top < y.bottom - 2 && y.top < x.bottom - 2
        ).map(([b]) => a + ' / ' + b));
    })";

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_shows_the_page_in_every_window_and_asks_no_network() {
    let machine = Machine::new();
    let browser = Browser::start();
    for lang in ["en", "ja"] {
        let file = page(&machine, lang);
        for (name, size) in WINDOWS {
            for scheme in ["light", "dark"] {
                browser.open(&file, size, scheme);
                let at = format!("{lang} {name} {scheme}");
                browser.screenshot(&format!("{lang}-{name}-{scheme}"));
                let loaded = browser
                    .script("return performance.getEntriesByType('resource').map(e => e.name)");
                assert_eq!(loaded, json!([]), "{at}: a page that loads something");
                let excess = "return document.documentElement.scrollWidth - innerWidth";
                assert!(
                    browser.script(excess).as_i64().unwrap() <= 0,
                    "{at}: wider than its window"
                );
                let contrast = browser.script(CONTRAST);
                assert!(contrast[0].as_f64().unwrap() >= 4.5, "{at}: hard to read: {contrast}");
            }
        }
        assert_eq!(browser.script("return document.documentElement.lang"), json!(lang));
    }
}

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_reads_the_pictures_out_and_keeps_them_inside() {
    let machine = Machine::new();
    let browser = Browser::start();
    for (lang, names) in [
        ("en", ["Progress by domain", "Time line", "Time by module"]),
        ("ja", ["分野ごとの進捗", "タイムライン", "モジュールごとの時間"]),
    ] {
        browser.open(&page(&machine, lang), (1280, 900), "light");
        let pictures = browser.elements("svg[role=img]");
        assert_eq!(pictures.len(), 3);
        for (picture, name) in pictures.iter().zip(names) {
            let (role, label) = browser.role_and_name(picture);
            assert!(["image", "img"].contains(&role.as_str()), "{role}");
            assert!(label.starts_with(name), "{label}");
            assert!(label.len() > name.len() + 20, "it says what it shows: {label}");
        }
        assert_eq!(browser.script(OUTSIDE), json!([]), "{lang}: outside of its picture");
        assert_eq!(browser.script(TOUCHING), json!([]), "{lang}: texts over each other");
    }
}

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_hides_answers_until_they_are_asked_for_and_prints() {
    let machine = Machine::new();
    let browser = Browser::start();
    for lang in ["en", "ja"] {
        browser.open(&page(&machine, lang), (1280, 900), "light");
        let hidden = "details:not([open]):not(.events)";
        let before = browser.elements(hidden).len();
        assert!(before >= 9, "{before}");
        let revealed = browser.elements("details[open]").len();
        assert_eq!(revealed, 2, "those that were revealed before");
        let first = &browser.elements(&format!("{hidden} > summary"))[0];
        browser.ask("POST", &format!("/element/{first}/click"), &json!({}));
        assert_eq!(browser.elements(hidden).len(), before - 1);
        // Paper can't be clicked.
        browser.devtools("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
        let unseen = browser.script(
            "return [...document.querySelectorAll('details:not(.events) p')]
                .filter(answer => answer.getBoundingClientRect().height < 10).length",
        );
        assert_eq!(unseen, json!(0), "answers that paper hides");
        let sheets = browser.print(&format!("{lang}-paper"));
        assert!((3..=12).contains(&sheets), "{sheets} sheets");
    }
}
