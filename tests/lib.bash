# shellcheck disable=SC2034,SC2119,SC2120,SC2154
# Helpers of the bats files. Every test has a state directory and ports of its own; daemons are
# awaited by their first line, never by time.
#
#   load lib            (or ../lib)
#   setup() { bx_setup; sandbox_start; portal_app demo; serve_start; portal_install; }
#   teardown() { bx_teardown; }

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

BX_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BX_BIN=${BX_BIN:-$BX_ROOT/build/bin}
PATH=$BX_BIN:$PATH

bx_setup() {
	export BX_STATE=$BATS_TEST_TMPDIR/state
	mkdir -m 700 "$BX_STATE"
	unset BX_PORTAL BX_OUTPUT BX_ERRORS
	declare -gA BX_PIDS=()
}

# Ends what was started; a daemon that does not end in peace fails the test.
bx_teardown() {
	local name status=0
	[ "$(type -t wd_stop)" = function ] && wd_stop
	for name in "${!BX_PIDS[@]}"; do
		stop "$name" || status=1
	done
	if [ "$status" != 0 ] || [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		tail -n 20 "$BATS_TEST_TMPDIR"/*.err 2>/dev/null | sed 's/^/# /'
	fi
	return "$status"
}

# Starts a program in the background and reads its first line of output into FIRST; the rest goes
# to NAME.out beside its errors in NAME.err.   start NAME COMMAND [ARG...]
start() {
	local name=$1 dir=$BATS_TEST_TMPDIR
	shift
	rm -f "$dir/$name.first"
	mkfifo "$dir/$name.first"
	local out
	exec {out}> >(
		exec 3>&-
		IFS= read -r line
		printf '%s\n' "$line" >>"$dir/$name.out"
		printf '%s\n' "$line" >"$dir/$name.first"
		exec cat >>"$dir/$name.out"
	)
	"$@" </dev/null >&"$out" 2>>"$dir/$name.err" 3>&- {out}>&- &
	BX_PIDS[$name]=$!
	exec {out}>&-
	IFS= read -r FIRST <"$dir/$name.first"
	rm -f "$dir/$name.first"
	if [ -z "$FIRST" ]; then
		echo "$name did not start:" >&2
		cat "$dir/$name.err" >&2
		return 1
	fi
}

# Ends it by a signal (TERM); its status must be 0.   stop NAME [SIGNAL]
stop() {
	local pid=${BX_PIDS[$1]:-} status=0
	[ -n "$pid" ] || return 0
	unset "BX_PIDS[$1]"
	kill -s "${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || status=$?
	[ "${2:-TERM}" != KILL ] || return 0
	[ "$status" = 0 ] || echo "$1 ended with status $status" >&2
	return "$status"
}

# A field of a JSON text on standard input or of the last line of $output.
json() { jq -r "$1"; }
field() { jq -r "$1" <<<"${lines[-1]}"; }

# assert_json FILTER: the filter is true for the last line of $output.
assert_json() {
	jq -e "$1" <<<"${lines[-1]}" >/dev/null ||
		batslib_print_kv_single 8 filter "$1" line "${lines[-1]}" | batslib_decorate 'JSON differs' | fail
}

# The portal: SANDBOX is its address, DOMAIN host and port, SANDBOX_INFO its first line.
sandbox_start() {
	start sandbox bx-sandbox --listen 127.0.0.1:0 "$@" || return 1
	SANDBOX_INFO=$FIRST
	SANDBOX=$(jq -r .portal <<<"$FIRST")
	DOMAIN=$(jq -r .domain <<<"$FIRST")
	AUTH_SERVER=$(jq -r .auth_server <<<"$FIRST")
}
ctl() { bx-sandbox ctl --url "$SANDBOX" "$@"; }

# A profile of the sandbox's application, still without tokens.   portal_app NAME
portal_app() {
	jq -r .app.client_secret <<<"$SANDBOX_INFO" |
		bx-auth add "$1" --app --domain "$DOMAIN" --auth-server "$AUTH_SERVER" \
			--client-id "$(jq -r .app.client_id <<<"$SANDBOX_INFO")"
}
# A profile of the sandbox's webhook.   portal_webhook NAME
portal_webhook() {
	jq -r .webhook <<<"$SANDBOX_INFO" | bx-auth add "$1" --webhook
}

# The daemon: SERVE is its address, SERVE_INFO its first line, JOURNAL the file of its rows. It
# comes back at the port it had.
serve_start() {
	local listen=${SERVE_LISTEN:-127.0.0.2:0} url=${SERVE:-http://127.0.0.2:0}
	start serve bx-serve --listen "$listen" --public-url "$url" "$@" || return 1
	SERVE_INFO=$FIRST
	SERVE_LISTEN=$(jq -r .listening <<<"$FIRST")
	SERVE=http://$SERVE_LISTEN
	JOURNAL=$BATS_TEST_TMPDIR/serve.out
}

# The portal installs the application and the worker is registered.
portal_install() {
	ctl install "install_url=$SERVE/install" "event_url=$SERVE/event" >/dev/null && bx-bind worker >/dev/null
}

# The address of an employee's page.   page USER
page() { jq -r --arg id "$1" '.users[] | select(.ID | tostring == $id) | .page' <<<"$SANDBOX_INFO"; }

# Everything up to the first card.
whole_portal() { sandbox_start && portal_app demo >/dev/null && serve_start "$@" && portal_install; }
