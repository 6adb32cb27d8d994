//! Reads layouts that anybody may have written.

/// Bytes that are not of the layout that they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {layout} is malformed: {problem} at byte {position}")]
pub struct Malformed {
    layout: &'static str,
    problem: &'static str,
    position: usize,
}

/// Reads fields from bytes.
#[derive(Debug)]
pub struct Decoder<'a> {
    layout: &'static str,
    length: usize,
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Begins at the first byte; `layout` names in errors what the bytes should be.
    pub fn new(layout: &'static str, bytes: &'a [u8]) -> Self {
        Self { layout, length: bytes.len(), rest: bytes }
    }

    /// Reads bytes whose number is fixed.
    ///
    /// # Errors
    ///
    /// Where fewer are left.
    pub fn raw<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (raw, rest) =
            self.rest.split_first_chunk().ok_or_else(|| self.malformed("it ends early"))?;
        self.rest = rest;
        Ok(*raw)
    }

    /// Reads a byte.
    ///
    /// # Errors
    ///
    /// Where none is left.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        self.raw().map(|[byte]| byte)
    }

    /// Reads a number, big-endian.
    ///
    /// # Errors
    ///
    /// Where too few bytes are left.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.raw().map(u32::from_be_bytes)
    }

    /// Reads a number, big-endian.
    ///
    /// # Errors
    ///
    /// Where too few bytes are left.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.raw().map(u64::from_be_bytes)
    }

    /// Reads bytes of at most `most`, their length before them.
    ///
    /// # Errors
    ///
    /// Where there are more, or fewer are left.
    pub fn bytes(&mut self, most: usize) -> Result<&'a [u8], Malformed> {
        let length = self.count(most)?;
        let (bytes, rest) =
            self.rest.split_at_checked(length).ok_or_else(|| self.malformed("it ends early"))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Reads a text of at most `most` bytes, its length before it.
    ///
    /// # Errors
    ///
    /// Where it is longer, not UTF-8 or not all there.
    pub fn text(&mut self, most: usize) -> Result<String, Malformed> {
        let bytes = self.bytes(most)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.malformed("a text is not UTF-8"))?;
        Ok(text.to_owned())
    }

    /// Reads a list of at most `most` items, its length before it.
    ///
    /// # Errors
    ///
    /// Where it is longer, or an item cannot be read.
    pub fn list<T>(
        &mut self,
        most: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        // Nothing is set aside for items that may not be there.
        (0..self.count(most)?).map(|_| read(self)).collect()
    }

    /// Ends where no bytes are left.
    ///
    /// # Errors
    ///
    /// Where some are.
    pub fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed("more bytes follow")) }
    }

    /// Says what is wrong here.
    pub fn malformed(&self, problem: &'static str) -> Malformed {
        let position = self.length.saturating_sub(self.rest.len());
        Malformed { layout: self.layout, problem, position }
    }

    fn count(&mut self, most: usize) -> Result<usize, Malformed> {
        let count = usize::try_from(self.u32()?).ok().filter(|count| *count <= most);
        count.ok_or_else(|| self.malformed("it has more than is allowed"))
    }
}
