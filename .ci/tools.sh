# For `.ci/run` and for the tests, which source it: tools and packages, made once for each version and found again by every
# checkout.
# shellcheck shell=bash
export LAREDO_CI_TOOLS=${LAREDO_CI_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/laredo-ci}

# keep NAME COMMAND…: the folder of that name, in $kept. Where it is not there, or not whole, COMMAND fills it and is given
# the empty folder as its last argument. NAME has the version in it, so that another version is another folder.
keep() {
  kept=$LAREDO_CI_TOOLS/$1
  shift
  [[ -e $kept/.whole ]] && return
  mkdir -p "$LAREDO_CI_TOOLS"
  # By one checkout at a time. What COMMAND leaves running must not hold the lock.
  (
    flock 9
    [[ -e $kept/.whole ]] && exit
    rm -rf "$kept" && mkdir "$kept" && "$@" "$kept" 9>&- && touch "$kept/.whole"
  ) 9>"$kept.lock"
}

# cargo_tool NAME VERSION: from crates.io, onto PATH. A debug build takes half the time and is fast enough.
cargo_tool() {
  keep "$1-$2" cargo install --locked --debug --version "$2" "$1" --root
  PATH=$kept/bin:$PATH
}

# go_tool NAME VERSION PACKAGE: from the Go module proxy, onto PATH.
go_tool() {
  keep "$1-$2" go_install "$3@$2"
  PATH=$kept/bin:$PATH
}
go_install() { GOBIN=$2/bin go install "$1"; }

# The part of a name that stands for what a file holds: a lock file, a list of requirements.
version_of() { sha256sum <"$1" | cut -c 1-12; }
