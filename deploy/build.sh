#!/usr/bin/env bash
# Builds svs as it is released: one static binary, and the same bytes from the same sources, wherever they lie.
# Prints the path of the binary. `just release` and the Dockerfile call it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$(rustc -vV | sed -n 's/^host: //p')
registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
# shellcheck disable=SC2054 # the comma is the linker's
flags=(
    -C target-feature=+crt-static
    # A frame that is found by its pointer needs no table of every push: 0.4 MB, and profilers see whole stacks.
    -C force-frame-pointers=yes
    # Addresses that are only moved at the start take an eighth of the room.
    -C link-arg=-Wl,-zpack-relative-relocs
    # Where it was built is nobody's business, and differs.
    "--remap-path-prefix=$PWD=/svs"
    "--remap-path-prefix=$(rustc --print sysroot)=/rust"
)
# C code is never unwound through.
cflags=(-fno-asynchronous-unwind-tables -fomit-frame-pointer "-ffile-prefix-map=$PWD=/svs")
cargo fetch --locked --quiet
for index in "$registry"/*/; do
    flags+=("--remap-path-prefix=${index%/}=/crates")
    cflags+=("-ffile-prefix-map=${index%/}=/crates")
done
printf -v CARGO_ENCODED_RUSTFLAGS '%s\x1f' "${flags[@]}"
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
export CFLAGS="${cflags[*]}"
# What svs uses of SQLite has no full text, no r-trees and no code from elsewhere: 365 KB. Nor does it trace,
# authorize, serialize, share caches or count memory: 40 KB.
export LIBSQLITE3_FLAGS="-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5
    -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_COLUMN_METADATA -USQLITE_ENABLE_STAT4
    -USQLITE_SOUNDEX -USQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_OMIT_LOAD_EXTENSION
    -USQLITE_ENABLE_API_ARMOR -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_COMPLETE
    -DSQLITE_OMIT_DECLTYPE -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_GET_TABLE
    -DSQLITE_OMIT_INCRBLOB -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE
    -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_TRACE"
cargo build --locked --profile dist --target "$target" >&2
printf '%s\n' "${CARGO_TARGET_DIR:-target}/$target/dist/svs"
