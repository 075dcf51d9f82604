//! What a detector saw, before anybody says what it means.

use serde::{Deserialize, Serialize};

use crate::flow::Masked;

/// What a piece of evidence speaks for. Serialised as the finding's `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture of a document, or its full machine readable zone.
    IdDocumentCopy,
    /// Individual identification numbers in text.
    Iin,
    /// Passport or identity-card numbers in text, with their context.
    IdDocumentNumber,
    /// An identifier that the user defined in a pattern file of his own.
    CustomIdentifier,
}

/// All that one detector saw of one thing in one content: the stuff of one finding.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub kind: Kind,
    /// Document type and issuer, where the evidence knows it: (`"id_card"`, `"KAZ"`).
    pub document: Option<DocumentHint>,
    /// Occurrences, those beyond the cap included.
    pub count: u64,
    /// Distinct persons or numbers, capped.
    pub subjects: Vec<Subject>,
    /// Where, capped; `subject` indexes `subjects`.
    pub sites: Vec<Site>,
    /// Why. The sum of the weights is the log-odds (natural) that the claim is true.
    pub signs: Vec<Sign>,
}

/// What is known of the document from this piece of evidence alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentHint {
    /// A `document.type` of the schema.
    pub kind: &'static str,
    /// `"front"`, `"back"`, `"data_page"`.
    pub side: Option<&'static str>,
    /// ISO 3166 / ICAO 9303 three-letter code of the issuing state.
    pub issuer: Option<String>,
    /// A fact-based guess of how the copy came to be (DESIGN 3, `origin`), where known.
    pub origin: Option<&'static str>,
}

/// One person or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What the number is: `"iin"`, `"document_number"`, or the name of a user's identifier.
    pub what: String,
    pub value: Masked,
}

impl Subject {
    /// What [`Subject::what`] says of a personal number.
    pub const IIN: &'static str = "iin";
}

/// One reason, with its weight in natural log-odds: +2.3 makes the claim ten times likelier.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    pub detector: &'static str,
    /// Stable and free of file text except for label words: `td1_all_checks`, `label:ИИН`.
    pub sign: String,
    pub weight: f32,
    pub read_from: ReadFrom,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadFrom {
    Text,
    Picture,
    Name,
}

/// One place of an occurrence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Counted from 1.
    pub line: Option<u64>,
    /// Bytes from the start of the content (of the decoded text for members and UTF-16).
    pub offset: Option<u64>,
    /// Page, counted from 1.
    pub page: Option<u32>,
    /// x, y, width, height in pixels of the picture as stored.
    pub region: Option<[u32; 4]>,
    /// Index into [`Evidence::subjects`].
    pub subject: Option<usize>,
}

impl Evidence {
    /// Natural log-odds: the sum of all signs.
    pub fn log_odds(&self) -> f32 {
        self.signs.iter().map(|s| s.weight).sum()
    }

    /// The probability that the claim is true, 0..=1.
    pub fn probability(&self) -> f64 {
        1.0 / (1.0 + (-f64::from(self.log_odds())).exp())
    }
}
