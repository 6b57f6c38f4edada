//! Whatever a model writes, and wherever it stops: Telegram takes every message, and none is too long.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/telegram/markdown/tests/checker.rs"]
mod checker;
#[expect(dead_code, unused_imports, reason = "the bot uses more of it")]
#[path = "../../src/telegram/markdown/mod.rs"]
mod markdown;

use checker::check;
use markdown::{Limits, render_answer, render_growing, utf16_len};

fuzz_target!(|input: (u8, String)| {
    let (units, markdown) = input;
    let units = 20 + usize::from(units) * 16;
    let limits = Limits { units, ..Limits::default() };
    let parts = render_answer(&markdown, limits).parts.into_iter().chain(render_growing(&markdown, limits));
    for part in parts {
        let entities: Vec<_> =
            part.entities.iter().map(|entity| entity.to_value()).collect();
        check(&part.text, &entities);
        assert!(!part.text.is_empty() && utf16_len(&part.text) <= units);
    }
});
