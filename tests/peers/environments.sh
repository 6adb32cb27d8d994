#!/bin/sh
# Makes Python environments of the peers under target/peers, where they are not there yet:
#
#     environments.sh [PEER...]
#
#     flwr        Flower
#     mpyc        MPyC and what makes it fast
#     openmined   OpenMined's private set intersection
#     spu         SPU; takes 1 GB
#
# A peer that cannot be made is said in one line and the next one is gone on with; the exit code is
# then 1.
set -u
folder=$(dirname "$0")/../../target/peers

requirements() {
    case $1 in
    flwr) echo "flwr==1.40.0" ;;
    mpyc) echo "mpyc==0.11 gmpy2>=2.2,<3 numpy>=1.26,<3 uvloop>=0.21,<1" ;;
    openmined) echo "openmined-psi==2.0.6" ;;
    spu) echo "spu==0.9.5" ;;
    *) return 1 ;;
    esac
}

# What is imported from it.
module() {
    case $1 in
    openmined) echo "private_set_intersection.python" ;;
    *) echo "$1" ;;
    esac
}

# The versions of Python that a peer runs on.
versions() {
    case $1 in
    flwr | openmined | spu) echo "3.11 3.10" ;;
    *) echo "3.14 3.13 3.12 3.11 3.10" ;;
    esac
}

# Prints the first Python on the path that is of one of the versions and can make environments.
find_python() {
    for name in 3 $1; do
        version=$("python$name" -c "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])" \
            2>/dev/null)
        case " $1 " in *" ${version:-none} "*) echo "python$name" && return ;; esac
    done
    return 1
}

say() {
    echo "$1: $2" >&2
    return 1
}

# An environment is whole when it has, written last, what it was made of.
is_made() {
    [ "$(cat "$folder/$1/requirements" 2>/dev/null)" = "$2" ] \
        && "$folder/$1/bin/python" -c "" 2>/dev/null
}

# The requirements have no spaces within and are words of their own.
# shellcheck disable=SC2086
install() {
    "$1" -m venv --clear "$folder/$2" \
        && "$folder/$2/bin/python" -m pip install --quiet --disable-pip-version-check $3 \
        && "$folder/$2/bin/python" -c "import $(module "$2")" \
        && echo "$3" >"$folder/$2/requirements"
}

make_environment() {
    wanted=$(requirements "$1") || say "$1" "there is no such peer" || return
    is_made "$1" "$wanted" && return
    python=$(find_python "$(versions "$1")") \
        || say "$1" "no Python of $(versions "$1") with ensurepip is on the path" || return
    install "$python" "$1" "$wanted" >"$folder/$1.log" 2>&1 \
        || say "$1" "$wanted cannot be installed, target/peers/$1.log says why"
}

mkdir -p "$folder"
[ $# -gt 0 ] || set -- flwr mpyc openmined spu
code=0
for peer in "$@"; do
    make_environment "$peer" || code=1
done
exit $code
