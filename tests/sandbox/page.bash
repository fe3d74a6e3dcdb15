# shellcheck shell=bash
# The sandbox's browser side, without any of our clients: one app whose worker is the bare one of a
# second sandbox, which is another site to the browser. A test says what the frame says and reads
# what it heard; clicks are the browser's own.
load ../lib
load ../webdriver

PAGE_CARD=BackgroundCallCard::

# page_setup [SANDBOX OPTION...]
page_setup() {
	bx_setup
	start practice bx-sandbox --listen 127.0.0.2:0
	PRACTICE=$(jq -r .portal <<<"$FIRST")
	HANDLER="$PRACTICE/page/practice?own=1"
	sandbox_start "$@"
	world install >/dev/null
	TOKEN=$(world token | jq -r .access_token)
	bind_worker >/dev/null
}

post_json() {
	curl -sS -H 'Content-Type: application/json' -d "$2" "$1"
}
# The world around the portal.   world VERB [JSON]
world() { post_json "$SANDBOX/sandbox/$1" "${2:-{\}}"; }
# A call of the app.   rest METHOD [JSON]
rest() {
	post_json "$SANDBOX/rest/$1" "$(jq -c --arg auth "$TOKEN" '{auth: $auth} + .' <<<"${2:-{\}}")"
}
bind_worker() {
	rest placement.bind "$(jq -nc --arg handler "${1:-$HANDLER}" --arg error "$PRACTICE/sandbox/sink/error" \
		--argjson user "${2:-0}" '{PLACEMENT: "PAGE_BACKGROUND_WORKER", HANDLER: $handler,
			OPTIONS: {errorHandlerUrl: $error}, USER_ID: $user}')"
}

# Opens the page of employee 1 (or ?query of it) and waits until its frames are there.
page() {
	wd_open "$SANDBOX/page/${2:-1}${1:+?$1}" && wd_wait 'body[data-ready]'
}
# Registers a call, by default to employee 1, and keeps its id in CALL.   ring [JSON]
ring() {
	CALL=$(rest telephony.externalCall.register "$(jq -c '{USER_ID: 1, TYPE: 2, LINE_NUMBER: "15550100",
		PHONE_NUMBER: "+1 (555) 010-0199"} + .' <<<"${1:-{\}}")" | jq -er .result.CALL_ID)
}

# The worker frame of that number, in the page or (INSIDE=1) in its side panel.
FRAME=1 INSIDE=''
enter() {
	wd_top
	[ -z "$INSIDE" ] || wd_frame '#slider-frame'
	wd_frame "(//*[@id='frames']//iframe)[$FRAME]"
}
inside_ready() { wd_frame '#slider-frame' && wd_wait 'body[data-ready]' && wd_top; }
# Runs JavaScript there.   frame SCRIPT [ARG...]
frame() {
	enter && wd_js "$@" && wd_top
}
# COMMAND[:JSON] with a callback id; "-" for none.   say ID COMMAND [JSON]
say() {
	frame 'say(arguments[1], arguments[0] === "-" ? "" : arguments[0],
		arguments[2] === undefined ? undefined : JSON.parse(arguments[2]))' "$@" >/dev/null
}
# Any message, SID standing for the frame's own; a JSON value when it is not a text.   post MESSAGE
post() { frame 'post(arguments[0].replaceAll("SID", sid))' "$1" >/dev/null; }
post_value() { frame 'post(JSON.parse(arguments[0].replaceAll("SID", sid)))' "$1" >/dev/null; }

# Waits for the Nth message to that callback id and prints what follows the colon.   heard ID [N]
heard() {
	local id text
	enter
	id=$(wd_find "(//li[starts-with(., '$1:')])[${2:-1}]") || return 1
	text=$(wd_call GET "/element/$id/property/textContent" | jq -r .)
	wd_top
	printf '%s\n' "${text#*:}"
}
# Everything sent before has been answered, as far as it ever is.
settle() {
	SETTLED=$((${SETTLED:-0} + 1))
	say "settle$SETTLED" CallCardGetListUiStates && heard "settle$SETTLED" >/dev/null
}
# How many messages came to that callback id until now.   count ID
count() {
	settle
	frame 'return [...document.querySelectorAll("#heard li")].filter(row =>
		row.textContent.startsWith(arguments[0] + ":")).length' "$1"
}
silent() { assert_equal "$(count "$1")" 0; }

# Subscribes to card events, each under its own name.   bind EVENT...
bind_events() {
	local event
	for event; do
		say "$event" placementBindEvent "{\"event\":\"$PAGE_CARD$event\"}"
	done
	settle
}
# Gives the card a command that must succeed.   card COMMAND [JSON]
card() {
	COMMANDS=$((${COMMANDS:-0} + 1))
	say "card$COMMANDS" "$@"
	assert_equal "$(heard "card$COMMANDS")" '[]'
}
state() {
	card CallCardSetUiState "{\"uiState\":\"$1\"${2:+,$2}}"
	wd_state "$1"
}

no_card='[{"result":"error","errorCode":"Call card is undefined"}]'
no_state='[{"result":"error","errorCode":"Invalid ui state"}]'

# The buttons one sees, in the page's order.
buttons() {
	wd_js 'return [...document.querySelectorAll("#card [id^=btn-]")]
		.filter(button => button.checkVisibility()).map(button => button.id.slice(4)).sort().join(" ")' | jq -r .
}
# A key pressed by the browser itself; a code point of WebDriver or a character.
press_key() {
	wd_call POST /actions "$(jq -nc --arg key "$1" '{actions: [{type: "key", id: "keys", actions: [
		{type: "keyDown", value: $key}, {type: "keyUp", value: $key}]}]}')" >/dev/null
}
# Moves the portal's clock, and with it the pages' own.   later SECONDS
later() { world clock "{\"move\":\"+$1\"}" >/dev/null; }
