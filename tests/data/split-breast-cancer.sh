#!/bin/sh
# Splits the breast cancer data by columns between two organizations that have some patients in common,
# into FOLDER: clinic.csv has radius, texture and the diagnosis of the patients 1 to 450, and laboratory.csv
# smoothness and concavity of the patients 101 to 569, in another order and with another way to write them.
set -eu
folder=${1:?usage: split-breast-cancer.sh FOLDER}
mkdir -p "$folder"
data=$(dirname "$0")/breast_cancer.csv
awk -F, 'NR == 1 { print "patient,mean_radius,mean_texture,target"; next }
    NR <= 451 { printf "BC-%04d,%s,%s,%s\n", NR - 1, $1, $2, $31 }' "$data" >"$folder/clinic.csv"
awk -F, 'NR == 1 { print "patient,mean_smoothness,mean_concavity"; next }
    NR > 101 { row[NR] = sprintf(" bc-%04d,%s,%s", NR - 1, $5, $7) }
    END { for (i = NR; i > 101; i--) print row[i] }' "$data" >"$folder/laboratory.csv"
