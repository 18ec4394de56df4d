//! Finds the method that a path means.

use percent_encoding::percent_decode_str;

use crate::practice::services::apigateway::model::{Api, Method, PathResource};

/// What was found.
pub(super) struct Route<'a> {
    pub(super) resource: &'a PathResource,
    pub(super) method: &'a Method,
    /// Values of the path's variables, decoded.
    pub(super) parameters: Vec<(String, String)>,
}

/// The method that answers `verb` on `path`: exact segments before variables, variables before
/// greedy ones; the verb's own method before `ANY`. A path that ends in a slash is another path.
pub(super) fn find<'a>(api: &'a Api, verb: &str, path: &str) -> Option<Route<'a>> {
    let path = if path.is_empty() { "/" } else { path };
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let mut best: Option<(Vec<u8>, Route<'a>)> = None;
    for resource in &api.resources {
        let Some((rank, parameters)) = matches(&resource.path, &parts) else { continue };
        let Some(method) = resource.methods.get(verb).or_else(|| resource.methods.get("ANY"))
        else {
            continue;
        };
        if best.as_ref().is_none_or(|(other, _)| rank < *other) {
            best = Some((rank, Route { resource, method, parameters }));
        }
    }
    best.map(|(_, route)| route)
}

type Match = (Vec<u8>, Vec<(String, String)>);

/// How well a template fits (smaller is better) and its variables' values.
fn matches(template: &str, parts: &[&str]) -> Option<Match> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut rank = Vec::new();
    let mut values = Vec::new();
    let mut rest = parts.iter();
    for expected in template.trim_start_matches('/').split('/') {
        let name = expected.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        match name {
            Some(name) if name.ends_with('+') => {
                let all: Vec<String> = rest.by_ref().map(|part| decode(part)).collect();
                if all.is_empty() {
                    return None;
                }
                values.push((name.trim_end_matches('+').to_owned(), all.join("/")));
                rank.push(2);
            }
            Some(name) => {
                let part = rest.next().filter(|part| !part.is_empty())?;
                values.push((name.to_owned(), decode(part)));
                rank.push(1);
            }
            None => {
                if decode(rest.next()?) != expected {
                    return None;
                }
                rank.push(0);
            }
        }
    }
    rest.next().is_none().then_some((rank, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(paths: &[&str]) -> Api {
        let mut api = Api {
            resources: vec![PathResource { path: "/".into(), ..PathResource::default() }],
            ..Api::default()
        };
        for path in paths {
            let id = api.ensure_path(path);
            let method = Method { http_method: "GET".into(), ..Method::default() };
            let resource = api.resource_mut(&id).expect("just made");
            resource.methods.insert("GET".into(), method);
        }
        api
    }

    #[test]
    fn exact_paths_win_over_variables_and_variables_over_greedy_ones() {
        let api = api(&["/a/{proxy+}", "/a/{id}", "/a/b"]);
        let of = |path| find(&api, "GET", path).map(|route| route.resource.path.clone());
        assert_eq!(of("/a/b").as_deref(), Some("/a/b"));
        assert_eq!(of("/a/c").as_deref(), Some("/a/{id}"));
        assert_eq!(of("/a/c/d").as_deref(), Some("/a/{proxy+}"));
        assert_eq!(of("/a"), None);
        assert_eq!(of("/a/"), Some("/a/{proxy+}".to_owned()));
        assert_eq!(of("//a/b"), None);
        assert!(find(&api, "POST", "/a/b").is_none());
    }

    #[test]
    fn variables_are_decoded() {
        let api = api(&["/customizations/{id}"]);
        let route = find(&api, "GET", "/customizations/1;%20drop%20table%20X;").expect("found");
        assert_eq!(route.parameters, [("id".to_owned(), "1; drop table X;".to_owned())]);
    }
}
