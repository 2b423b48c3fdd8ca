#!/bin/bash
# SPDX-License-Identifier: MIT
# ci/oss-fuzz/build.sh: build the fuzz targets as OSS-Fuzz and ClusterFuzzLite want it. Their base image
# sets CXX, CXXFLAGS, LIB_FUZZING_ENGINE, SRC, WORK and OUT according to the sanitizer, the engine and the
# architecture; whatever these say is used as it is, so every engine that knows LLVMFuzzerTestOneInput
# works. To $OUT go the targets, and for each its seed corpus, dictionary and options: nothing else that
# is executable, no scheme that is broken as it was posted, no planted bug.
#
#   LAZYMM_SOURCE      the sources ($SRC/lazymm)
#   LAZYMM_SCHEMES     only these schemes: "refcount;lazymm-2022" (all that have a fuzz target)
set -euo pipefail

source=${LAZYMM_SOURCE:-$SRC/lazymm}
build=$WORK/lazymm

# pack SCHEME TARGET: copy the target, and put beside it what its name promises.
pack()
{
	local scheme=$1 target=$2 status=0 files=()
	mapfile -d '' -t files < <(find "$source/corpus/$scheme" -type f \
		! -name '*.md' ! -name '*.txt' ! -name '*.json' -print0 2>/dev/null | sort -z)
	rm -rf -- "$build/pack/$target"
	"$build/bin/fuzz_pack" "$scheme" "$build/pack/$target" "${files[@]}" || status=$?
	[[ $status -ne 1 ]] || return 0
	[[ $status -eq 0 ]] || exit "$status"
	cp -- "$build/bin/$target" "$OUT/$target"
	cp -- "$build/pack/$target/dict" "$OUT/$target.dict"
	cp -- "$build/pack/$target/options" "$OUT/$target.options"
	rm -f -- "$OUT/${target}_seed_corpus.zip"
	(cd -- "$build/pack/$target/seeds" && find . -type f | sort |
		zip -q -X -@ "$OUT/${target}_seed_corpus.zip")
}

configuration=(
	"-DCMAKE_CXX_COMPILER=$CXX" "-DCMAKE_CXX_FLAGS=$CXXFLAGS"
	# No flags but theirs.
	-DCMAKE_BUILD_TYPE=None
	-DLAZYMM_TARGETS_ONLY=ON -DLAZYMM_BUGS=OFF -DLAZYMM_SANITIZER=given
	-DLAZYMM_FUZZ=ON "-DLAZYMM_FUZZ_ENGINE=$LIB_FUZZING_ENGINE"
)
if [[ -n ${LAZYMM_SCHEMES-} ]]; then
	configuration+=("-DLAZYMM_FUZZ_SCHEMES=$LAZYMM_SCHEMES")
fi

mkdir -p -- "$build" "$OUT"
cd -- "$build"
# $WORK may be another sanitizer's.
cmake --fresh -S "$source" -B "$build" -G Ninja "${configuration[@]}"
cmake --build "$build" --target fuzz_targets
mkdir -p -- "$build/pack"
while read -r scheme target; do
	pack "$scheme" "$target"
done <"$build/fuzz-targets.txt"
