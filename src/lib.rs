//! iinspect finds stored copies of identity documents and Kazakh individual identification
//! numbers (IIN) in files.
//!
//! ```text
//! Source -> Candidate -> Content -> Evidence -> Finding -> Sink
//! ```
//!
//! Modules stand in layer order: each uses only those above it, and the stages (source,
//! extract, detect, judge, sink) never use each other. `tests/layers.rs` holds the order.

#![deny(unsafe_code)]

pub mod error;
pub mod limits;

pub mod flow;

pub mod ident;
pub mod text;

pub mod pixels;
pub mod reader;

pub mod patterns;

pub mod source;

pub mod extract;

pub mod detect;

pub mod judge;

pub mod sink;

pub mod state;

pub mod engine;

pub mod agent;

pub mod report;

pub mod cli;
