#!/usr/bin/env bash
# What a first build costs with us and without: each from an empty target directory, in the dev
# profile, with the versions of our lock file, downloads not counted. Takes ten minutes or more.
#
# Each is built twice, in alternating order, and the cheaper run counts. Compare the seconds of the
# processor; those of the clock also tell what else the machine had to do, and how many cores.
set -euo pipefail
export LC_ALL=C TIMEFORMAT='%R %U %S'
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CARGO_TARGET_DIR=$scratch/target

# As a file of ours has it, so that what is compared is what is used.
dependency() { grep -m 1 "^$1 = " "$root/$2"; }

project() { # NAME DEPENDENCY, and main.rs on standard input
    mkdir -p "$scratch/$1/src"
    cat >"$scratch/$1/src/main.rs"
    printf '%s\n' '[workspace]' '[package]' "name = \"$1\"" 'edition = "2024"' '[dependencies]' \
        "$(dependency rocket README.md)" "$(dependency serde README.md)" "$2" \
        >"$scratch/$1/Cargo.toml"
    cp "$root/Cargo.lock" "$scratch/$1"
    cargo fetch --quiet --manifest-path "$scratch/$1/Cargo.toml"
}

project jsonwebtoken-alone "$(dependency jsonwebtoken Cargo.toml)" <<'RUST'
use jsonwebtoken::{DecodingKey, Validation, decode};

#[derive(serde::Deserialize)]
struct Account {
    username: String,
}

#[rocket::get("/me?<token>")]
fn me(token: &str) -> Option<String> {
    let key = DecodingKey::from_secret(b"made for this one program, and for no other");
    let account = decode::<Account>(token, &key, &Validation::default()).ok()?.claims;
    Some(format!("hello {}", account.username))
}

#[rocket::launch]
fn rocket() -> _ {
    rocket::build().mount("/", rocket::routes![me])
}
RUST

awk '/^```/ { if (inside) exit; inside = /rust/; next } inside' "$root/README.md" |
    project first-page "passport-rocket = { path = \"$root/passport-rocket\" }"

project sqlx-alone "$(dependency sqlx examples/tidal/Cargo.toml)" <<'RUST'
#[rocket::get("/")]
fn hello() -> &'static str {
    "hello world"
}

#[rocket::launch]
fn rocket() -> _ {
    rocket::build().mount("/", rocket::routes![hello])
}
RUST

cargo fetch --quiet --locked --manifest-path "$root/Cargo.toml"

for name in jsonwebtoken-alone first-page sqlx-alone tidal tidal sqlx-alone first-page \
    jsonwebtoken-alone; do
    folder=$scratch/$name
    [ "$name" = tidal ] && folder=$root/examples/tidal
    rm -rf "$CARGO_TARGET_DIR"
    { time cargo build --quiet --locked --offline --manifest-path "$folder/Cargo.toml" 2>&3; } \
        3>&2 2>"$scratch/time"
    echo "$name $(<"$scratch/time")"
done | awk '
    function compare(ours, theirs) {
        printf "%s / %s: %.2f\n", ours, theirs, best[ours] / best[theirs]
    }
    { cpu = $3 + $4; if (!($1 in best) || cpu < best[$1]) best[$1] = cpu }
    { printf "%-18s %6.1f s of the processor %6.1f s by the clock\n", $1, cpu, $2; fflush() }
    END {
        if (NR < 8) exit 1
        compare("first-page", "jsonwebtoken-alone")
        compare("tidal", "sqlx-alone")
    }'
