//! A line of text as it was read from a picture of a page.

/// One line, or one of the pieces of a row that stand far apart. Readers give them in reading
/// order: top to bottom, along a row from its first piece to its last.
#[derive(Clone)]
pub struct PageLine {
    pub text: String,
    /// x, y, width, height in pixels of the picture as stored.
    pub region: [u32; 4],
    /// How sure the reader is, 0..=1.
    pub sure: f32,
    /// Which row of the page it stands in; pieces of one row have the same.
    pub row: u32,
}

// The text of a page is nobody's to print.
impl std::fmt::Debug for PageLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageLine").field("region", &self.region).field("sure", &self.sure).finish()
    }
}
