# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the scripts of ci/ share: strict mode, the repository as current directory, steps with progress
# and logs, and an interrupt that leaves nothing running. Sourced first.

set -euo pipefail

self=ci/${0##*/}
started_in=$PWD
cd -- "$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)"

say()
{
	printf '%s: %s\n' "$self" "$*"
}

# Bad usage or a machine that lacks something: exit 2, as lazymm itself does.
die()
{
	say "$*" >&2
	exit 2
}

# A path that somebody gave, who may not be where the repository is.
given_path()
{
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s\n' "$started_in/$1" ;;
	esac
}

# Print the head comment of this script as its help.
usage()
{
	sed -n '/^# SPDX/,/^$/{/^# SPDX/d;s/^# \{0,1\}//p}' "ci/${0##*/}"
}

job= # process group of what runs now

# run_job LOG COMMAND...: in a process group of its own, because only then does an interrupt end
# the grandchildren (compilers, tests) too.
run_job()
{
	local log=$1 status=0
	shift
	set -m
	"$@" >>"$log" 2>&1 </dev/null &
	job=$!
	set +m
	wait "$job" || status=$?
	job=
	return "$status"
}

stop()
{
	local status=$1
	trap '' INT TERM
	if [[ -n $job ]]; then
		kill -TERM -- "-$job" 2>/dev/null || true
		for _ in {1..50}; do
			kill -0 -- "-$job" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL -- "-$job" 2>/dev/null || true
	fi
	printf '\n'
	say "interrupted after $SECONDS s"
	exit "$status"
}
trap 'stop 130' INT
trap 'stop 143' TERM

# A step's line of progress is printed in two parts: what is done now, and what came of it.
begin()
{
	step_start=$SECONDS
	printf '%s: [%4d s] %s ... ' "$self" "$SECONDS" "$*"
}

end()
{
	printf '%s, %d s\n' "$*" "$((SECONDS - step_start))"
}

# show_tail LOG: what somebody looking for the cause reads first, without ninja's own progress.
show_tail()
{
	sed '/^\[[0-9]*\/[0-9]*\] /d' -- "$1" | tail -n 40 | sed 's/^/    /'
}

# step TITLE LOG NEXT COMMAND...: NEXT is what to run by hand if it fails.
step()
{
	local title=$1 log=$2 next=$3
	shift 3
	mkdir -p -- "$(dirname -- "$log")"
	: >"$log"
	begin "$title"
	if run_job "$log" "$@"; then
		end ok
		return 0
	fi
	end FAILED
	show_tail "$log"
	say "that was the end of $log; to see it again: $next"
	return 1
}

# For the page of a GitHub job, in Markdown from standard input; nowhere else.
step_summary()
{
	if [[ -n ${GITHUB_STEP_SUMMARY-} ]]; then
		cat >>"$GITHUB_STEP_SUMMARY"
	else
		cat >/dev/null
	fi
}

# build_preset PRESET [TARGET...]
build_preset()
{
	local build=(cmake --build --preset "$1" --target "${@:2}")
	[[ $# -gt 1 ]] || build+=(all)
	step "$1: configure" "build/logs/$1-configure.log" "cmake --fresh --preset $1" \
		cmake --preset "$1" &&
		step "$1: build" "build/logs/$1-build.log" "${build[*]}" "${build[@]}" -j "$(nproc)"
}

if command -v ccache >/dev/null; then
	export CMAKE_CXX_COMPILER_LAUNCHER=ccache
	# Without, it does not cache what is compiled with a precompiled header.
	export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}
fi

# Sanitizers look for a plain "llvm-symbolizer", which Debian's packages do not put into the path. (ctest
# knows from CMake.)
use_symbolizer()
{
	local symbolizer name
	symbolizer=$(command -v llvm-symbolizer llvm-symbolizer-19 | head -n 1) || return 0
	for name in ASAN TSAN UBSAN; do
		export "${name}_SYMBOLIZER_PATH=$symbolizer"
	done
}
