# Scripts for the card: what is checked before anything is sent, and what they do.
load lib
load webdriver

setup() { bx_setup; }
teardown() { bx_teardown; }

# A script with that last line is refused with that text, although its first line is good.
refused() {
	printf 'state incoming\n\n# comment\n%s\n' "$1" >script
	run --separate-stderr bx-card -c abc play script
	assert_failure 2
	refute_output
	[[ $stderr == "bx-card: play: script:4: "*"$2"* ]] || fail "$1: $stderr"
}

@test "a script is checked as a whole, and its line is named" {
	refused 'state talking' "STATE 'talking' is not one of incoming"
	refused 'title "Ann' 'a quote is not closed'
	refused 'dance' "unknown verb 'dance'"
	refused 'wait' 'arguments are missing'
	refused 'wait answr' "'answr' is neither an event nor a button"
	refused 'wait answer -t soon' "'soon' is not a number of seconds"
	refused 'timeout soon' "'soon' is not a number of seconds"
	refused 'timeout' 'arguments are missing'
	refused 'send {' "'{' is not JSON"
	refused 'send' 'arguments are missing'
	refused "on mute do send '{'" "'{' is not JSON"
	refused 'close --user ann' "'ann' is not the number of a user"
	refused 'on mute' 'usage: on EVENT'
	refused 'on do close' 'usage: on EVENT'
	refused 'on mute do' 'usage: on EVENT'
	refused 'on mut do close' "'mut' is neither"
	refused 'on mute do state talking' "STATE 'talking'"
	refused 'on mute do wait hold' "'wait' cannot follow do"
	refused 'on mute do play script' "unknown verb 'play'"
	refused '-c - close' '-c - has no place'
	refused $'close\fnow' "'now' is not a parameter"
}

@test "-n tells what a script would send" {
	run --separate-stderr bx-card -n -c abc play - <<-'END'
		on mute hold do status 'Heard you'
		wait answer mute --cursor two # and no more
		state connected --no-timer --user 12
		timeout 1.5
		close
		send '{"ring":[1]}' --user 12
	END
	assert_success
	assert_line --index 0 '{"cmd":"wait","call":"abc","events":["answerButtonClick","muteButtonClick","holdButtonClick"],"cursor":"two"}'
	assert_line --index 1 '{"cmd":"card","call":"abc","users":[12],"verb":"state","timeout":5000,"params":{"disableAutoStartTimer":true,"uiState":"connected"}}'
	assert_line --index 2 '{"cmd":"card","call":"abc","verb":"close","timeout":1500,"params":{}}'
	assert_line --index 3 '{"cmd":"card","call":"abc","users":[12],"verb":"send","timeout":1500,"params":{"ring":[1]}}'
	assert_equal "${#lines[@]}" 4
}

@test "what cannot be read or found" {
	run --separate-stderr bx-card -c abc play nowhere
	assert_failure 2
	[[ $stderr == *"nowhere: No such file"* ]]
	run --separate-stderr bx-card -c - play - <<<'{"CALL_ID":"abc"}'
	assert_failure 2
	[[ $stderr == *"either the script or the call"* ]]
	run --separate-stderr bx-card play script
	assert_failure 2
	head -c 300000 /dev/zero | tr '\0' '#' >large
	run --separate-stderr bx-card -c abc play large
	assert_failure 2
	[[ $stderr == *"large is larger than 262144 bytes"* ]]
	printf 'close\n\0close\n' >nul
	run --separate-stderr bx-card -n -c abc play nul
	assert_failure 2
	refute_output
	[[ $stderr == *"nul is no text"* ]]
	: >empty
	run --separate-stderr bx-card -c abc play empty
	assert_success
	refute_output
}

@test "a script that nobody answers ends with the line and the status of its wait" {
	whole_portal
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in --no-show >call.json
	printf 'timeout 0.2\nwait answer\nclose\n' >script
	run --separate-stderr bx-card -c "$(jq -r .CALL_ID call.json)" play script
	assert_failure 6
	[[ $stderr == *"script:2: "* ]]
}

@test "an operator is led by a script, and what he presses is answered" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	cat >script <<-'END'
		wait initialized --timeout 20
		title "Ann Lee"
		state incoming
		on mute do status "Muted"
		on mute hold do title "Pressed"
		wait answer
		state connected
		wait hangup
		close
	END
	bx-card -c - play script <call.json >play.jsonl 2>play.err 3>&- &
	local play=$!
	wd_state incoming
	wd_wait_text card-title 'Ann Lee'
	wd_press answer
	wd_state connected
	wd_press mute
	wd_wait_text card-status 'Muted'
	wd_wait_text card-title 'Pressed'
	wd_press hangup
	wd_gone card
	wait "$play" || { cat play.err >&2 && false; }
	assert_equal "$(jq -r '.event // .verb' play.jsonl | tr '\n' ' ')" \
		'initialized title state answerButtonClick state muteButtonClick status title hangupButtonClick close '
}

@test "a script talks with the client of one's own; a reaction that fails names its own line, once" {
	whole_portal --client-js "$BX_ROOT/tests/own-client.js"
	wd_start
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	cat >script <<-'END'
		wait initialized --timeout 20
		on client::again do send '{"throw":"no such tone"}'

		send '{"emit":"first","answer":1}'
		wait client::first --timeout 20
		send '{"emit":"again","answer":2}'
		wait answer --timeout 20
	END
	run --separate-stderr bx-card -c - play script <call.json
	assert_failure 1
	assert_equal "$stderr" "bx-card: play: script:2: no such tone (user $(user_of 101))"
	assert_equal "$(jq -r '.event // .verb' <<<"$output" | tr '\n' ' ')" 'initialized send client::first send client::again '
	assert_equal "$(jq -c 'select(.verb == "send" and .ok) | .users[0].result' <<<"$output")" \
		$'[1]\n[2]'
}
