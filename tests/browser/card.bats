# The whole path in a real browser: portal, daemon, frame, card, shell. Every click is the browser's
# own at the element.
load ../lib
load ../webdriver

setup() { bx_setup; }
teardown() { bx_teardown; }

# A call to the employee with that inner number whose card is up; CALL is its id.
ring() {
	local inner=$1
	shift
	bx-call register --ext "$inner" --phone '+1 555 010 0199' --type in --line 15550100 "$@" >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
}

# The events of a call as the journal has them: "event user" lines, without the answers of others.
journal_of() { bx-card -c "$1" events | jq -r '"\(.event) \(.user) \(.own) \(.duplicate // false)"'; }

@test "an incoming call from the ring to the statistics" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	bash -x "$BX_ROOT/tests/flows/incoming.sh" >flow.jsonl 2>flow.trace 3>&- &
	local flow=$!
	wd_wait_text card-title 'Ann Lee, gold customer'
	wd_state incoming
	wd_none '#btn-hangup:not([hidden])'
	wd_press answer
	wd_state connected
	wd_wait '#card-timer:not([hidden])'
	wd_press mute
	wait "$flow" || { cat flow.trace >&2 && false; }
	wd_gone card

	assert_equal "$(jq -s 'map(select(.event == "muteButtonClick"))[0].data' flow.jsonl)" true
	assert_equal "$(jq -s '[.[].CALL_ID] | unique | length' flow.jsonl)" 1
	run bx-call history
	assert_json '.CALL_DURATION | tonumber == 95'
	run journal_of "$(jq -r .CALL_ID call.json)"
	assert_line "initialized $(user_of 101) true false"
	assert_line "answerButtonClick $(user_of 101) true false"
}

@test "register, wait, state and finish as one line" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	run --separate-stderr sh "$BX_ROOT/tests/flows/oneline.sh"
	assert_success
	assert_json '.CALL_ID and (.CALL_DURATION | tonumber == 5)'
	wd_gone card
}

@test "each command shows on the card" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	wd_wait '#btn-fold:not([hidden])'
	run bx-card -c "$CALL" state connected --no-timer
	assert_success
	wd_state connected
	wd_wait '#card-timer[hidden]'
	run bx-card -c "$CALL" timer start
	assert_success
	assert_json '.users[0].confirmed == false'
	wd_wait '#card-timer:not([hidden])'
	run bx-card -c "$CALL" timer stop
	assert_success
	run bx-card -c "$CALL" mute on
	wd_wait '#btn-mute[aria-pressed=true]'
	run bx-card -c "$CALL" hold on
	wd_wait '#btn-hold[aria-pressed=true]'
	run bx-card -c "$CALL" hold off
	wd_wait '#btn-hold[aria-pressed=false]'
	run bx-card -c "$CALL" title '<b>bold: "x"</b>'
	assert_equal "$(wd_text '#card-title')" '<b>bold: "x"</b>'
	run bx-card -c "$CALL" status 'Queue: sales, 2 waiting'
	assert_equal "$(wd_text '#card-status')" 'Queue: sales, 2 waiting'
	run bx-card -c "$CALL" states
	assert_json '.users[0].result | length == 12'
	run bx-card ls
	assert_json '.state == "connected" and .mute == true and .hold == false and .status == "Queue: sales, 2 waiting"'
	run bx-card -c "$CALL" close
	assert_success
	wd_gone card
	run bx-card -c "$CALL" close
	assert_success
	run bx-card -c "$CALL" title late
	assert_failure 5
	run journal_of "$CALL"
	refute_output --partial ButtonClick
}

@test "every button of every state is heard" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	local state button me now=''
	local -A events=()
	me=$(user_of 101)
	while read -r state button; do
		if [ "$state" != "$now" ]; then
			bx-card -c "$CALL" state "$state" >/dev/null
			wd_state "$state"
			now=$state
		fi
		case $button in
		close | fold | comment | transfer | keypad | quality) continue ;;
		esac
		[ -n "${events[$button]:-}" ] || events[$button]=$(bx-card -n -c x wait "$button" | jq -r '.events[0]')
		wd_press "$button"
		run --separate-stderr bx-card -c "$CALL" -t 10 wait "$button"
		assert_success
		assert_json ".event == \"${events[$button]}\" and .user == $me and .own"
	done < <(bx-card states | jq -r '.state as $s | .buttons[] | "\($s) \(.)"')
	[ "${#events[@]}" -ge 8 ]
}

@test "two tabs: a card in each, nothing lost, the second marked, a command reaches both" {
	whole_portal
	ctl tabs all
	wd_start
	wd_open "$(page_of 101)"
	local first second i
	first=$(wd_tab)
	second=$(wd_new_tab)
	wd_open "$(page_of 101)"
	# A page whose line to the portal is lost at this moment would be told nothing.
	assert_equal "$(ctl pages | wc -l)" 2
	ring 101
	wd_wait '#card'
	wd_switch "$first"
	wd_wait '#card'

	run bx-card -c "$CALL" state connected
	assert_success
	assert_json '.users | length == 1 and (.[0].frames | length == 2)'
	wd_state connected
	wd_press mute
	wd_switch "$second"
	wd_state connected
	wd_press hold
	for i in 1 2; do
		bx-card -c "$CALL" -t 10 wait mute hold >>events.jsonl
	done
	assert_equal "$(jq -rs 'map(.event) | sort | join(" ")' events.jsonl)" 'holdButtonClick muteButtonClick'
	assert_equal "$(jq -rs 'map(.frame) | unique | length' events.jsonl)" 2
	run journal_of "$CALL"
	assert_line --regexp '^initialized [0-9]+ true false$'
	assert_line --regexp '^initialized [0-9]+ true true$'
	run bx-card -c "$CALL" close
	assert_success
	wd_gone card
	wd_switch "$first"
	wd_gone card
}

@test "a page reloaded in mid-call: the card is gone, and show brings it back as it was" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	bx-card -c "$CALL" state connected
	bx-card -c "$CALL" title 'Ann Lee'
	bx-card -c "$CALL" status 'On line 3'
	wd_state connected
	wd_reload
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone
	assert_success
	assert_json '.data.reason == "navigated"'
	wd_gone card
	run --separate-stderr bx-call -c "$CALL" show
	assert_success
	run --separate-stderr bx-card -c "$CALL" -t 20 wait initialized
	assert_success
	wd_state connected
	wd_wait_text card-title 'Ann Lee'
	wd_wait_text card-status 'On line 3'
	wd_press hold
	run --separate-stderr bx-card -c "$CALL" -t 20 wait hold
	assert_json '.data == true'
}

@test "a call of another application is journalled, but not ours to drive" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	run ctl foreign --user "$(user_of 101)"
	assert_success
	local call
	call=$(field .CALL_ID)
	run --separate-stderr bx-card -c "$call" -t 30 wait call.settled --foreign
	assert_success
	assert_json '.own == false'
	run journal_of "$call"
	assert_line --regexp '^initialized [0-9]+ false false$'
	run --separate-stderr bx-card -c "$call" state connected
	assert_failure 5
	wd_none '#card[data-state=connected]'
	run --separate-stderr bx-card -c "$call" -t 0.2 wait initialized
	assert_failure 6
	run bx-card ls
	refute_output --partial '"own":true'
}

@test "two operators rung, one answers, and the events say which" {
	whole_portal
	wd_browser ann
	wd_open "$(page_of 101)"
	wd_browser ben
	wd_open "$(page_of 102)"
	ring 101
	run --separate-stderr bx-call -c "$CALL" show --user "$(user_of 101)" --user "$(user_of 102)"
	assert_success
	run --separate-stderr bx-card -c "$CALL" -t 20 wait initialized --user "$(user_of 102)"
	assert_success
	run bx-card -c "$CALL" state incoming
	assert_success
	assert_json '[.users[].user] | sort == ['"$(user_of 101), $(user_of 102)"']'
	wd_press answer
	run --separate-stderr bx-card -c "$CALL" -t 20 wait answer
	assert_json '.user == '"$(user_of 102)"
	run bx-card -c "$CALL" state connected --user "$(user_of 102)"
	assert_success
	wd_state connected
	wd_browser ann
	wd_state incoming
	run --separate-stderr bx-call -c "$CALL" hide --user "$(user_of 101)"
	assert_success
	run --separate-stderr bx-card -c "$CALL" -t 20 wait card.gone --user "$(user_of 101)"
	assert_success
	wd_gone card
}

@test "check names the card that is in the way" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	run --separate-stderr bx-call check "$(user_of 101)"
	assert_failure 10
	assert_equal "$(jq -r 'select(.ok == false) | .check' <<<"$output")" card
	[[ $(jq -r 'select(.check == "card") | .todo' <<<"$output") == "bx-call -c $CALL finish;"* ]] || fail "$output"
	assert_equal "$(jq -c 'select(.check == "open-page" or .check == "access") | .ok' <<<"$output" | sort -u)" true
	bx-call -c "$CALL" finish >/dev/null
	wd_gone card
	bx-card -c "$CALL" -t 20 wait card.gone >/dev/null
	# The page was heard, so the app is loaded for this employee.
	run --separate-stderr bx-call check "$(user_of 101)"
	assert_success
	assert_equal "$(jq -c 'select(.check == "access") | .ok' <<<"$output")" true
	assert_equal "$(jq -c 'select(.check == "open-page") | .ok' <<<"$output")" null
	run --separate-stderr bx-call check "$(user_of 102)"
	assert_equal "$(jq -c 'select(.check == "access") | .ok' <<<"$output")" null
}
