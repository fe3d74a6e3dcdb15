# A browser for tests: chromedriver over plain HTTP and JSON. Clicks are the browser's own, at the
# element. Waiting is done by the browser (implicit waits), never by sleeping.
#
#   wd_start; wd_open URL; wd_wait CSS; wd_click CSS; wd_stop
#   wd_browser ann; wd_open URL; wd_browser ben; wd_open URL     (two browsers at once)

WD_WAIT_MS=${WD_WAIT_MS:-60000}
WD_ELEMENT=element-6066-11e4-a52e-4f735466cecf

# One WebDriver call: METHOD PATH [JSON]. Prints the value as JSON; an error goes to stderr. A test
# makes dozens of calls, and jq takes longer to start than most of them: the shell takes apart what
# chromedriver writes, {"value":VALUE} or {"value":{"error":...,"message":...,"stacktrace":...}}.
wd_call() {
	local answer
	local -a body=()
	[ "$1" = POST ] && body=(-d "${3:-{\}}")
	answer=$(curl -sS -X "$1" -H 'Content-Type: application/json' "${body[@]}" "$WD_URL$2") || return 1
	wd_value "$answer"
}
# The value of an answer.
wd_value() {
	local answer=$1
	case $answer in
	'{"value":{'*'"error":"'*'"message":"'*'"stacktrace":'*)
		jq -r '.value | "webdriver: \(.error): \(.message)"' <<<"$answer" | head -n 3 >&2
		return 1
		;;
	'{"value":'*'}')
		answer=${answer#'{"value":'}
		printf '%s\n' "${answer%\}}"
		;;
	*)
		printf 'webdriver: %s\n' "${answer:-no answer}" >&2
		return 1
		;;
	esac
}
# A text as JSON.
wd_json() {
	local text=${1//\\/\\\\}
	text=${text//\"/\\\"}
	text=${text//$'\n'/\\n}
	printf '"%s"' "${text//$'\t'/\\t}"
}
# The text that GET PATH gives; null is none.
wd_get() {
	local value
	value=$(wd_call GET "$1") || return 1
	case $value in
	*\\*) jq -r . <<<"$value" ;;
	null) ;;
	*)
		value=${value#\"}
		printf '%s\n' "${value%\"}"
		;;
	esac
}

# Starts chromedriver and a first browser. More Chromium flags may be given.
# shellcheck disable=SC2120
wd_start() { wd_driver && wd_browser main "$@"; }

# Chromedriver takes a free port of IPv6 and ends when somebody has the same one of IPv4: it is asked
# again then.
wd_driver() {
	local try
	[ -z "${WD_PID:-}" ] || return 0
	WD_DIR=$(mktemp -d "${BATS_TEST_TMPDIR:-${TMPDIR:-/tmp}}/browser.XXXXXX") || return 1
	declare -gA WD_SESSIONS=()
	for try in 1 2 3 4 5; do
		! wd_listen || return 0
	done
	echo "chromedriver did not start, tried $try times:" >&2
	cat "$WD_DIR"/driver.{out,err} >&2
	return 1
}

# One chromedriver: its address is in WD_BASE, what it says in driver.out and driver.err.
wd_listen() {
	local line=''
	mkfifo "$WD_DIR/fifo"
	chromedriver --port=0 >"$WD_DIR/fifo" 2>>"$WD_DIR/driver.err" 3>&- &
	WD_PID=$!
	exec {WD_FD}<"$WD_DIR/fifo"
	rm "$WD_DIR/fifo"
	while IFS= read -r line <&"$WD_FD"; do
		printf '%s\n' "$line" >>"$WD_DIR/driver.out"
		case $line in *'started successfully on port '*) break ;; esac
	done
	line=${line##* port }
	WD_BASE=http://127.0.0.1:${line%.}
	case $line in
	[0-9]*.)
		# What chromedriver still says is read by nobody else.
		cat <&"$WD_FD" >>"$WD_DIR/driver.out" 3>&- &
		;;
	*)
		wait "$WD_PID" 2>/dev/null
		exec {WD_FD}<&-
		unset WD_PID WD_FD
		return 1
		;;
	esac
}

# The address bar's own page is a process of two thirds of a second that no test looks at.
WD_WITHOUT=PreloadTopChromeWebUI,WebUIOmniboxPopup,WebUIOmniboxAimPopup

# Goes on in the browser of that name, which is started with a fresh profile when it is new.
wd_browser() {
	local name=$1 flags id
	shift
	wd_driver || return 1
	if [ -z "${WD_SESSIONS[$name]:-}" ]; then
		flags=$(printf '%s\n' --headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
			--disable-background-networking --disable-component-update --disable-sync \
			--disable-dev-shm-usage --disable-extensions --no-default-browser-check \
			--window-size=1200,900 --hide-scrollbars "--disable-features=$WD_WITHOUT" "--user-data-dir=$WD_DIR/$name" "$@" |
			jq -R . | jq -cs .)
		WD_URL=$WD_BASE
		id=$(wd_call POST /session "$(jq -nc --argjson args "$flags" --argjson wait "$WD_WAIT_MS" '
			{capabilities: {alwaysMatch: {browserName: "chrome", unhandledPromptBehavior: "accept",
				timeouts: {implicit: $wait, pageLoad: 60000, script: 60000},
				"goog:loggingPrefs": {browser: "ALL"},
				"goog:chromeOptions": {args: $args}}}}')" | jq -r .sessionId)
		[ -n "$id" ] || return 1
		WD_SESSIONS[$name]=$id
	fi
	WD_URL=$WD_BASE/session/${WD_SESSIONS[$name]}
}

wd_stop() {
	local name
	[ -n "${WD_PID:-}" ] || return 0
	for name in "${!WD_SESSIONS[@]}"; do
		WD_URL=$WD_BASE/session/${WD_SESSIONS[$name]}
		wd_call DELETE '' >/dev/null 2>&1 || :
	done
	kill "$WD_PID" 2>/dev/null || :
	wait "$WD_PID" 2>/dev/null || :
	exec {WD_FD}<&-
	unset WD_PID WD_SESSIONS WD_FD
	return 0
}

wd_open() { wd_call POST /url "{\"url\":$(wd_json "$1")}" >/dev/null; }
wd_reload() { wd_call POST /refresh >/dev/null; }
wd_title() { wd_get /title; }

# The id of the first element of a CSS selector (or of an XPath that begins with / or parenthesis).
# The browser waits until there is one.
wd_find() {
	local using='css selector' found
	case $1 in /* | \(*) using=xpath ;; esac
	found=$(wd_call POST "${2:+/element/$2}/element" "{\"using\":\"$using\",\"value\":$(wd_json "$1")}") &&
		[[ $found =~ \"$WD_ELEMENT\":\"([^\"]+)\" ]] && printf '%s\n' "${BASH_REMATCH[1]}"
}
wd_wait() { wd_find "$1" >/dev/null; }

# True when there is none of these at this moment; the browser does not wait.
wd_none() {
	local found
	wd_call POST /timeouts '{"implicit":0}' >/dev/null
	found=$(wd_call POST /elements "{\"using\":\"css selector\",\"value\":$(wd_json "$1")}")
	wd_call POST /timeouts "{\"implicit\":$WD_WAIT_MS}" >/dev/null
	[ "$found" = '[]' ]
}

# Waits until no element has this id.
wd_gone() { wd_wait "//body[not(//*[@id='$1'])]"; }

wd_click() {
	local id
	id=$(wd_find "$1") && wd_call POST "/element/$id/click" >/dev/null
}
wd_type() {
	local id
	id=$(wd_find "$1") &&
		wd_call POST "/element/$id/value" "{\"text\":$(wd_json "$2")}" >/dev/null
}
wd_text() {
	local id
	id=$(wd_find "$1") && wd_get "/element/$id/text"
}
wd_attr() {
	local id
	id=$(wd_find "$1") && wd_get "/element/$id/attribute/$2"
}
wd_css() {
	local id
	id=$(wd_find "$1") && wd_get "/element/$id/css/$2"
}

# The card of the sandbox's page: its buttons are all there, those of the present state are shown.
wd_shown() { wd_wait "#btn-$1:not([hidden])"; }
wd_press() { wd_click "#btn-$1:not([hidden])"; }
wd_state() { wd_wait "#card[data-state=\"$1\"]"; }

# Waits until the element with this id shows (or has, for hidden ones) the text.
wd_wait_text() { wd_wait "//*[@id='$1'][contains(normalize-space(.), '$2')]"; }

wd_frame() {
	local id
	id=$(wd_find "$1") &&
		wd_call POST /frame "{\"id\":{\"$WD_ELEMENT\":\"$id\"}}" >/dev/null
}
wd_top() { wd_call POST /frame '{"id":null}' >/dev/null; }

wd_tab() { wd_get /window; }
# Opens another tab of the same browser and moves there; prints its handle.
wd_new_tab() {
	local handle
	handle=$(wd_call POST /window/new '{"type":"tab"}') && [[ $handle =~ \"handle\":\"([^\"]+)\" ]] || return 1
	handle=${BASH_REMATCH[1]}
	wd_switch "$handle" && printf '%s\n' "$handle"
}
wd_switch() { wd_call POST /window "{\"handle\":\"$1\"}" >/dev/null; }
wd_close_tab() { wd_call DELETE /window >/dev/null; }

# Runs JavaScript that only reads; prints its result as JSON. Arguments follow as texts.
wd_js() { wd_plain "$(wd_call POST /execute/sync "$(wd_script "$@")")"; }
wd_script() {
	local script=$1 args='' arg
	shift
	for arg; do args+=${args:+,}$(wd_json "$arg"); done
	printf '{"script":%s,"args":[%s]}' "$(wd_json "$script")" "$args"
}
# Chromedriver spells more characters as numbers than jq does. Nothing is a call that failed.
wd_plain() {
	case $1 in
	'') return 1 ;;
	*\\*) jq -c . <<<"$1" ;;
	*) printf '%s\n' "$1" ;;
	esac
}

# The same in the frame of that number (from 0) of the present document, and back to the page: three
# calls in one run of curl, for tests do little else.   wd_js_in NUMBER SCRIPT [ARG...]
wd_js_in() {
	local number=$1 answers=()
	local -a post=(-sS -w '\n' -H 'Content-Type: application/json')
	shift
	mapfile -t answers < <(curl "${post[@]}" -d "{\"id\":$number}" "$WD_URL/frame" \
		--next "${post[@]}" -d "$(wd_script "$@")" "$WD_URL/execute/sync" \
		--next "${post[@]}" -d '{"id":null}' "$WD_URL/frame")
	wd_value "${answers[0]:-}" >/dev/null && wd_plain "$(wd_value "${answers[1]:-}")"
}

# A picture of the page, or of one element.
wd_shot() {
	local id path=/screenshot
	if [ -n "${2:-}" ]; then
		id=$(wd_find "$2") || return 1
		path=/element/$id/screenshot
	fi
	wd_call GET "$path" | jq -r . | base64 -d >"$1"
}

# What the pages wrote to the console since the last look.
wd_console() { wd_call POST /se/log '{"type":"browser"}' | jq -r '.[] | "\(.level) \(.message)"'; }
