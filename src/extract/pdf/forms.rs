//! Forms (XObjects) that draw forms: a few hundred bytes in which each draws the next twice are more
//! work than any document. What a page asks for is counted before it is interpreted.

use std::collections::HashMap;

use hayro::hayro_syntax::content::UntypedIter;
use hayro::hayro_syntax::object::{Dict, Name, Object, ObjectIdentifier, Stream};
use hayro::hayro_syntax::page::{Page, Resources};

use crate::error::Skip;
use crate::limits::Budget;

/// Steps of one page with all that its forms do each time. Maps have a few millions.
const MAX_STEPS: u64 = 30_000_000;
/// The interpreter goes no deeper.
const MAX_DEPTH: usize = 50;
/// Steps between two looks at the clock.
const TICK: u64 = 1 << 14;

/// Every form that was met, read once for the whole document.
#[derive(Default)]
pub(super) struct Forms {
    known: HashMap<ObjectIdentifier, Drawn>,
}

/// What a stream of content does.
#[derive(Default)]
struct Drawn {
    steps: u64,
    /// How often it draws each form.
    forms: HashMap<ObjectIdentifier, u64>,
}

impl Forms {
    /// Refuses a page that asks for more than any document does.
    pub(super) fn check(&mut self, page: &Page<'_>, budget: &Budget) -> Result<(), Skip> {
        let resources = page.resources();
        if !has_forms(resources) {
            return Ok(());
        }
        let mut met: Vec<(Stream<'_>, Resources<'_>)> = Vec::new();
        let content = page.page_stream().unwrap_or_default();
        let drawn = read(content, resources, &mut met, budget)?;
        while let Some((form, around)) = met.pop() {
            let id = form.obj_id();
            if self.known.contains_key(&id) {
                continue;
            }
            // What does not decode is not drawn either.
            let data = form.decoded_data().unwrap_or_default();
            let own = form.dict().get::<Dict<'_>>("Resources").map(Resources::new);
            let drawn = read(&data, own.as_ref().unwrap_or(&around), &mut met, budget)?;
            self.known.insert(id, drawn);
        }
        if self.cost(&drawn) > MAX_STEPS {
            return Err(Skip::damaged("pdf", "page whose forms draw one another too often"));
        }
        Ok(())
    }

    /// Steps of a page with those of its forms, as deep as they are drawn.
    fn cost(&self, page: &Drawn) -> u64 {
        let sum = |drawn: &Drawn, costs: &HashMap<ObjectIdentifier, u64>| {
            drawn.forms.iter().fold(drawn.steps, |sum, (id, times)| {
                let each = costs.get(id).copied().unwrap_or(0);
                sum.saturating_add(each.saturating_mul(*times))
            })
        };
        // Those of other pages have no part in it.
        let mut met: HashMap<ObjectIdentifier, &Drawn> = HashMap::new();
        let mut left: Vec<ObjectIdentifier> = page.forms.keys().copied().collect();
        while let Some(id) = left.pop() {
            if let Some(drawn) = self.known.get(&id)
                && met.insert(id, drawn).is_none()
            {
                left.extend(drawn.forms.keys());
            }
        }
        let mut costs: HashMap<ObjectIdentifier, u64> = HashMap::new();
        for _ in 0..MAX_DEPTH {
            let next = met.iter().map(|(id, drawn)| (*id, sum(drawn, &costs))).collect();
            if next == costs {
                break;
            }
            costs = next;
        }
        sum(page, &costs)
    }
}

fn has_forms(resources: &Resources<'_>) -> bool {
    resources.x_objects.keys().any(|name| form(resources, &name).is_some())
}

fn form<'a>(resources: &Resources<'a>, name: &Name<'_>) -> Option<Stream<'a>> {
    let stream = resources.get_x_object(name)?;
    let kind = stream.dict().get::<Name<'_>>("Subtype")?;
    (&*kind == b"Form").then_some(stream)
}

/// Counts the steps of one stream, and hands over the forms it draws.
fn read<'a>(
    content: &[u8],
    resources: &Resources<'a>,
    met: &mut Vec<(Stream<'a>, Resources<'a>)>,
    budget: &Budget,
) -> Result<Drawn, Skip> {
    let mut drawn = Drawn { steps: 1, ..Drawn::default() };
    let mut names: HashMap<Vec<u8>, Option<ObjectIdentifier>> = HashMap::new();
    let mut steps = UntypedIter::new(content);
    while let Some(step) = steps.next() {
        drawn.steps += 1;
        if drawn.steps.is_multiple_of(TICK) {
            budget.in_time()?;
        }
        if &**step.operator != b"Do" {
            continue;
        }
        let Some(Object::Name(name)) = step.operands().next() else { continue };
        let id = *names.entry(name.to_vec()).or_insert_with(|| {
            let form = form(resources, name)?;
            let id = form.obj_id();
            met.push((form, resources.clone()));
            Some(id)
        });
        if let Some(id) = id {
            *drawn.forms.entry(id).or_default() += 1;
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use crate::error::Skip;
    use crate::extract::pdf::Pdf;
    use crate::extract::samples::{open, reasons, texts};
    use crate::flow::Form;

    /// A page that writes a line and draws the first of these forms; the last writes too.
    fn document(forms: usize, times: usize) -> Vec<u8> {
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</XObject<</F 6 0 R>>/Font<</A 5 0 R>>>>>>".to_owned(),
        ];
        let stream = |head: &str, body: &str| {
            format!("<<{head}/Length {}>>\nstream\n{body}\nendstream", body.len())
        };
        objects.push(stream("", "BT /A 12 Tf 20 200 Td (IIN 900101100014) Tj ET /F Do"));
        objects.push("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned());
        for number in 0..forms {
            let next = format!("/Resources<</XObject<</F {} 0 R>>>>", number + 7);
            let (resources, body) = match number + 1 == forms {
                true => ("/Resources<<>>".to_owned(), "0 0 1 1 re f".to_owned()),
                false => (next, "/F Do ".repeat(times)),
            };
            let head = format!("/Type/XObject/Subtype/Form/BBox[0 0 300 300]{resources}");
            objects.push(stream(&head, &body));
        }
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
        for (number, object) in objects.iter().enumerate() {
            table += &format!("{:010} 00000 n \n", file.len());
            file.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
        }
        let start = file.len();
        let end = format!(
            "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        );
        [file, table.into_bytes(), end.into_bytes()].concat()
    }

    #[test]
    fn forms_that_draw_one_another_without_end_are_refused_at_once() {
        let begin = Instant::now();
        let (out, end) = open(&Pdf, &document(40, 2));
        assert_eq!((end, reasons(&out)), (Ok(()), vec!["damaged"]));
        assert!(begin.elapsed().as_secs() < 20);
        let Some(crate::flow::Content::Skipped { skip, .. }) = out.last() else {
            panic!("{out:?}")
        };
        assert!(matches!(skip, Skip::Damaged { format: "pdf", .. }));
    }

    #[test]
    fn forms_of_real_documents_are_read() {
        let (out, end) = open(&Pdf, &document(5, 3));
        assert_eq!((end, reasons(&out).len()), (Ok(()), 0));
        assert!(texts(&out, Form::Plain).contains("900101100014"));
    }
}
