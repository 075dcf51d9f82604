//! The service: what keeps running.

pub mod backoff;
