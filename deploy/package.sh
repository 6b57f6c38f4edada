#!/usr/bin/env bash
# Makes of target/ship/svs all that a release has, beside it: an archive, a Debian package, an image where there is an
# engine, the parts it is made of (CycloneDX), their licenses, what is new, and the sums of all. `just release` calls it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ship=$PWD/target/ship
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
target=$(rustc -vV | sed -n 's/^host: //p')
name=svs-$version-${target%%-*}-linux
# The time of the sources: nothing in a release knows when it was made.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
[[ -x $ship/svs ]] || { echo "target/ship/svs is missing: just static" >&2; exit 1; }
[[ $("$ship/svs" version -q) == "$version" ]] || { echo "target/ship/svs is no $version: just static" >&2; exit 1; }
find "$ship" -mindepth 1 -maxdepth 1 ! -name svs -exec rm -rf -- {} +

# The tools, at the versions that this was tried with; they are built once.
export PATH="$PWD/target/ci/release/bin:$PATH"
for tool in cargo-deb@3.8.0 cargo-cyclonedx@0.5.9 cargo-bundle-licenses@5.0.0; do
    command -v "${tool%@*}" >/dev/null || cargo install --locked --quiet --root target/ci/release "$tool"
done

cargo bundle-licenses --format json --output "$ship/licenses.json" 2>/dev/null
python3 - "$ship/licenses.json" >"$ship/THIRD-PARTY-LICENSES" <<'PYTHON'
# Each text once, with all who come under it.
import json, sys

texts = {}
with open(sys.argv[1], encoding="utf-8") as file:
    for crate in json.load(file)["third_party_libraries"]:
        for license in crate["licenses"]:
            text = "\n".join(line.rstrip() for line in license["text"].strip().splitlines())
            user = f"{crate['package_name']} {crate['package_version']}"
            texts.setdefault((license["license"], text), []).append(user)
print("svs contains the works named below, each under the license that follows its name.")
for (license, text), users in sorted(texts.items()):
    print(f"\n{'=' * 100}\n{license}: {', '.join(sorted(users))}\n\n{text}")
PYTHON
rm -f "$ship/licenses.json"

cargo cyclonedx --quiet --format json --target "$target" --no-build-deps --override-filename svs-parts >/dev/null
# It names the folder it was made in.
sed "s#path+file://$PWD#path+file:///svs#g" svs-parts.json >"$ship/svs-$version.cdx.json"
rm -f svs-parts.json

root=$ship/tree/$name
mkdir -p "$root"
cp -r man completions svs.toml.example LICENSE README.md README.zh-CN.md CHANGELOG.md "$root/"
cp "$ship/svs" "$ship/THIRD-PARTY-LICENSES" "$root/"
mkdir "$root/deploy"
cp deploy/{deploy.sh,svs.service,svs-keys-check.service,svs-keys-check.timer,compose.yaml,.env.example} "$root/deploy/"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -C "$ship/tree" -c "$name" |
    gzip -9n >"$ship/$name.tar.gz"
rm -rf -- "$ship/tree"

cargo deb --no-build --no-strip --locked --quiet --output "$ship/svs_${version}_amd64.deb"

if command -v podman >/dev/null; then engine=podman; elif docker info >/dev/null 2>&1; then engine=docker; else engine=; fi
# Podman would leave out the health check, which the other format does not know.
[[ $engine != podman ]] || export BUILDAH_FORMAT=docker
if [[ $engine ]]; then
    "$engine" build --quiet --file deploy/Dockerfile --target prebuilt --build-arg "VERSION=$version" \
        --tag "svs:$version" . >/dev/null
    "$engine" save "svs:$version" | gzip -9n >"$ship/$name-image.tar.gz"
else
    echo "no image: neither podman nor a docker daemon is here" >&2
fi

# What the changelog says of this version, or of what is not released yet.
awk -v version="$version" '
    /^## / { on = index($0, "[" version "]") || ($0 ~ /Unreleased/ && !seen); if (on) seen = 1; next }
    on
' CHANGELOG.md >"$ship/NOTES.md"
(cd "$ship" && sha256sum svs* THIRD-PARTY-LICENSES >SHA256SUMS)
ls -l "$ship"
