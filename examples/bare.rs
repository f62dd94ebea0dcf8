//! What the benchmark compares with: an axum handler that does nothing but answer.
//! `bare STATUS 'name: value'…` answers every request with this status and these headers, without a body.

use std::error::Error;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let status: StatusCode = arguments.next().ok_or("no status")?.parse()?;
    let headers: HeaderMap = arguments
        .map(|line| header(&line))
        .collect::<Result<_, _>>()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let router = Router::new().fallback(move || async move { (status, headers) });
    axum::serve(listener, router).await?;
    Ok(())
}

fn header(line: &str) -> Result<(HeaderName, HeaderValue), Box<dyn Error>> {
    let (name, value) = line.split_once(": ").ok_or("no header")?;
    Ok((name.parse()?, value.parse()?))
}
