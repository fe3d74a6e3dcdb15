# shellcheck shell=bash disable=SC2154
# Helpers of the bats files. Every test has a state directory and ports of its own.
#
#   load lib            (or ../lib)
#   setup() { bx_setup; whole_portal; }
#   teardown() { bx_teardown; }

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

BX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BX_BIN=${BX_BIN:-$BX_ROOT/build/bin}
PATH=$BX_BIN:$PATH
. "$BX_ROOT/tests/portal.bash"
. "$BX_ROOT/tests/jq.bash"

bx_setup() {
	export BX_STATE=$BATS_TEST_TMPDIR/state
	RUN_DIR=$BATS_TEST_TMPDIR
	mkdir -m 700 "$BX_STATE"
	unset BX_PORTAL BX_OUTPUT BX_ERRORS
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Ends what was started; a daemon that does not end in peace fails the test.
bx_teardown() {
	local name status=0
	[ "$(type -t wd_stop)" = function ] && wd_stop
	for name in "${!BX_PIDS[@]}"; do
		stop "$name" || status=1
	done
	if [ "$status" != 0 ] || [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		tail -n 20 "$RUN_DIR"/*.err 2>/dev/null | sed 's/^/# /'
	fi
	return "$status"
}

# A field of the last line of $output.   field FILTER
field() { jq -r "$1" <<<"${lines[-1]}"; }

# assert_json FILTER: the filter is true for the last line of $output.
assert_json() {
	jq -e "$1" <<<"${lines[*]: -1}" >/dev/null ||
		batslib_print_kv_single 8 filter "$1" line "${lines[*]: -1}" | batslib_decorate 'JSON differs' | fail
}
