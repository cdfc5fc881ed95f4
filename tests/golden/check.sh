#!/bin/sh
# Compares what is made of each manifest with what stands beside it, byte by byte, and says so in TAP.
#
#     check.sh PROGRAM FOLDER SCRATCH
set -u
program=$1 folder=$2 scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch"
number=0 failed=0
for manifest in "$folder"/*.yaml "$folder"/*.json; do
    name=${manifest##*/}
    stem=${name%.*}
    number=$((number + 1))
    touch "$scratch/$stem"
    if ! "$program" "$scratch" "$manifest"; then
        echo "not ok $number - $name"
        failed=1
        continue
    fi
    same=1
    for suffix in topics diag; do
        if [ -e "$folder/$stem.$suffix" ] || [ -e "$scratch/$stem.$suffix" ]; then
            diff -u -N "$folder/$stem.$suffix" "$scratch/$stem.$suffix" | sed 's/^/# /'
            [ -z "$(diff -q -N "$folder/$stem.$suffix" "$scratch/$stem.$suffix")" ] || same=0
        fi
    done
    if [ $same = 1 ]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        failed=1
    fi
done
for left in "$folder"/*.topics "$folder"/*.diag; do
    name=${left##*/}
    [ -e "$scratch/${name%.*}" ] || {
        echo "# $left belongs to no manifest"
        failed=1
    }
done
echo "1..$number"
exit $failed
