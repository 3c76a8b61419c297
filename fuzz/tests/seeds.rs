//! Every target over its seeds, as they are and with some bytes changed.

use std::{fs, path::Path};

use transmog_fuzz::TARGETS;

/// Changed copies of each seed.
const COPIES: u64 = 24;

/// Numbers that look like chance: [SplitMix64](https://prng.di.unimi.it/splitmix64.c).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

#[test]
fn seeds_and_their_like_keep_the_promises() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("seeds")
            .join(name);
        let mut seeds: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{name}");
        for path in seeds {
            let seed = fs::read(&path).unwrap();
            target(&seed);
            for copy in 0..COPIES {
                let (mut state, mut changed) = (copy, seed.clone());
                for _ in 0..=copy % 4 {
                    if changed.is_empty() {
                        break;
                    }
                    let at = next(&mut state) % changed.len();
                    match copy % 3 {
                        0 => changed[at] = next(&mut state) as u8,
                        1 => changed.truncate(at),
                        _ => changed.insert(at, b"{}[],:\"\\\n0-.e"[next(&mut state) % 13]),
                    }
                }
                // What fails is shown.
                let shown = String::from_utf8_lossy(&changed).into_owned();
                let result = std::panic::catch_unwind(|| target(&changed));
                assert!(result.is_ok(), "{name}: {}: {shown:?}", path.display());
            }
        }
    }
}
