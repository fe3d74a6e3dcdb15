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

# Runs JavaScript in the worker frame of that number, in the page or (INSIDE=1) in its side panel.
# These frames are the first of their document. A promise is waited for.   frame SCRIPT [ARG...]
FRAME=1 INSIDE=''
frame() {
	[ -z "$INSIDE" ] || wd_frame '#slider-frame'
	wd_js_in $((FRAME - 1)) "$@"
}
inside_ready() { wd_frame '#slider-frame' && wd_wait 'body[data-ready]' && wd_top; }

# COMMAND with a callback id, "-" for none.   say ID COMMAND [JSON]
say() {
	frame 'const [id, command, json] = arguments;
		say(command, id === "-" ? "" : id, json === undefined ? json : JSON.parse(json))' "$@" >/dev/null
}
# The same, and prints the answer.   ask COMMAND [JSON]
ask() {
	frame 'const [command, json] = arguments;
		return ask(command, json === undefined ? json : JSON.parse(json))' "$@" | jq -r .
}
# Any message, SID standing for the frame's own; a JSON value when it is not a text.   post MESSAGE
post() { frame 'post(arguments[0].replaceAll("SID", sid))' "$1" >/dev/null; }
post_value() { frame 'post(JSON.parse(arguments[0].replaceAll("SID", sid)))' "$1" >/dev/null; }

# Waits for the Nth message to that callback id and prints what follows the colon.   heard ID [N]
heard() { frame 'return heard(arguments[0], Number(arguments[1]))' "$1" "${2:-1}" | jq -r .; }
# How many messages came to that callback id, all that was said before being answered.   count ID
count() {
	frame 'return ask("CallCardGetListUiStates").then(() => told(arguments[0]).length)' "$1"
}
silent() { assert_equal "$(count "$1")" 0; }

# Subscribes to card events, each under its own name.   bind_events EVENT...
bind_events() {
	frame 'for (const name of arguments[1].split(" "))
		say("placementBindEvent", name, {event: arguments[0] + name});
		return ask("CallCardGetListUiStates")' "$PAGE_CARD" "$*" >/dev/null
}
# Gives the card a command that must succeed.   card COMMAND [JSON]
card() { assert_equal "$(ask "$@")" '[]'; }
state() {
	card CallCardSetUiState "{\"uiState\":\"$1\"${2:+,$2}}"
	wd_state "$1"
}

no_card='[{"result":"error","errorCode":"Call card is undefined"}]'
no_state='[{"result":"error","errorCode":"Invalid ui state"}]'

# The state, and the buttons one sees in it.
buttons() {
	wd_js 'return document.getElementById("card").dataset.state + "|" +
		[...document.querySelectorAll("#card [id^=btn-]")].filter(button => button.checkVisibility())
			.map(button => button.id.slice(4)).sort().join(" ")' | jq -r .
}
# A key pressed by the browser itself; a code point of WebDriver or a character.
press_key() {
	wd_call POST /actions "$(jq -nc --arg key "$1" '{actions: [{type: "key", id: "keys", actions: [
		{type: "keyDown", value: $key}, {type: "keyUp", value: $key}]}]}')" >/dev/null
}
# Moves the portal's clock on, and with it the pages' own.   later SECONDS
later() { world clock "$(printf '{"move":"%+d"}' "$1")" >/dev/null; }
