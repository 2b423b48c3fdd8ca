# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Which schemes a changed file matters to. Sourced behind common.sh; reads the sources, needs no build.

# scheme_files: the sources of schemes, but for the one that is for copying out.
scheme_files()
{
	find core/schemes -name '*.h' -o -name '*.cc' ! -name '*_test.cc' ! -name template.cc | sort
}

# dependents FILE: FILE of core/schemes, and every file there that includes it or what it implements, and so on: a
# scheme that is derived from another includes its header.
dependents()
{
	local todo=("$1") file header user
	local -A seen=()
	while [[ ${#todo[@]} -gt 0 ]]; do
		file=${todo[-1]}
		unset 'todo[-1]'
		[[ ! -v seen[$file] ]] || continue
		seen[$file]=1
		header=${file%.*}.h
		while IFS= read -r user; do
			todo+=("$user")
		done < <(scheme_files | xargs grep -lF "#include \"$header\"" 2>/dev/null)
	done
	printf '%s\n' "${!seen[@]}" | sort
}

# registered FILE...: the names of the schemes that these files register.
registered()
{
	local file
	for file in "$@"; do
		[[ ! -f $file ]] || awk '
			/^REGISTER_SCHEME\(/ { inside = 1 }
			/^REGISTER_BUG\(/ { inside = 0 }
			inside && match($0, /\.name = "[^"]*"/) { print substr($0, RSTART + 9, RLENGTH - 10); inside = 0 }
		' "$file"
	done
}

# concerns FILE: what to do about a changed file, in one line: "all WHY", "none WHY", "properties WHY", or
# "scheme NAME... : WHY".
concerns()
{
	local file=$1 users names
	case $file in
	*_test.cc | *_bench.cc | *_rig.h | *_test.h) printf 'none a test: ci/test runs it\n' ;;
	core/schemes/template.cc) printf 'none for copying out: ci/test builds it\n' ;;
	core/schemes/bugs/*) printf 'none planted bugs: the regressions have a witness of each\n' ;;
	core/schemes/registry.*) printf 'all every scheme registers itself there\n' ;;
	core/schemes/*)
		mapfile -t users < <(dependents "$file")
		mapfile -t names < <(registered "${users[@]}" | sort -u)
		[[ ${#names[@]} -gt 0 ]] || { printf 'all no scheme is known to be made of it\n' && return; }
		printf 'scheme %s : made of it\n' "${names[*]}"
		;;
	core/machine/* | core/kernel/* | core/oracles/* | core/harness/* | core/schedule/*)
		printf 'all what every scheme runs on\n' ;;
	fuzz/lazymm/* | core/report/* | core/litmus/*) printf 'none no part of a fuzz target: ci/test tests it\n' ;;
	fuzz/*) printf 'all part of every fuzz target\n' ;;
	properties/*) printf 'properties a property, or what they share\n' ;;
	corpus/*/*)
		file=${file#corpus/}
		printf 'scheme %s : its corpus\n' "${file%%/*}"
		;;
	CMakeLists.txt | CMakePresets.json | core/CMakeLists.txt | ci/cmake/*) printf 'all how everything is built\n' ;;
	*) printf 'none no code that a schedule runs\n' ;;
	esac
}
