//! Each proxy with its shipped configuration, between clients and a stand-in for Confluence.

mod apache;
mod battery;
mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod traefik;
