//! Prints the output formats that registered themselves in this program, which names no writer
//! crate.

use transmog::{Memory, Registry, WriterOptions, create_streaming_writer};

fn main() {
    // What the linker kept, and nothing else: the facade's own list of formats would hide a
    // registration that got lost.
    println!("formats: {}", Registry::discovered().names().join(", "));

    let memory = Memory::default();
    match create_streaming_writer("csv", memory, &WriterOptions::new()) {
        Ok(_) => println!("csv: found"),
        Err(error) => println!("csv: {error}"),
    }
}
