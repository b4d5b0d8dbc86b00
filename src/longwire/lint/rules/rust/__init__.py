"""The rules for Rust, one file each; each is its own manual."""
