//! Stories over the whole product; the tests live in `tests/`.
