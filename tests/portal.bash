# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# Portal and daemon for tests and the demo, each awaited by its first line, never by time. What
# they write lies in RUN_DIR as NAME.out and NAME.err.

declare -gA BX_PIDS=()

# Starts a program in the background and reads its first line of output into FIRST; the rest goes
# to NAME.out beside its errors in NAME.err.   start NAME COMMAND [ARG...]
start() {
	local name=$1 dir=$RUN_DIR out
	shift
	rm -f "$dir/$name.first"
	mkfifo "$dir/$name.first"
	# The reader outlives an interrupted script, as the daemon may.
	exec {out}> >(
		exec 2>/dev/null 3>&- 9>"$dir/$name.held"
		flock 9
		trap '' INT HUP
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

# Ends it by a signal (TERM); its status must be 0, and what it said is in its file.   stop NAME [SIGNAL]
stop() {
	local pid=${BX_PIDS[$1]:-} status=0
	[ -n "$pid" ] || return 0
	unset "BX_PIDS[$1]"
	kill -s "${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || status=$?
	flock -w 10 "$RUN_DIR/$1.held" true 2>/dev/null || :
	[ "${2:-TERM}" != KILL ] || return 0
	[ "$status" = 0 ] || echo "$1 ended with status $status" >&2
	return "$status"
}

# The portal: SANDBOX is its address, DOMAIN host and port, SANDBOX_INFO its first line.
sandbox_start() {
	start sandbox bx-sandbox --listen 127.0.0.1:0 "$@" || return 1
	SANDBOX_INFO=$FIRST
	SANDBOX=$(jq -r .portal <<<"$FIRST")
	DOMAIN=$(jq -r .domain <<<"$FIRST")
	AUTH_SERVER=$(jq -r .auth_server <<<"$FIRST")
	export BX_SANDBOX=$SANDBOX
}
ctl() { bx-sandbox ctl "$@"; }

# An employee by the inner number: the number of the user, the address of the portal page.
user_of() { jq -r --arg inner "$1" '.users[] | select(.inner | tostring == $inner) | .ID' <<<"$SANDBOX_INFO"; }
page_of() { jq -r --arg inner "$1" '.users[] | select(.inner | tostring == $inner) | .page' <<<"$SANDBOX_INFO"; }

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

# The daemon: SERVE is its address, SERVE_INFO its first line, JOURNAL the file of its rows. Started
# again, it comes back at the port it had.
serve_start() {
	start serve bx-serve --listen "${SERVE_LISTEN:-127.0.0.2:0}" "$@" || return 1
	SERVE_INFO=$FIRST
	SERVE_LISTEN=$(jq -r .listening <<<"$FIRST")
	SERVE=http://$SERVE_LISTEN
	JOURNAL=$RUN_DIR/serve.out
}

# The portal installs the application, which then registers its worker.
portal_install() {
	ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" && ctl idle && bx-bind worker
}

# Everything up to the first card. Arguments are the daemon's.
whole_portal() {
	sandbox_start && portal_app demo >/dev/null && serve_start "$@" && portal_install >/dev/null
}
