# What happens to pages and daemon while a card is up: nothing the operator pressed is lost, and
# nothing is done twice.
load ../lib
load ../webdriver

setup() { bx_setup; }
teardown() { bx_teardown; }

ring() {
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
}

@test "the daemon is killed in mid-call: what was pressed meanwhile arrives, once" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	bx-card -c "$CALL" title 'Ann Lee' >/dev/null
	wd_press mute
	bx-card -c "$CALL" -t 20 wait mute
	stop serve KILL
	wd_press hold
	wd_press mute
	serve_start
	run --separate-stderr bx-card -c "$CALL" -t 30 wait hold
	assert_success
	run --separate-stderr bx-card -c "$CALL" -t 30 wait mute
	assert_success
	assert_json '.data == false'
	run --separate-stderr bx-card ls
	assert_json '.state == "connected" and .title == "Ann Lee" and .mute == false and .hold == true'
	run --separate-stderr bx-card -c "$CALL" state transferring
	assert_success
	wd_state transferring
	bx-card -c "$CALL" events | jq -r .event >events
	assert_equal "$(grep -c initialized events)" 1
	assert_equal "$(grep -c muteButtonClick events)" 2
	assert_equal "$(grep -c holdButtonClick events)" 1
	assert_equal "$(bx-card events | jq -s 'map(.seq) == [range(1; length + 1)]')" true
}

@test "a tab opened later stays without the card, and joins in its present state when told to" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected --no-timer >/dev/null
	bx-card -c "$CALL" status 'On line 3' >/dev/null
	wd_new_tab >/dev/null
	wd_open "$(page_of 101)"
	wd_wait '#workers li'
	wd_none '#card'
	run bx-card -c "$CALL" title 'Ann Lee'
	assert_json '.users[0].frames | length == 1'
	ctl join "$CALL" >/dev/null
	wd_state connected
	wd_wait_text card-title 'Ann Lee'
	wd_wait_text card-status 'On line 3'
	wd_wait '#card-timer[hidden]'
	run bx-card -c "$CALL" mute on
	assert_json '.users[0].frames | length == 2'
}

@test "closed by the operator, by finish, by hide: each card's end is told with its reason" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state error >/dev/null
	wd_press close
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_json '.data.reason == "operator"'
	ring
	bx-call -c "$CALL" finish --duration 1 >/dev/null
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_json '.data.reason == "finished"'
	ring
	bx-call -c "$CALL" hide >/dev/null
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_json '.data.reason == "silent"'
	wd_gone card
	run --separate-stderr bx-card -c "$CALL" -t 1 state connected
	assert_failure 5
}

@test "comment, keypad and transfer carry what the operator entered" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring
	bx-card -c "$CALL" state connected >/dev/null
	wd_press keypad
	wd_click '#key-5'
	run --separate-stderr bx-card -c "$CALL" -t 20 wait keypad
	assert_json '.data == "5"'
	wd_press comment
	wd_type '#comment-text' 'Wants a "call: back"'
	wd_press comment
	run --separate-stderr bx-card -c "$CALL" -t 20 wait comment
	assert_json '.data == "Wants a \"call: back\""'
	wd_press transfer
	wd_click "#transfer-$(user_of 102)"
	wd_click "#transfer-$(user_of 102)-inner"
	run --separate-stderr bx-card -c "$CALL" -t 20 wait transfer
	assert_success
	assert_json '.data.phoneNumber == "+15550100199" and (.data.target | tostring == "'"$(user_of 102)"'")'
	run bx-call -c "$CALL" finish --duration 4
	assert_json '.COMMENT == "Wants a \"call: back\""'
}

@test "the card in a portal that is left and entered again, page by page" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	local i
	for i in 1 2 3; do
		ring
		run --separate-stderr bx-card -c "$CALL" state connected
		assert_success
		wd_state connected
		wd_open "$(page_of 101)?uri=/crm/deal/"
		run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
		assert_json '.data.reason == "navigated"'
		bx-call -c "$CALL" finish --duration 1 >/dev/null
	done
}
