//! Identifiers that a user defined by an expression: the expression finds, the words around and the
//! validator decide.

use super::context::LabelSet;
use super::number::{Found, row_signs};
use super::{Rules, Runs, TextDetector, TextFacts, TextWatch};
use crate::flow::Evidence;
use crate::patterns::{Find, Identifier};
use crate::text::Window;
use crate::text::window::LineCursor;

pub struct Rule;

const NAME: &str = "rule";

impl TextDetector for Rule {
    fn name(&self) -> &'static str {
        NAME
    }

    fn begin<'r>(&self, rules: &'r Rules, facts: TextFacts) -> Box<dyn TextWatch + 'r> {
        Box::new(Watch {
            rules: &rules.expressions,
            facts,
            lines: LineCursor::default(),
            found: rules.expressions.iter().map(|_| Found::default()).collect(),
        })
    }
}

struct Watch<'r> {
    rules: &'r [(Identifier, LabelSet)],
    facts: TextFacts,
    lines: LineCursor,
    found: Vec<Found>,
}

impl TextWatch for Watch<'_> {
    fn window(&mut self, window: &Window, _: &Runs) {
        for (found, (row, labels)) in self.found.iter_mut().zip(self.rules) {
            let Find::Regex(expression) = &row.find else { continue };
            for m in expression.find_iter(window.bytes) {
                if !window.fresh.contains(&m.start()) {
                    continue;
                }
                let value = window.encoding.decode(m.as_bytes()).into_owned();
                if row.validator.as_ref().is_some_and(|v| !v.accepts(&value)) {
                    continue;
                }
                let near = labels.near(window, m.start(), m.end());
                if row.needs_label && near.is_none_or(|n| n.weight <= 0.0) {
                    continue;
                }
                let signs = row_signs(NAME, row, labels, near, self.facts);
                let site = self.facts.site(&mut self.lines, window, m.start());
                found.add(row, self.facts, value, site, signs);
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<Evidence>) {
        for (found, (row, _)) in self.found.iter_mut().zip(self.rules) {
            out.extend(found.evidence(row));
        }
    }
}
