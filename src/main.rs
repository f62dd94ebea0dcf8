//! bearergate
fn main() {}
