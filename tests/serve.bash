# shellcheck shell=bash disable=SC2154,SC2034
# What the tests of the daemon share: they are the portal, its pages and their frames.

SID=c0ffee00c0ffee00c0ffee00c0ffee00

# A portal with the app installed; the daemon's arguments may be given.
installed() {
	sandbox_start
	portal_app demo >/dev/null
	serve_start "$@"
	MEMBER=$(jq -r .member_id <<<"$SANDBOX_INFO")
	APP_TOKEN=$(ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" | jq -r .application_token)
	ctl idle >/dev/null
}

# The handler page, as a portal's page posts for it; options of curl come first.   page [-OPTION...] [FIELD=VALUE...]
page() {
	local -a options=()
	local arg
	for arg; do
		case $arg in -*) options+=("$arg") ;; *) options+=(--data-urlencode "$arg") ;; esac
	done
	curl -sS "$SERVE/worker?DOMAIN=${PAGE_DOMAIN-$DOMAIN}&PROTOCOL=0&LANG=en&APP_SID=$SID" \
		-d 'AUTH_EXPIRES=3600&REFRESH_ID=nor-this&PLACEMENT=PAGE_BACKGROUND_WORKER' "${options[@]}"
}
page_status() { page -o/dev/null '-w%{http_code}' "$@"; }
frame_token() { page "member_id=$MEMBER" "APPLICATION_TOKEN=$APP_TOKEN" | grep -o '"t":"[^"]*"' | cut -d'"' -f4; }

# A frame's line: what comes down is read by `down`.   line_open [ORIGIN]
line_open() {
	rm -f line.in line.out
	mkfifo line.in line.out
	"$BX_BIN/../tests/tools/wscat" "ws://$SERVE_LISTEN/frame" "${1-$SERVE}" <line.in >line.out 3>&- &
	LINE_ID=$!
	exec {LINE_IN}>line.in {LINE_OUT}<line.out
}
up() { printf '%s\n' "$1" >&"$LINE_IN"; }
# Reads lines until one passes the filter, which is then in $DOWN.   down FILTER
down() {
	while IFS= read -r -t 20 DOWN <&"$LINE_OUT"; do
		if jq -e "$1" <<<"$DOWN" >/dev/null 2>&1 || [ "$DOWN" = "$1" ]; then return 0; fi
	done
	echo "nothing came down that is $1" >&2
	return 1
}
line_close() {
	exec {LINE_IN}>&- {LINE_OUT}<&-
	wait "$LINE_ID" || true
}
hello() { up "$(jq -nc --arg t "$1" --argjson m "${2:-[]}" '{t: $t, u: "1", k: null, m: $m, r: []}')"; }
initialized() { jq -nc --argjson n "$1" --arg call "$2" '{n: $n, e: "initialized", d: {CALL_ID: $call}}'; }
click() { jq -nc --argjson n "$1" --arg e "$2" '{n: $n, e: $e, d: null}'; }

records() { bx-card events "$@"; }
metric() { curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics | grep -v '^#' | grep -F "$1 " | cut -d' ' -f2; }
refused() { metric "bx_serve_refused_total{why=\"$1\"}"; }
# An event of the portal's service.   deliver EVENT TOKEN [FIELD=VALUE...]
deliver() {
	local -a fields=(-d "event=$1" --data-urlencode "auth[application_token]=$2")
	local field
	shift 2
	for field; do fields+=(--data-urlencode "$field"); done
	curl -sS -o /dev/null -w '%{http_code}' "$SERVE/event" "${fields[@]}" \
		--data-urlencode "auth[member_id]=${AS_MEMBER-$MEMBER}" --data-urlencode "auth[domain]=$DOMAIN"
}

control() { "$BX_BIN/../tests/tools/control" "$@"; }
# What bx-call register tells the daemon.
own() { control own "$(jq -nc --arg call "$1" '{portal: "demo", CALL_ID: $call, user: 1}')" >/dev/null; }

# Waits until a file has a line with that text.   await_line TEXT FILE
await_line() {
	local line tail
	exec {tail}< <(exec tail -n +1 -F "$2" 2>/dev/null 3>&-)
	local pid=$!
	while read -r -t 20 line <&"$tail"; do
		case $line in *"$1"*) break ;; esac
	done
	kill "$pid"
	exec {tail}<&-
	case $line in *"$1"*) ;; *) return 1 ;; esac
}

# A network between, which can be stopped and cut (tests/tools/oldproxy). Arguments are the daemon's.
behind_proxy() {
	sandbox_start
	portal_app demo >/dev/null
	start proxy "$BX_BIN/../tests/tools/oldproxy" 127.0.0.2 target cut
	serve_start --public-url "http://$(jq -r .listening <<<"$FIRST")" "$@"
	echo "$SERVE_LISTEN" >target
	portal_install >/dev/null
}

# A page that loads meanwhile does not wait for the other tabs. Its limit is what all tests take for
# never: the portal's own five seconds may pass on a busy machine, a held request passes this too.
#   not_slow COMMAND...
not_slow() {
	local before
	before=$(slow_loads)
	ctl slow --ms 15000 >/dev/null
	"$@"
	wd_wait 'body[data-ready]'
	assert_equal "$(slow_loads)" "$before"
}
slow_loads() { bx-bind ls | jq -s 'map(.options.maxTimeCount // 0 | tonumber) | add'; }

# A web server of an address of its own, which is then in WEB, with these directives.   web_server DIRECTIVES
web_server() {
	WEB=127.$((RANDOM % 200 + 20)).$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1)):8090
	mkdir temp
	cat >nginx.conf <<-END
		pid $PWD/nginx.pid;
		events {}
		http {
			access_log off;
			client_body_temp_path $PWD/temp/body;
			proxy_temp_path $PWD/temp/proxy;
			fastcgi_temp_path $PWD/temp/fastcgi;
			uwsgi_temp_path $PWD/temp/uwsgi;
			scgi_temp_path $PWD/temp/scgi;
			server {
				listen $WEB;
				$1
			}
		}
	END
	nginx -p "$PWD" -e "$PWD/nginx.err" -c "$PWD/nginx.conf"
}
web_server_stop() { [ ! -e nginx.pid ] || kill -QUIT "$(cat nginx.pid)"; }

# That many pages of one operator, each in a tab of its own, which are then in TABS.   open_tabs COUNT
open_tabs() {
	TABS=("$(wd_tab)")
	wd_open "$(page_of 101)"
	while [ "${#TABS[@]}" -lt "$1" ]; do
		wd_new_tab >tab
		TABS+=("$(cat tab)")
		wd_open "$(page_of 101)"
	done
}
# Does so in each of the tabs.   in_each COMMAND...
in_each() {
	local tab
	for tab in "${TABS[@]}"; do
		wd_switch "$tab"
		"$@"
	done
}
