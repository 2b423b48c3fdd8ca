# shellcheck shell=bash disable=SC2154 # preset and log are the caller's
# SPDX-License-Identifier: MIT
# The fuzz targets of a preset: which executable fuzzes which scheme, what is expected of it, how it is run, and
# what it starts from. Sourced behind common.sh, with $preset set; $log is where the output goes.

declare -A target_of expected_of

# read_targets [SCHEME...]: as the build and the schemes say, into $schemes, target_of and expected_of; of all
# schemes if none is named.
read_targets()
{
	local scheme target json known=()
	bin=build/$preset/bin
	while read -r scheme target; do
		target_of[$scheme]=$PWD/$bin/$target
		known+=("$scheme")
	done <"build/$preset/fuzz-targets.txt"
	schemes=("$@")
	[[ ${#schemes[@]} -gt 0 ]] || schemes=("${known[@]}")

	json=$("$bin/lazymm" list schemes --json) ||
		die "\"$bin/lazymm list schemes --json\" does not say what is expected of the schemes"
	for scheme in "${schemes[@]}"; do
		[[ -v target_of[$scheme] ]] || die "no fuzz target for scheme \"$scheme\"; there is: ${known[*]}"
		expected_of[$scheme]=$(jq -r --arg name "$scheme" \
			'[.[] | select(.name == $name) | .expect][0] // "sound"' <<<"$json")
	done
}

# What TSan is told: the first two, so that libFuzzer learns of a race and saves its input; the third, because
# libFuzzer's own handling of an abort() is "unsafe" by TSan's rules, and to report that ends in a deadlock. For
# targets alone: the command goes on past a race, to minimise it.
target_environment=(env "TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}halt_on_error=1:exitcode=77:report_signal_unsafe=0")

# target_command SCHEME SECONDS: into $command, what its arguments go behind. Should a target hang where libFuzzer's
# own limit does not reach, then it is ended after SECONDS.
target_command()
{
	command=("${target_environment[@]}" timeout -k 10 "$2" "${target_of[$1]}" -timeout=10 -rss_limit_mb=2048)
}

# run_target SCHEME SECONDS ARGUMENT...: with output to the log.
run_target()
{
	local command
	target_command "$1" "$2"
	run_job "$log" "${command[@]}" "${@:3}"
}

# as_bytes SEED: libFuzzer's input; text is for people.
as_bytes()
{
	case $1 in
	*.sched) "$bin/lazymm" bytes "$1" ;;
	*) cat -- "$1" ;;
	esac
}

# collect_seeds SCHEME INTO: copy corpus/SCHEME, seeds and witnesses, into a directory. The witness of a planted
# bug is a good seed for the scheme itself. Those of a scheme that is known to be broken stay out, and so do
# regressions that are not repaired: libFuzzer would stop at the first of them, and look for nothing else. Counts
# in $unusable what is no seed at all.
collect_seeds()
{
	local scheme=$1 into=$2 seed copy n=0 refused=0
	while IFS= read -r -d '' seed; do
		n=$((n + 1))
		copy=$into/$n-$(basename -- "$seed" .sched)
		if ! as_bytes "$seed" >"$copy" 2>>"$log"; then
			say "cannot use the seed $seed; see $log"
			unusable=$((unusable + 1))
			rm -f -- "$copy"
		elif [[ ${expected_of[$scheme]} == broken || $seed == */regressions/* ]] &&
			! run_target "$scheme" 60 -artifact_prefix="$into/../refused-" "$copy"; then
			refused=$((refused + 1))
			rm -f -- "$copy"
		fi
	done < <(find "corpus/$scheme" -type f ! -name '*.md' ! -name '*.txt' ! -name '*.json' -print0 \
		2>/dev/null | sort -z)
	[[ $refused -eq 0 ]] || say "$scheme: known witnesses, not used as seeds: $refused"
}
