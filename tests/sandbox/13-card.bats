# The call card (portal.md 13): what it shows, which buttons it has, what its clicks say.
load page

setup() { page_setup; }
teardown() { bx_teardown; }

# Presses a button; its event, of which this is the next one, brings that.   pressed BUTTON EVENT [TEXT]
declare -gA PRESSED
pressed() {
	PRESSED[$2]=$((${PRESSED[$2]:-0} + 1))
	wd_press "$1"
	assert_equal "$1: $(heard "$2" "${PRESSED[$2]}")" "$1: ${3:-}"
}
# Columns: state, buttons, buttons in a campaign.
state_table() {
	cat <<-'END'
		incoming|answer comment skip|answer comment skip
		transferIncoming|answer comment skip|answer comment skip
		outgoing|call comment|call close comment fold next
		connectingIncoming|comment hangup|comment hangup
		connectingOutgoing|comment hangup|comment hangup
		connected|comment fold hangup hold keypad mute quality transfer|comment fold hangup hold keypad mute quality
		transferring|comment complete return|comment complete return
		transferFailed|comment return|comment return
		transferConnected|comment hangup|comment hangup
		error|close comment|close comment fold next redial
		moneyError|close comment notify|close comment notify
		redial|comment redial|comment redial
	END
}

@test "13.3, 13.4: the CRM object is told first, then the call; the card starts with fold and close" {
	wd_start
	page
	bind_events initialized entityChanged
	assert_equal "$(ask CallCardSetUiState '{"uiState":"incoming"}')" "$no_card"
	ring '{"EXTERNAL_CALL_ID":"pbx-77"}'
	run heard initialized
	assert_output "{\"CALL_ID\":\"$CALL\",\"PHONE_NUMBER\":\"+15550100199\",\"LINE_NUMBER\":\"15550100\",\"LINE_NAME\":\"15550100\",\"CRM_ENTITY_TYPE\":\"CONTACT\",\"CRM_ENTITY_ID\":77,\"CRM_BINDINGS\":[],\"CALL_DIRECTION\":\"incoming\",\"CALL_STATE\":\"idle\",\"CALL_LIST_MODE\":false}"
	assert_equal "$(heard entityChanged)" '{"CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":77,"PHONE_NUMBER":"+15550100199"}'
	run frame 'return messages.map(text => text.split(":")[0]).filter(name => name.endsWith("ed"))'
	assert_output '["entityChanged","initialized"]'
	assert_equal "$(buttons)" '|close fold'
	assert_equal "$(wd_text '#card-title')" 'Ann Lee'
	assert_equal "$(wd_text '#card-number')" '+15550100199'
	run wd_text .card-way
	assert_output 'Incoming call'
}

@test "13.1, 13.4: directions, a call without a line, and a client nobody knows" {
	wd_start
	page
	bind_events initialized entityChanged
	local type
	for type in 1 3 4 5; do
		ring "{\"TYPE\":$type,\"PHONE_NUMBER\":\"+1555000$type\",\"LINE_NUMBER\":\"\"}"
		wd_wait '#card'
		card CallCardClose
		wd_gone card
	done
	# Shown to two employees, an outgoing call says incoming.
	ring '{"TYPE":1,"SHOW":0}'
	rest telephony.externalCall.show "{\"CALL_ID\":\"$CALL\",\"USER_ID\":[1,2]}" >/dev/null
	wd_wait '#card'
	run bash -c 'for i in 1 2 3 4 5; do echo "$1" | sed -n "${i}p" | jq -r .CALL_DIRECTION; done' - "$(
		for type in 1 2 3 4 5; do heard initialized "$type"; done
	)"
	assert_output $'outgoing\nincoming\ncallback\nincoming\nincoming'
	run heard initialized
	assert_json '.LINE_NUMBER == "" and .LINE_NAME == "" and .CRM_ENTITY_TYPE == "" and .CRM_ENTITY_ID == 0'
	assert_equal "$(count entityChanged)" 1
}

@test "13.3: a title set at once stays, but where the page's own comes late" {
	wd_start
	page clock=still
	ring
	wd_wait '#card'
	card CallCardSetCardTitle '{"title":"mine"}'
	later 5
	assert_equal "$(wd_text '#card-title')" mine
	page 'clock=still&title=late'
	rest telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}" >/dev/null
	wd_wait '#card'
	card CallCardSetCardTitle '{"title":"mine"}'
	assert_equal "$(wd_text '#card-title')" mine
	later 5
	wd_wait_text card-title 'Ann Lee'
	card CallCardSetCardTitle '{"title":"mine again"}'
	later 5
	assert_equal "$(wd_text '#card-title')" 'mine again'
}

@test "13.4: the line's name, a campaign, and a colleague who has no CRM object" {
	wd_start
	page
	bind_events initialized entityChanged
	rest telephony.externalLine.add '{"NUMBER":"200","NAME":"Sales"}' >/dev/null
	ring '{"LINE_NUMBER":"200","PHONE_NUMBER":"+15550009","CALL_LIST_ID":7}'
	run heard initialized
	assert_json '.LINE_NUMBER == "200" and .LINE_NAME == "Sales" and .CALL_LIST_MODE == true'
	assert_json 'has("CRM_ACTIVITY_ID") | not'
	card CallCardClose
	ring '{"PHONE_NUMBER":"102","LINE_NUMBER":""}'
	run heard initialized 2
	assert_json '.PHONE_NUMBER == "102" and .CRM_ENTITY_TYPE == "" and .CALL_LIST_MODE == false'
	world entity "{\"call\":\"$CALL\",\"type\":\"COMPANY\",\"id\":12}" >/dev/null
	card CallCardSetMute '{"muted":true}'
	assert_equal "$(count entityChanged)" 0
}

@test "13.6: the list of states, and the buttons of each, plain and in a campaign" {
	wd_start
	page
	local campaign state plain listed
	for campaign in 0 7; do
		ring "{\"CALL_LIST_ID\":$campaign,\"PHONE_NUMBER\":\"+1555$campaign\"}"
		wd_wait '#card'
		assert_equal "$(buttons)" '|close fold'
		while IFS='|' read -r state plain listed; do
			card CallCardSetUiState "{\"uiState\":\"$state\"}" || return 1
			[ "$campaign" = 0 ] || plain=$listed
			assert_equal "$(buttons)" "$state|$plain"
		done < <(state_table)
		card CallCardClose
		wd_gone card
	done
	assert_equal "$(ask CallCardGetListUiStates)" "$(state_table | cut -d'|' -f1 | jq -Rnc '[inputs]')"
}

@test "13.5: each button says its word and nothing else" {
	wd_start
	page
	bind_events answerButtonClick skipButtonClick hangupButtonClick makeCallButtonClick notifyAdminButtonClick \
		completeTransferButtonClick cancelTransferButtonClick
	ring
	wd_wait '#card'
	local state button event
	while read -r state button event; do
		state "$state" || return 1
		pressed "$button" "$event" || return 1
		wd_state "$state"
	done <<-'END'
		incoming answer answerButtonClick
		transferIncoming skip skipButtonClick
		outgoing call makeCallButtonClick
		connectingIncoming hangup hangupButtonClick
		connected hangup hangupButtonClick
		transferring complete completeTransferButtonClick
		transferring return cancelTransferButtonClick
		transferFailed return cancelTransferButtonClick
		transferConnected hangup hangupButtonClick
		moneyError notify notifyAdminButtonClick
		redial redial makeCallButtonClick
	END
}

@test "13.5: mute and hold toggle and outlive states; commands set them without a word" {
	wd_start
	page
	bind_events muteButtonClick holdButtonClick
	ring
	wd_wait '#card'
	state connected
	pressed mute muteButtonClick true
	pressed hold holdButtonClick true
	state transferring
	state connected
	wd_wait '#btn-mute[aria-pressed=true]'
	pressed hold holdButtonClick false
	card CallCardSetMute '{"muted":true}'
	card CallCardSetMute '{"muted":false}'
	wd_wait '#btn-mute[aria-pressed=false]'
	card CallCardSetHold '{"held":true}'
	wd_wait '#btn-hold[aria-pressed=true]'
	card CallCardSetHold
	wd_wait '#btn-hold[aria-pressed=false]'
	assert_equal "$(count muteButtonClick) $(count holdButtonClick)" '1 2'
	pressed mute muteButtonClick true
}

@test "13.5: comment, keypad and quality" {
	wd_start
	page
	bind_events addCommentButtonClick dialpadButtonClick qualityMeterClick
	ring
	wd_wait '#card'
	state connected
	wd_press comment
	wd_type '#comment-text' 'Wants an offer'
	assert_equal "$(count addCommentButtonClick)" 0
	pressed comment addCommentButtonClick '"Wants an offer"'
	wd_wait '#card-comment[hidden]'
	wd_press keypad
	local key i=0
	for key in 1 9 0 star hash; do
		wd_click "#key-$key"
	done
	for key in 1 9 0 '*' '#'; do
		i=$((i + 1))
		assert_equal "$(heard dialpadButtonClick $i)" "\"$key\""
	done
	assert_equal "$(wd_text '#keypad-typed')" '190*#'
	wd_press quality
	wd_click '#quality-4'
	assert_equal "$(heard qualityMeterClick)" '"4"'
	run rest telephony.externalCall.finish "{\"CALL_ID\":\"$CALL\",\"USER_ID\":1,\"DURATION\":3}"
	assert_json '.result.COMMENT == "Wants an offer"'
	wd_gone card
	page 'quality=off'
	ring
	wd_wait '#card'
	state connected
	assert_equal "$(buttons)" 'connected|comment fold hangup hold keypad mute transfer'
}

@test "13.5: close says its word before the card goes, and next clears the card for the next client" {
	wd_start
	page
	bind_events closeButtonClick nextButtonClick entityChanged
	ring '{"CALL_LIST_ID":7}'
	wd_wait '#card'
	state error
	card CallCardSetStatusText '{"statusText":"Busy"}'
	pressed next nextButtonClick
	wd_state outgoing
	wd_wait '#card-status[hidden]'
	run heard entityChanged 2
	assert_output '{"CRM_ENTITY_TYPE":"CONTACT","CRM_ENTITY_ID":78,"PHONE_NUMBER":"+15550100177"}'
	assert_equal "$(wd_text '#card-title')" 'Peter Ito'
	wd_press close
	wd_gone card
	assert_equal "$(heard closeButtonClick)" ''
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
}

@test "13.8: commands and their answers" {
	wd_start
	page
	local command
	for command in SetMute SetHold SetUiState SetCardTitle SetStatusText StartTimer StopTimer Close; do
		assert_equal "$(ask "CallCard$command")" "$no_card"
	done
	ring
	wd_wait '#card'
	card CallCardSetCardTitle '{"title":"<b>A</b> & \"b\""}'
	assert_equal "$(wd_text '#card-title')" '<b>A</b> & "b"'
	card CallCardSetCardTitle
	assert_equal "$(wd_text '#card-title')" undefined
	card CallCardSetStatusText
	assert_equal "$(wd_text '#card-status')" undefined
	card CallCardSetStatusText '{"statusText":""}'
	wd_wait '#card-status[hidden]'
	card CallCardSetCardTitle '{"title":""}'
	local name
	for name in '{"uiState":"talking"}' '{"uiState":"Connected"}' '{"uiState":"idle"}' '{"uiState":"externalCard"}' \
		'{"uiState":null}' '{}'; do
		assert_equal "$(ask CallCardSetUiState "$name")" "$no_state"
	done
	assert_equal "$(ask CallCardSetUiState)" "$no_state"
	wd_wait '#card[data-state=""]'
	say t1 CallCardStartTimer
	say t2 CallCardStopTimer
	silent t1
	silent t2
	card CallCardClose
	wd_gone card
	assert_equal "$(ask CallCardClose)" "$no_card"

	world variant '{"name":"hidden-states"}' >/dev/null
	page
	ring
	wd_wait '#card'
	state idle
	state connected
}

@test "13.8: the answers of the desktop application" {
	wd_start
	page desktop
	card CallCardSetMute '{"muted":true}'
	ring
	wd_wait '#card'
	card CallCardStartTimer
	card CallCardStopTimer
	assert_equal "$(ask CallCardSetMute '{}')" '{"result":"error","errorCode":"missing field muted"}'
	say k2 CallCardSetHold '{}'
	assert_equal "$(heard k2)" '[{"result":"error","errorCode":"missing field held"}]'
	assert_equal "$(heard k2 2)" '[]'
	assert_equal "$(ask CallCardSetCardTitle)" '[{"result":"error","errorCode":"missing field title"}]'
	assert_equal "$(ask CallCardSetStatusText '{}')" '[{"result":"error","errorCode":"missing field statusText"}]'
	rest telephony.externalCall.hide "{\"CALL_ID\":\"$CALL\"}" >/dev/null
	wd_gone card
	card CallCardSetMute '{"muted":true}'
	ring
	wd_wait '#card'
	card CallCardClose
	assert_equal "$(ask CallCardSetMute '{"muted":true}')" "$no_card"
}

@test "13.7: whom a call may be passed to" {
	wd_start
	page
	bind_events transferButtonClick
	ring
	wd_wait '#card'
	state connected
	# With a phone there is a menu and the id is a text; without one it is a number.
	wd_press transfer
	wd_click '#transfer-2'
	wd_click '#transfer-2-inner'
	assert_equal "$(heard transferButtonClick)" '{"phoneNumber":"+15550100199","target":"2"}'
	wd_press transfer
	wd_click '#transfer-2'
	wd_click '#transfer-2-phone-1'
	assert_equal "$(heard transferButtonClick 2)" '{"phoneNumber":"+15550100199","target":"+15550100102"}'
	wd_press transfer
	wd_click '#transfer-4'
	assert_equal "$(heard transferButtonClick 3)" '{"phoneNumber":"+15550100199","target":4}'
	wd_press transfer
	wd_click '#transfer-department-1'
	wd_wait '#card-panel[hidden]'
	assert_equal "$(count transferButtonClick)" 3
	wd_state connected
	page target=text
	bind_events transferButtonClick
	rest telephony.externalCall.show "{\"CALL_ID\":\"$CALL\"}" >/dev/null
	wd_wait '#card'
	state connected
	wd_press transfer
	wd_click '#transfer-4'
	assert_equal "$(heard transferButtonClick)" '{"phoneNumber":"+15550100199","target":"4"}'
}

@test "13.7: before a frame's first command the general transfer dialog is on" {
	wd_start
	page
	say transferButtonClick placementBindEvent '{"event":"BackgroundCallCard::transferButtonClick"}'
	wd_wait '#workers [data-subscriptions="1"]'
	ring
	wd_wait '#card'
	# Without a command the card has no such button, so the page itself sets the state.
	wd_js 'const at = name => import(document.querySelector("script[type=module]").src.replace("page.js", name));
		return Promise.all([at("page.js"), at("vocab.js")]).then(([{ desk }, { states }]) =>
			desk.card.enter(states.find(row => row.name === "connected")))' >/dev/null
	wd_state connected
	wd_press transfer
	wd_click '#transfer-department-2'
	assert_equal "$(heard transferButtonClick)" '{"type":"queue","target":"2"}'
	wd_press transfer
	wd_click '#transfer-4'
	assert_equal "$(heard transferButtonClick 2)" '{"type":"user","target":"4"}'
	wd_press transfer
	wd_click '#transfer-2'
	wd_click '#transfer-2-phone-1'
	assert_equal "$(heard transferButtonClick 3)" '{"type":"pstn","target":"+15550100102"}'
	ask CallCardGetListUiStates >/dev/null
	wd_press transfer
	wd_click '#transfer-4'
	assert_equal "$(heard transferButtonClick 4)" '{"phoneNumber":"+15550100199","target":4}'
}
