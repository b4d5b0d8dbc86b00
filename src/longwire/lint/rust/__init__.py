"""What is known of a Rust file, for the rules."""
