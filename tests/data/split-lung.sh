#!/bin/sh
# Splits the lung cancer data into the registries of three regions, by institution, into FOLDER:
# north.csv (institutions 1 to 5), middle.csv (6 to 12) and south.csv (13 and above).
set -eu
folder=${1:?usage: split-lung.sh FOLDER}
mkdir -p "$folder"
awk -F, -v folder="$folder" '
    NR == 1 { for (i = split("north middle south", region, " "); i; i--) print > (folder "/" region[i] ".csv"); next }
    { print > (folder "/" ($1 <= 5 ? "north" : $1 <= 12 ? "middle" : "south") ".csv") }
' "$(dirname "$0")/lung.csv"
