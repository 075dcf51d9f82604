//! The service: watches roots for months, looks at what changes, and loses nothing.
//!
//! ```text
//! watch --hints--> Work <--jobs-- Walker (a pass over each root, against the ledger)
//!                   |
//!                Looker x jobs --reports--> writer (one transaction: entry, findings, outbox)
//!                                              |
//!                                           outbox --> Delivery x sinks (cursor moves on acknowledgement)
//! ```
//! Events are hints, the state file is truth: what no event told of a pass finds. A restart begins
//! with a pass. Nothing is given out to be looked at while the outbox or the state take no more.

mod backoff;
mod commit;
mod deliver;
mod fault;
mod filter;
mod http;
mod look;
mod metrics;
mod pass;
mod plan;
mod service;
mod session;
mod settings;
mod tail;
mod throttle;
mod work;

pub use plan::Built;
pub use service::{Once, Service, check, once};
pub use settings::{IoPriority, Root, Settings, SinkSettings, WatchMode};
