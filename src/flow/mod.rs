//! The nouns that travel: Candidate -> Content -> Evidence -> Finding.

mod candidate;
mod content;
mod evidence;
mod finding;
mod locator;
mod masked;
mod stamp;

pub use candidate::Candidate;
pub use content::{Chroma, Colours, Content, Form, JpegFacts, Maker, Picture, PictureFacts};
pub use evidence::{DocumentHint, Evidence, Kind, ReadFrom, Sign, Site, Subject};
pub use finding::{
    Agent, Appended, Document, Event, EvidenceOut, Exposure, FileFacts, Finding, LocationOut, Norm,
    Note, Occurrence, Record, Severity, SkipRecord, SubjectOut,
};
pub use locator::Locator;
pub use masked::{FingerprintKey, Masked};
pub use stamp::Stamp;
