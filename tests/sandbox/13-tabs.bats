# When a card appears and how it goes (portal.md 13.1, 13.9).
load page

setup() { page_setup; }
teardown() { bx_teardown; }

# Two tabs of employee 1; the second is in front.
two_tabs() {
	wd_start
	page "$@"
	FIRST_TAB=$(wd_tab)
	SECOND_TAB=$(wd_new_tab)
	page "$@"
}
hide() { rest telephony.externalCall.hide "{\"CALL_ID\":\"${1:-$CALL}\"}" >/dev/null; }
show() { rest telephony.externalCall.show "{\"CALL_ID\":\"${1:-$CALL}\"}" >/dev/null; }
# The note that a card is up is set 100 ms after it came; from then on its end is everybody's.
noted() {
	wd_js 'return new Promise(done => {
		const look = () => localStorage.getItem("sandbox.card.1") ? done() : setTimeout(look, 10);
		look();
	})' >/dev/null
}
# It holds for five seconds at a time; by a clock put back it does so however slow the machine is.
noted_for_long() { noted && later -60; }
# The open pages as the sandbox sees them.   pages FILTER
pages() { world pages | jq -c "$1"; }

@test "13.1: the first page alone raises the card, others join when told to, and all close together" {
	two_tabs
	bind_events initialized
	ring
	wd_switch "$FIRST_TAB"
	wd_wait '#card'
	assert_equal "$(pages 'map(.card.CALL_ID)')" "[\"$CALL\",null]"
	wd_switch "$SECOND_TAB"
	wd_none '#card'
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
	assert_equal "$(world join "{\"call\":\"$CALL\"}")" '{"count":1}'
	wd_wait '#card'
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	# A command is for the card of the frame's own document.
	state connected
	wd_switch "$FIRST_TAB"
	wd_wait '#card[data-state=""]'
	noted
	wd_press close
	wd_gone card
	wd_switch "$SECOND_TAB"
	wd_gone card
}

@test "13.1: with all tabs in time each raises its own card" {
	world tabs '{"mode":"all"}' >/dev/null
	two_tabs
	bind_events initialized muteButtonClick
	wd_switch "$FIRST_TAB"
	bind_events initialized muteButtonClick
	ring
	wd_wait '#card'
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	wd_switch "$SECOND_TAB"
	wd_wait '#card'
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	state connected
	wd_press mute
	assert_equal "$(heard muteButtonClick)" true
	wd_switch "$FIRST_TAB"
	assert_equal "$(count muteButtonClick)" 0
	hide
	wd_gone card
	wd_switch "$SECOND_TAB"
	wd_gone card
}

@test "13.1: while a card is up in this browser no other call raises one, in any tab" {
	two_tabs
	bind_events initialized
	ring
	local first=$CALL
	wd_switch "$FIRST_TAB"
	wd_wait '#card'
	noted_for_long
	# The page that would be told has none, but the browser's note stands.
	bind_events initialized
	world tabs '{"mode":"race"}' >/dev/null
	ring '{"PHONE_NUMBER":"+15550100177"}'
	assert_not_equal "$CALL" "$first"
	assert_equal "$(count initialized)" 0
	assert_equal "$(pages 'map(.card.CALL_ID)')" "[\"$first\",null]"
	wd_switch "$SECOND_TAB"
	assert_equal "$(count initialized)" 0
	wd_none '#card'
	# Hiding the other call does not touch this card.
	hide
	wd_switch "$FIRST_TAB"
	card CallCardSetCardTitle '{"title":"still here"}'
	hide "$first"
	wd_gone card
	show
	wd_wait '#card'
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
}

@test "13.1: while the desktop application runs, it alone shows the card" {
	wd_start
	page
	local tab
	tab=$(wd_tab)
	wd_new_tab >/dev/null
	page desktop
	world tabs '{"mode":"all"}' >/dev/null
	ring
	wd_wait '#card'
	wd_switch "$tab"
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
	wd_none '#card'
}

@test "11.1, 13.1: SHOW decides as PHP does, and a duplicate shows the card again" {
	wd_start
	page
	bind_events initialized
	local value
	for value in 0 '"0"' false '""' '[]'; do
		ring "{\"SHOW\":$value}"
	done
	card_none() { assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"; }
	card_none
	for value in '"N"' '"no"' null 1; do
		ring "{\"SHOW\":$value}"
		wd_wait '#card'
		card CallCardClose
	done
	ring
	wd_wait '#card'
	assert_equal "$(count initialized)" 5
	run heard initialized 5
	assert_json ".CALL_ID == \"$CALL\""
}

@test "11.3, 13.9: finish closes the card of the call's own employee alone" {
	wd_start
	page
	local own other
	own=$(wd_tab)
	other=$(wd_new_tab)
	page '' 2
	ring '{"SHOW":0}'
	rest telephony.externalCall.show "{\"CALL_ID\":\"$CALL\",\"USER_ID\":[1,2]}" >/dev/null
	wd_wait '#card'
	rest telephony.externalCall.finish "{\"CALL_ID\":\"$CALL\",\"USER_ID\":2}" >/dev/null
	wd_switch "$own"
	wd_gone card
	wd_switch "$other"
	card CallCardSetStatusText '{"statusText":"still here"}'
	assert_equal "$(rest telephony.externalCall.hide "{\"CALL_ID\":\"$CALL\",\"USER_ID\":2}" | jq .result)" false
}

@test "13.2: frames of several apps hear of every call, and all speak to the one card" {
	world app '{"name":"Second","scope":"placement,telephony"}' >/dev/null
	world install '{"app":"Second"}' >/dev/null
	TOKEN=$(world token '{"app":"Second"}' | jq -r .access_token) bind_worker "$PRACTICE/page/practice?own=2" >/dev/null
	wd_start
	page
	bind_events initialized muteButtonClick
	FRAME=2 bind_events initialized
	world foreign >/dev/null
	wd_wait '#card'
	local call
	call=$(heard initialized | jq -r .CALL_ID)
	assert_equal "$(FRAME=2 heard initialized | jq -r .CALL_ID)" "$call"
	card CallCardSetCardTitle '{"title":"of the first"}'
	FRAME=2 card CallCardSetCardTitle '{"title":"of the second"}'
	assert_equal "$(wd_text '#card-title')" 'of the second'
	state connected
	wd_press mute
	assert_equal "$(heard muteButtonClick)" true
	assert_equal "$(FRAME=2 count muteButtonClick)" 0
	FRAME=2 card CallCardClose
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
	world foreign "{\"finish\":\"$call\"}" >/dev/null
}

@test "13.2: where a frame hears of its own app's calls alone" {
	world variant '{"name":"own-events"}' >/dev/null
	wd_start
	page
	bind_events initialized
	local call
	call=$(world foreign | jq -r .CALL_ID)
	wd_wait '#card'
	card CallCardSetCardTitle '{"title":"of another app"}'
	assert_equal "$(count initialized)" 0
	world foreign "{\"finish\":\"$call\"}" >/dev/null
	wd_gone card
	ring
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
}

@test "13.1, 13.2: a card of the portal's own telephony is not an app's, and no other comes meanwhile" {
	wd_start
	page
	bind_events initialized entityChanged muteButtonClick addCommentButtonClick closeButtonClick
	local builtin
	builtin=$(world builtin | jq -r .CALL_ID)
	wd_wait '#card'
	assert_equal "$(ask CallCardSetUiState '{"uiState":"incoming"}')" "$no_card"
	assert_equal "$(ask CallCardClose)" "$no_card"
	assert_equal "$(ask CallCardGetListUiStates | jq length)" 12
	ring
	assert_equal "$(count initialized)" 0
	world builtin "{\"finish\":\"$builtin\"}" >/dev/null
	wd_gone card
	show
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	card CallCardClose
	world builtin >/dev/null
	wd_wait '#card'
	wd_press close
	wd_gone card
	assert_equal "$(count closeButtonClick)" 0
	page desktop
	world builtin >/dev/null
	wd_wait '#card'
	state connected
}

@test "13.10: the recommended life of a call, and the cure for a frame that was late" {
	wd_start
	page
	ring
	wd_wait '#card'
	bind_events initialized answerButtonClick muteButtonClick hangupButtonClick
	assert_equal "$(count initialized)" 0
	hide
	wd_gone card
	show
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	state incoming
	wd_press answer
	assert_equal "$(heard answerButtonClick)" ''
	state connected
	wd_press mute
	assert_equal "$(heard muteButtonClick)" true
	wd_press hangup
	assert_equal "$(heard hangupButtonClick)" ''
	rest telephony.externalCall.finish "{\"CALL_ID\":\"$CALL\",\"USER_ID\":1,\"DURATION\":9}" | jq -e '.result.ID'
	wd_gone card
	assert_equal "$(ask CallCardClose)" "$no_card"
	assert_equal "$(rest voximplant.statistic.get '{}' | jq -r '.result[0].CALL_DURATION')" 9
	rest telephony.externalCall.attachRecord "{\"CALL_ID\":\"$CALL\",\"FILENAME\":\"call.wav\"}" | jq -e .result.uploadUrl
}

@test "13.9: a page that is loaded again has no card; show raises it, and its frame is a new one" {
	wd_start
	page
	ring
	wd_wait '#card'
	state connected
	wd_press mute
	wd_reload
	wd_wait 'body[data-ready]'
	wd_gone card
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
	bind_events initialized
	show
	wd_wait '#card'
	heard initialized | jq -e ".CALL_ID == \"$CALL\""
	wd_wait '#card[data-state=""]'
	wd_wait '#btn-mute[aria-pressed=false]'
	# By its links one stays in the portal and leaves the card behind.
	wd_click '#sections a:nth-child(3)'
	wd_wait '#sections a:nth-child(3)[aria-current]'
	wd_wait 'body[data-ready]'
	wd_gone card
	show
	wd_wait '#card'
}

@test "13.1: where the note outlives the page, show waits for its end" {
	wd_start
	page flag=stay
	ring
	wd_wait '#card'
	noted_for_long
	wd_reload
	wd_wait 'body[data-ready]'
	bind_events initialized
	show
	assert_equal "$(count initialized)" 0
	later 70
	show
	wd_wait '#card'
}

@test "13.9: hide, finish and Escape close without a word" {
	wd_start
	page
	bind_events initialized addCommentButtonClick closeButtonClick hangupButtonClick
	ring
	wd_wait '#card'
	hide
	wd_gone card
	ring '{"PHONE_NUMBER":"+15550100177"}'
	wd_wait '#card'
	rest telephony.externalCall.finish "{\"CALL_ID\":\"$CALL\",\"USER_ID\":1}" >/dev/null
	wd_gone card
	local name
	for name in outgoing error moneyError redial; do
		ring '{"PHONE_NUMBER":"+15550100155"}'
		wd_wait '#card'
		state "$name"
		press_key $'\uE00C'
		wd_gone card
	done
	ring '{"PHONE_NUMBER":"+15550100155"}'
	wd_wait '#card'
	press_key $'\uE00C'
	for name in incoming transferIncoming connectingIncoming connectingOutgoing connected transferring \
		transferFailed transferConnected; do
		card CallCardSetUiState "{\"uiState\":\"$name\"}"
		press_key $'\uE00C'
		wd_state "$name"
	done
	assert_equal "$(count addCommentButtonClick)$(count closeButtonClick)$(count hangupButtonClick)" 000
}

@test "13.9: an open comment keeps the card for 65 s after the last key, then it is saved" {
	wd_start
	page
	bind_events addCommentButtonClick
	ring
	wd_wait '#card'
	state connected
	wd_press comment
	wd_type '#comment-text' 'half a '
	rest telephony.externalCall.finish "{\"CALL_ID\":\"$CALL\",\"USER_ID\":1,\"DURATION\":1}" >/dev/null
	later 40
	card CallCardSetStatusText '{"statusText":"still open"}'
	wd_type '#comment-text' 'word'
	later 40
	card CallCardSetStatusText '{"statusText":"still open"}'
	assert_equal "$(count addCommentButtonClick)" 0
	later 70
	wd_gone card
	assert_equal "$(heard addCommentButtonClick)" '"half a word"'
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
}

@test "13.9: leaving asks while a call is open, unless the card is folded and idle" {
	wd_start
	page
	local asks='const event = new Event("beforeunload", {cancelable: true});
		dispatchEvent(event); return event.defaultPrevented'
	assert_equal "$(wd_js "$asks")" false
	ring
	wd_wait '#card'
	wd_press fold
	assert_equal "$(wd_js "$asks")" false
	wd_press fold
	assert_equal "$(wd_js "$asks")" true
	state connected
	wd_press fold
	assert_equal "$(wd_js "$asks")" true
	state error
	assert_equal "$(wd_js "$asks")" false
	page noconfirm
	show
	wd_wait '#card'
	wd_press fold
	wd_press fold
	assert_equal "$(wd_js "$asks")" false
}

@test "13.6: a double click folds the card in any state" {
	wd_start
	page
	ring
	wd_wait '#card'
	state incoming
	local id
	id=$(wd_find '#card-title')
	wd_call POST /actions "$(jq -nc --arg key "$WD_ELEMENT" --arg id "$id" '{actions: [{type: "pointer", id: "mouse", actions: [
		{type: "pointerMove", origin: {($key): $id}, x: 0, y: 0}, {type: "pointerDown", button: 0}, {type: "pointerUp", button: 0},
		{type: "pointerDown", button: 0}, {type: "pointerUp", button: 0}]}]}')" >/dev/null
	wd_wait '#card.folded[data-state=incoming]'
}

@test "11.10, 13.1: a clicked number becomes a call of the app with its card" {
	rest event.bind "{\"event\":\"ONEXTERNALCALLSTART\",\"handler\":\"$PRACTICE/sandbox/sink/event\"}" >/dev/null
	wd_start
	page
	bind_events initialized
	wd_click '[data-number="+15550100177"]'
	wd_wait '#card'
	run heard initialized
	assert_json '.PHONE_NUMBER == "+15550100177" and .CALL_DIRECTION == "outgoing" and .CRM_ENTITY_ID == 78'
	card CallCardClose
	say - imPhoneTo '{"phone":"+15550100155"}'
	wd_wait '#card'
	world idle >/dev/null
	run post_json "$PRACTICE/sandbox/sink" '{"name":"event"}'
	assert_output --partial ONEXTERNALCALLSTART
}

@test "clicks, changed clients and reloads from outside, and the list of open pages" {
	wd_start
	page
	bind_events answerButtonClick entityChanged
	run world click '{"button":"answer"}'
	assert_json '.exit == 5'
	ring '{"PHONE_NUMBER":"+15550009"}'
	wd_wait '#card'
	state incoming
	world click '{"button":"answer"}' >/dev/null
	assert_equal "$(heard answerButtonClick)" ''
	world entity "{\"call\":\"$CALL\",\"type\":\"COMPANY\",\"id\":12}" >/dev/null
	assert_equal "$(heard entityChanged)" '{"CRM_ENTITY_TYPE":"COMPANY","CRM_ENTITY_ID":12,"PHONE_NUMBER":"+15550009"}'
	run world pages
	assert_json 'length == 1 and .[0].user == 1 and .[0].telephony and (.[0].slider | not)'
	assert_json ".[0].card == {CALL_ID: \"$CALL\", state: \"incoming\", title: \"+15550009\", status: \"\", mute: false, hold: false, folded: false, timer: null}"
	assert_json '.[0].frames[0].subscriptions == 2 and .[0].frames[0].loads == 1'
	world reload >/dev/null
	wd_wait 'body[data-ready]:not(:has(#card))'
}
