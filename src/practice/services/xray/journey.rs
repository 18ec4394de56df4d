//! A request on its way through API Gateway, and what it leaves in X-Ray.

use std::cell::RefCell;
use std::time::Instant;

use super::sampling::{self, Subject};
use super::segment::{self, Invoked};
use super::traces;
use crate::practice::random;
use crate::practice::resource::Resource;
use crate::practice::services::apigateway::model::{Api, Stage};
use crate::practice::store::Tx;
use crate::practice::wire::{Fault, HttpRequest, HttpResponse};

/// A request to a stage.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'t> {
    /// The request.
    pub request: &'t HttpRequest,
    /// The API that it is for, as deployed.
    pub api: &'t Api,
    /// The stage.
    pub stage: &'t Stage,
    /// The path behind the stage.
    pub path: &'t str,
    /// The request's id.
    pub id: &'t str,
}

/// A request on its way.
#[derive(Debug)]
pub struct Journey<'t, 'a> {
    tx: &'t Tx<'a>,
    visit: Visit<'t>,
    /// The trace's id.
    trace: String,
    /// The stage records the request.
    recorded: bool,
    /// The sampling rule that chose it.
    rule: Option<String>,
    /// What functions are told: whether the trace is recorded, or nothing.
    sampled: Option<bool>,
    clock: Instant,
    invoked: RefCell<Vec<Invoked>>,
}

/// `X-Amzn-Trace-Id`: the caller's trace, and whether it is recorded.
#[derive(Debug, Default, PartialEq)]
struct Header {
    root: Option<String>,
    sampled: Option<bool>,
}

impl Header {
    fn parse(text: &str) -> Self {
        let mut header = Self::default();
        for (name, value) in text.split(';').filter_map(|part| part.trim().split_once('=')) {
            match (name, value) {
                ("Root", id) if is_trace_id(id) => header.root = Some(id.to_owned()),
                ("Sampled", "1") => header.sampled = Some(true),
                ("Sampled", "0") => header.sampled = Some(false),
                _ => {}
            }
        }
        header
    }
}

/// `1-58406520-a006649127e371903a2de979`.
fn is_trace_id(id: &str) -> bool {
    let mut parts = id.split('-');
    let mut hex = |length: usize| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    hex(1) && hex(8) && hex(24) && parts.next().is_none()
}

impl<'t, 'a> Journey<'t, 'a> {
    /// A request arrives: its trace, and whether it is recorded. Who called may have decided that.
    ///
    /// # Errors
    /// The practice account's own.
    pub fn begin(tx: &'t Tx<'a>, visit: Visit<'t>) -> Result<Self, Fault> {
        let header = Header::parse(visit.request.header("x-amzn-trace-id"));
        let mut sampled = header.sampled;
        let mut rule = None;
        if visit.stage.tracing_enabled && sampled.is_none() {
            rule = sampling::decide(tx, &subject(tx, &visit))?;
            sampled = Some(rule.is_some());
        }
        let trace = header
            .root
            .unwrap_or_else(|| format!("1-{:08x}-{}", tx.now().as_second(), random::hex(24)));
        Ok(Self {
            tx,
            recorded: visit.stage.tracing_enabled && sampled == Some(true),
            visit,
            trace,
            rule,
            sampled,
            clock: Instant::now(),
            invoked: RefCell::default(),
        })
    }

    /// Seconds since the request arrived.
    pub fn elapsed(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// A function was invoked for it, `from` seconds after it arrived and until now.
    pub fn invoked(&self, function: &Resource, from: f64, failed: bool) {
        self.invoked.borrow_mut().push(Invoked {
            function: function.clone(),
            subsegment: random::hex(16),
            from,
            until: self.elapsed(),
            failed,
        });
    }

    /// The request is answered: what was recorded is kept.
    ///
    /// # Errors
    /// The practice account's own.
    pub fn end(self, response: &HttpResponse) -> Result<(), Fault> {
        let frame = segment::Frame { tx: self.tx, trace: &self.trace, until: self.elapsed() };
        let invoked = self.invoked.take();
        let mut segments = Vec::new();
        if self.recorded {
            let rule = self.rule.as_deref();
            segments.push(frame.of_stage(&self.visit, response, rule, &invoked));
        }
        for one in &invoked {
            let active = one.function.properties.pointer("/TracingConfig/Mode");
            if !active.is_some_and(|mode| mode == "Active") {
                continue;
            }
            let traced = match self.sampled {
                Some(sampled) => sampled,
                None => sampling::of_function(self.tx, &one.function.id)?,
            };
            if traced {
                segments.extend(frame.of_function(one, self.recorded));
            }
        }
        if segments.is_empty() { Ok(()) } else { traces::keep(self.tx, &self.trace, segments) }
    }
}

/// What sampling rules look at.
fn subject<'t>(tx: &Tx<'_>, visit: &Visit<'t>) -> Subject<'t> {
    Subject {
        service: segment::stage_name(visit),
        kind: segment::STAGE,
        host: segment::host(tx, visit.api),
        path: format!("/{}{}", visit.stage.stage_name, visit.path),
        arn: segment::stage_arn(tx, visit),
        request: visit.request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_taken_where_it_is_one() {
        let id = "1-58406520-a006649127e371903a2de979";
        let header = |text: &str| Header::parse(text);
        assert_eq!(header(""), Header::default());
        assert_eq!(
            header(&format!("Root={id};Parent=53995c3f42cd8ad8;Sampled=1")),
            Header { root: Some(id.to_owned()), sampled: Some(true) }
        );
        assert_eq!(
            header(&format!("Sampled=0; Root={id}")),
            Header { root: Some(id.to_owned()), sampled: Some(false) }
        );
        for other in ["Root=", "Root=1-5840-a0", "Root=<script>;Sampled=?", "nonsense"] {
            assert_eq!(header(other), Header::default(), "{other}");
        }
    }
}
