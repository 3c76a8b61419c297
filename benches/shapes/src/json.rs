//! JSON text, made in one buffer that is used again and again, and the random values in it.

use fastrand::Rng;

/// Words of texts, as they stand between quotes in JSON: some are not ASCII, some are escaped.
const WORDS: &[&str] = &[
    "a",
    "the",
    "of",
    "and",
    "when",
    "fix",
    "adds",
    "table",
    "parser",
    "release",
    "buffer",
    "column",
    "reader",
    "faster",
    "without",
    "schema",
    "for",
    "in",
    "is",
    "not",
    "empty",
    "values",
    "café",
    "größer",
    "naïve",
    "данные",
    "数据",
    "テスト",
    "🚀",
    "\\\"quoted\\\"",
    "line\\nbreak",
    "tab\\t",
    "\\u00e9t\\u00e9",
    "path\\\\to",
    "<b>",
    "it's",
    "100%",
    "see #42",
    "(again)",
    "e-mail",
];

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'a> {
    /// As it is, already escaped.
    S(&'a str),
    /// A number.
    N(u64),
    /// A number with so many hexadecimal digits.
    X(u64, u32),
}

/// A writer of JSON that sets commas by itself.
#[derive(Debug)]
pub(crate) struct Json {
    bytes: Vec<u8>,
    /// How much was taken by the last [`take`](Self::take), and is overwritten by what comes next.
    is_taken: bool,
    pub(crate) rng: Rng,
}

impl Json {
    pub(crate) fn new(seed: u64, capacity: usize) -> Self {
        Self {
            // Records come whole, so the last one may reach over it.
            bytes: Vec::with_capacity(capacity + capacity / 2),
            is_taken: false,
            rng: Rng::with_seed(seed),
        }
    }

    pub(crate) fn len(&self) -> usize {
        if self.is_taken { 0 } else { self.bytes.len() }
    }

    /// What was written since the last call.
    pub(crate) fn take(&mut self) -> &[u8] {
        self.begin();
        self.is_taken = true;
        &self.bytes
    }

    fn begin(&mut self) {
        if self.is_taken {
            self.bytes.clear();
            self.is_taken = false;
        }
    }

    /// Text as it is.
    pub(crate) fn push(&mut self, text: &str) {
        self.begin();
        self.bytes.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn number(&mut self, number: impl itoa::Integer) {
        self.push(itoa::Buffer::new().format(number));
    }

    /// `number / 1000`, with three places.
    pub(crate) fn thousandths(&mut self, number: i64) {
        if number < 0 {
            self.push("-");
        }
        let number = number.unsigned_abs();
        self.number(number / 1000);
        self.push(".");
        self.digits(number % 1000, 3);
    }

    fn digits(&mut self, number: u64, places: u32) {
        for place in (0..places).rev() {
            let digit = number / 10_u64.pow(place) % 10;
            self.bytes.push(b'0' + digit as u8);
        }
    }

    fn comma(&mut self) {
        if !matches!(self.bytes.last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.bytes.push(b',');
        }
    }

    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.comma();
        self.push("\"");
        self.push(name);
        self.push("\":");
        self
    }

    pub(crate) fn parts(&mut self, parts: &[Part<'_>]) {
        for part in parts {
            match *part {
                Part::S(text) => self.push(text),
                Part::N(number) => self.number(number),
                Part::X(number, digits) => {
                    for digit in (0..digits).rev() {
                        let nibble = number.rotate_right(digit * 4) as usize & 15;
                        self.bytes.push(b"0123456789abcdef"[nibble]);
                    }
                }
            }
        }
    }

    pub(crate) fn text(&mut self, name: &str, parts: &[Part<'_>]) {
        self.key(name).push("\"");
        self.parts(parts);
        self.push("\"");
    }

    /// A text of so many words.
    pub(crate) fn sentence(&mut self, name: &str, words: usize) {
        self.key(name).push("\"");
        self.words(words);
        self.push("\"");
    }

    pub(crate) fn words(&mut self, words: usize) {
        for word in 0..words {
            if word > 0 {
                self.push(" ");
            }
            let word = self.pick(WORDS);
            self.push(word);
        }
    }

    pub(crate) fn integer(&mut self, name: &str, number: u64) {
        self.key(name).number(number);
    }

    /// A float with three places.
    pub(crate) fn float(&mut self, name: &str, thousandths: i64) {
        self.key(name).thousandths(thousandths);
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.key(name).push(if flag { "true" } else { "false" });
    }

    pub(crate) fn null(&mut self, name: &str) {
        self.key(name).push("null");
    }

    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.key(name);
        self.item(fill);
    }

    /// An object that has no key: a record, or an item of an array.
    pub(crate) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.comma();
        self.push("{");
        fill(self);
        self.push("}");
    }

    pub(crate) fn array(&mut self, name: &str, items: u64, mut fill: impl FnMut(&mut Self, u64)) {
        self.key(name);
        self.inner_array(items, &mut fill);
    }

    /// An array that has no key: an item of another one.
    pub(crate) fn inner_array(&mut self, items: u64, mut fill: impl FnMut(&mut Self, u64)) {
        self.comma();
        self.push("[");
        for item in 0..items {
            fill(self, item);
        }
        self.push("]");
    }

    /// An item that is a number.
    pub(crate) fn number_item(&mut self, number: u64) {
        self.comma();
        self.number(number);
    }

    /// An item that is a float with three places.
    pub(crate) fn float_item(&mut self, thousandths: i64) {
        self.comma();
        self.thousandths(thousandths);
    }

    /// An item that is a text.
    pub(crate) fn text_item(&mut self, parts: &[Part<'_>]) {
        self.comma();
        self.push("\"");
        self.parts(parts);
        self.push("\"");
    }

    /// A moment in 2026 in RFC 3339.
    pub(crate) fn time(&mut self, name: &str) {
        self.key(name).push("\"");
        self.moment();
        self.push("\"");
    }

    pub(crate) fn moment(&mut self) {
        let n = self.rng.u64(..1 << 40);
        self.date(n);
        for (before, number, most) in [("T", n >> 9, 24), (":", n >> 17, 60), (":", n >> 25, 60)] {
            self.push(before);
            self.digits(number % most, 2);
        }
        self.push("Z");
    }

    /// A day in 2026.
    pub(crate) fn date(&mut self, n: u64) {
        self.push("2026-");
        self.digits(n % 12 + 1, 2);
        self.push("-");
        self.digits(n % 28 + 1, 2);
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.rng.u64(..end)
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.usize(..choices.len())]
    }
}
