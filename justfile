# The tasks of svs. `just` lists them; `just check` is what CI does.

set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments

_list:
    @{{ just_executable() }} --list --unsorted

# Everything CI does, with the time of each step
check:
    #!/usr/bin/env bash
    set -euo pipefail
    took=""
    for step in format lint test features doc deny; do
        printf '\n── %s\n' "$step"
        began=$SECONDS
        "{{ just_executable() }}" --justfile "{{ justfile() }}" "$step"
        took+="$(printf '%-8s %4d s' "$step" $((SECONDS - began)))"$'\n'
    done
    printf '\n%sall good\n' "$took"

# Whether everything is formatted
format:
    cargo fmt --all --check

# Lints; a warning is an error
lint:
    cargo clippy --locked --all-targets --all-features -- -D warnings

# All tests, the crash matrix among them; with arguments some of them, as in `just test -E 'test(seats)'`
test *args:
    #!/usr/bin/env bash
    set -euo pipefail
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --locked --features failpoints "$@"
    else
        echo "cargo-nextest is not installed: cargo test does the same, slower" >&2
        cargo test --locked --features failpoints "$@"
    fi

# What only features have, in a build of its own: OTLP and profiling
features *args:
    #!/usr/bin/env bash
    set -euo pipefail
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --locked --features otlp,profiling --test features "$@"
    else
        cargo test --locked --features otlp,profiling --test features "$@"
    fi

# The documentation of the code, private items too
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# Dependencies: licenses, sources, bans
deny:
    cargo deny --locked check bans licenses sources

# Format everything
fmt:
    cargo fmt --all

# Renew what is generated and checked in: completions/ and man/
gen:
    cargo build --quiet --locked
    cargo run --quiet --locked -- completions bash > completions/svs.bash
    cargo run --quiet --locked -- completions zsh > completions/_svs
    cargo run --quiet --locked -- completions fish > completions/svs.fish
    cargo run --quiet --locked -- completions elvish > completions/svs.elv
    rm -f man/*.1
    cargo run --quiet --locked -- man --dir man

# The figures of the running program beside their goals and peers; `just bench --quick` with fewer messages
bench *args:
    cargo bench --locked --bench figures -- "$@"

# Virtual days over the router, against the best possible; `just simulate --quick` for fewer seeds
simulate *args:
    cargo bench --locked --bench simulate -- "$@"

# The tests that take too long for CI, fifty rounds of the crash matrix, and the measurements, in an optimized build
soak *args:
    #!/usr/bin/env bash
    set -euo pipefail
    small=$(mktemp -d)
    trap 'umount "$small" 2>/dev/null || true; rmdir "$small"' EXIT
    if mount -t tmpfs -o size=1m tmpfs "$small" 2>/dev/null; then
        export SVS_TEST_DIR=$small
    fi
    SVS_MATRIX_ROUNDS=50 cargo test --locked --release --features failpoints --test it crash::
    cargo test --locked --release --features failpoints "$@" -- --ignored --nocapture --test-threads=1

# The binary as it is released: static, reproducible, in target/ship/svs
static:
    #!/usr/bin/env bash
    set -euo pipefail
    mkdir -p target/ship
    install -m 755 "$(deploy/build.sh)" target/ship/svs
    printf '%s bytes, %s compressed: target/ship/svs\n' "$(stat -c %s target/ship/svs)" "$(gzip -9 < target/ship/svs | wc -c)"

# What of a release can be tried here: in an empty root, in a container
shipped:
    cargo nextest run --locked --features failpoints --no-capture -E 'test(released)'

# Everything of a release but the upload, in target/ship: binary, archive, Debian package, image, parts, licenses, sums
release: static
    #!/usr/bin/env bash
    set -euo pipefail
    deploy/package.sh

# The same binary from two folders
reproducible:
    #!/usr/bin/env bash
    set -euo pipefail
    folder=$(mktemp -d)
    trap 'rm -rf -- "$folder"' EXIT
    git archive HEAD | tar -x -C "$folder"
    one=$(cd "$folder" && deploy/build.sh)
    mkdir "$folder/elsewhere"
    git archive HEAD | tar -x -C "$folder/elsewhere"
    two=$(cd "$folder/elsewhere" && deploy/build.sh)
    cmp "$folder/$one" "$folder/elsewhere/$two"
    sha256sum "$folder/$one"
