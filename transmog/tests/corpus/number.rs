//! The canonical text of a number, and what it asks of its column: the oracle's own account of the
//! rules.

/// What a value asks of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Bool,
    /// An integer that a float holds, too.
    Small,
    /// An integer of 64 bits.
    Large,
    /// An integer of at most 38 digits.
    Decimal,
    Float,
    /// Text, and numbers that only text can hold.
    Text,
    /// Objects and arrays that become text.
    Json,
}

/// The kind and the text of a number token.
pub(crate) fn canonical(token: &str) -> (Kind, String) {
    if token.contains(['.', 'e', 'E']) {
        let value: f64 = token.parse().unwrap();
        return if gives_back(value, token) {
            (Kind::Float, python_float(value))
        } else {
            (Kind::Text, token.to_owned())
        };
    }
    let digits = token.trim_start_matches('-').len();
    match token.parse::<i128>() {
        Ok(value) if value.unsigned_abs() <= 1 << 53 => (Kind::Small, value.to_string()),
        Ok(value) if i64::try_from(value).is_ok() => (Kind::Large, value.to_string()),
        _ if digits <= 38 => (Kind::Decimal, token.to_owned()),
        _ => (Kind::Text, token.to_owned()),
    }
}

/// True if the digits of a token are those of its float's shortest form, or of its exact value with
/// as many digits.
fn gives_back(value: f64, token: &str) -> bool {
    let mantissa = |text: &str| -> String {
        let text = text.split(['e', 'E']).next().unwrap_or_default();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let digits = mantissa(token);
    let places = digits.len().clamp(1, 1000) - 1;
    let is_same = |text: &str| mantissa(text).trim_end_matches('0') == digits.trim_end_matches('0');
    value.is_finite() && (is_same(&format!("{value:e}")) || is_same(&format!("{value:.places$e}")))
}

/// A float as Python's `repr` spells it.
fn python_float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[test]
fn numbers_are_spelled_as_python_spells_them() {
    let cases = [
        ("-0", Kind::Small, "0"),
        ("9007199254740992", Kind::Small, "9007199254740992"),
        ("9007199254740993", Kind::Large, "9007199254740993"),
        ("9223372036854775808", Kind::Decimal, "9223372036854775808"),
        ("-0.0", Kind::Float, "-0.0"),
        ("1E5", Kind::Float, "100000.0"),
        ("1e16", Kind::Float, "1e+16"),
        (
            "123456789012345680.0",
            Kind::Float,
            "1.2345678901234568e+17",
        ),
        ("0.0001", Kind::Float, "0.0001"),
        ("0.00001", Kind::Float, "1e-05"),
        ("5e-324", Kind::Float, "5e-324"),
        ("0.10000000000000001", Kind::Float, "0.1"),
        ("0e-999", Kind::Float, "0.0"),
        ("1e-999", Kind::Text, "1e-999"),
        ("0.123456789012345678", Kind::Text, "0.123456789012345678"),
        ("1E400", Kind::Text, "1E400"),
    ];
    for (token, kind, text) in cases {
        assert_eq!(canonical(token), (kind, text.to_owned()), "{token}");
    }
    let digits = "9".repeat(39);
    assert_eq!(canonical(&digits).0, Kind::Text);
    assert_eq!(canonical(&format!("-{}", &digits[1..])).0, Kind::Decimal);
}
