# bx-card shell: a prompt that shows the card, told events, completion; also from a pipe.
load lib
load webdriver
load serve

setup() {
	bx_setup
	PATH=$BX_BIN/../tests/tools:$PATH
	export TERM=xterm
}
teardown() { bx_teardown; }

a_call() {
	whole_portal
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in "$@" >call.json
	CALL=$(jq -r .CALL_ID call.json)
	# What the portal tells of it is in the journal now.
	ctl idle >/dev/null
}

@test "without a daemon there is nothing to talk to; standard input is the prompt's" {
	run --separate-stderr bx-card -c abc shell </dev/null
	assert_failure 5
	[[ $stderr == *"bx-serve is not running here"* ]]
	run --separate-stderr bx-card -c - shell <<<'{"CALL_ID":"abc"}'
	assert_failure 2
	[[ $stderr == *"standard input is the prompt's"* ]]
}

@test "from a pipe every line is a command line, and the last failure is the status" {
	a_call --no-show
	run --separate-stderr bx-card -o json shell <<-END
		states
		state connected
		call $CALL
		-c abc events
		events -e ONVOXIMPLANTCALLSTART
		state talking
		shell
		call
	END
	assert_failure 2
	assert_equal "${#lines[@]}" 13
	assert_json '.event == "ONVOXIMPLANTCALLSTART"'
	[[ $stderr == *"which call?"*"'talking' is not one of"*"this is the shell"*"usage: call"* ]] || fail "$stderr"
	run --separate-stderr bx-card -o json -c "$CALL" shell <<<$'dance\nquit\nstates'
	assert_failure 2
	refute_output
	[[ $stderr == *"unknown verb 'dance'"* ]]
	run --separate-stderr bx-card -o json -c "$CALL" shell <<<$'\n# nothing\nevents -e ONVOXIMPLANTCALLSTART'
	assert_success
}

@test "a call that cannot be chosen leaves the one before it" {
	a_call --no-show
	run --separate-stderr bx-card -o json -c "$CALL" shell <<-'END'
		call ext:nosuch
		events -e ONVOXIMPLANTCALLSTART
		call -
		-c - state connected
		events -e ONVOXIMPLANTCALLSTART
	END
	assert_failure 2
	assert_equal "${#lines[@]}" 2
	assert_json ".CALL_ID == \"$CALL\""
	[[ $stderr == *"nosuch"*"is the prompt's"*"-c - has no place"* ]] || fail "$stderr"
}

@test "the prompt shows the card, events are told above it, words are completed" {
	a_call
	wd_start
	wd_open "$(page_of 101)"
	bx-call -c "$CALL" show >/dev/null
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
	run pty -o out bx-card -o json shell <<-'END' 3>&-
		prompt start> 
		type state inc\t\r
		prompt incoming> 
		type sta\t\t
		see states
		type us 'On line'\r
		prompt incoming> 
		type --help\r
		prompt incoming> 
		type quit\r
	END
	assert_success
	assert_equal "$(grep '^{' out | jq -r .verb | tr '\n' ' ')" 'state status '
	grep -q '^verbs:' out
	assert_equal "$(wd_text '#card-status')" 'On line'
}

@test "what happens is told, and Ctrl-C ends a wait alone" {
	a_call --no-show
	export -f metric
	run pty -o out bx-card -c "$CALL" shell <<-'END' 3>&-
		prompt no card> 
		type wait answer
		see wait answer
		type \r
		run until [ "$(metric bx_serve_waits)" = 1 ]; do :; done
		run bx-call -c - finish --duration 3 <call.json >/dev/null
		type \x03
		see cancelled
		see ONVOXIMPLANTCALLEND
		prompt no card> 
		type \x04
	END
	assert_success
}

@test "send at the prompt goes to the frames of the chosen call, without one to those that lead" {
	whole_portal --client-js "$BX_ROOT/tests/own-client.js"
	wd_start
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
	run --separate-stderr bx-card -o json -c "$CALL" shell <<-'END'
		send '{"answer":{"ring":1}}'
		send '{"throw":"no tone"}'
		send {
	END
	assert_failure 2
	assert_equal "$(jq -c '[.CALL_ID, .verb, .ok, .users[0].result]' <<<"${lines[0]}")" "[\"$CALL\",\"send\",true,[{\"ring\":1}]]"
	[[ $stderr == *"no tone (user $(user_of 101))"*"'{' is not JSON"* ]] || fail "$stderr"
	run pty -o out bx-card -o json -c "$CALL" shell <<-'END' 3>&-
		prompt start> 
		type sen\t'{"answer":{"hold":true}}'\r
		see "hold":true
		prompt start> 
		type quit\r
	END
	assert_success
}
