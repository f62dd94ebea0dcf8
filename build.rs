//! Embeds the console's static files.

fn main() {
    memory_serve::load_directory("./static");
}
