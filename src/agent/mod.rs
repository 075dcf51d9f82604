//! The service: what keeps running.

pub mod backoff;
pub mod http;
pub mod metrics;
