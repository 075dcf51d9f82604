//! (ident)
