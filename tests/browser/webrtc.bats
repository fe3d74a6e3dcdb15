# tests/flows/webrtc.sh: two browsers hold a real call, and the shell handles its media as the
# operator presses the buttons of the card.
load ../lib
load ../webdriver
load ../serve

setup() { bx_setup; }
teardown() {
	[ -z "${FLOW:-}" ] || kill "$FLOW" "$TAIL" 2>/dev/null || true
	bx_teardown
}

media=(--use-fake-device-for-media-stream --use-fake-ui-for-media-stream
	--autoplay-policy=no-user-gesture-required "--disable-features=$WD_WITHOUT,WebRtcHideLocalIpsWithMdns"
	--allow-loopback-in-peer-connection)

step() {
	await_line "\"step\":\"$1\"" flow.out || fail "$(cat flow.out flow.err)"
	grep "\"step\":\"$1\"" flow.out | tail -n 1
}
is() { jq -e "$2" <<<"$(step "$1")" >/dev/null || fail "$1 is not so: $2, but $(cat flow.out)"; }
# Both pages are open, the customer has called, and the operator has answered.
talk() {
	whole_portal --client-js "$BX_ROOT/tests/flows/webrtc-client.js"
	start customer node "$BX_ROOT/tests/flows/customer.js"
	CUSTOMER=$FIRST
	exec {SAID}< <(exec tail -n +2 -F customer.out 2>/dev/null 3>&-)
	TAIL=$!
	"$BX_ROOT/tests/flows/webrtc.sh" "$CUSTOMER" <&"$SAID" >flow.out 2>flow.err 3>&- &
	FLOW=$!
	wd_browser operator "${media[@]}"
	wd_open "$(page_of 101)"
	bx-card -t 30 wait client::leader --since 0 >/dev/null
	wd_browser customer "${media[@]}"
	wd_open "$CUSTOMER"
	wd_click button
	wd_browser operator
	CALL=$(step ringing | jq -r .CALL_ID)
	wd_press answer
	step connected >/dev/null
}

@test "a real call: answered, muted, held, taken back and hung up by the buttons of the card" {
	talk
	is connected '.state == "connected" and .sent >= 50 and .received >= 50'
	is customer '.received >= 10'
	wd_press mute
	is 'mute true' '.sent > 10 and .received > 10 and .energy < 1e-7'
	wd_press mute
	is 'mute false' '.sent > 10 and .energy > 1e-7'
	wd_press hold
	is 'hold true' '.sent == 0 and .received == 0'
	wd_press hold
	is 'hold false' '.sent > 20 and .received > 20'
	wd_press hangup
	is ended '.reason == "hangup"'
	wd_gone card
	run bx-call history
	assert_json ".CALL_ID == \"$CALL\" and .CALL_FAILED_CODE == \"200\""
}

@test "navigation ends the media of the tab, and says so" {
	talk
	wd_open "$(page_of 101)"
	is ended '.reason == "page left"'
	run --separate-stderr bx-card -c "$CALL" -t 20 wait client::ended --since 0
	assert_json ".CALL_ID == \"$CALL\" and .user == $(user_of 101)"
	wd_browser customer
	run wd_text p
	assert_output closed
}
