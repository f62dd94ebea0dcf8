//! The yardstick of cold requests: one RS256 verification by aws-lc-rs, with a key that is parsed once.

use std::process::Command;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256,
};

use super::Fault;
use super::machine::SERVER_CORE;

/// The argument that makes this program measure, and print nothing but the figure.
pub const ARGUMENT: &str = "verification";

/// Microseconds a verification takes on the server's core, measured in a process of its own.
pub fn on_the_servers_core() -> Result<f64, Fault> {
    let output = Command::new("taskset")
        .args(["--cpu-list", SERVER_CORE])
        .arg(std::env::current_exe()?)
        .arg(ARGUMENT)
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Microseconds a verification takes here, over a second of them.
pub fn measure() -> Result<f64, Fault> {
    // As long as the signed part of the tokens that are sent.
    let message = [b'a'; 800];
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        &message,
        &mut signature,
    )?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
    let begin = Instant::now();
    let mut count = 0_u32;
    while begin.elapsed() < Duration::from_secs(1) {
        key.verify_sig(&message, &signature)?;
        count += 1;
    }
    Ok(begin.elapsed().as_secs_f64() * 1e6 / f64::from(count))
}
