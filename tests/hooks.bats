# Hooks of the daemon: at least once, whatever happens; bounded; and told of when they fail.
load lib
load serve

setup() { bx_setup; }
teardown() { bx_teardown; }

# An executable of the folder hooks, with that body.   hook EVENT SCRIPT
hook() {
	mkdir -p hooks
	printf '#!/bin/sh\ncd "%s" || exit 9\n%s\n' "$PWD" "$2" >"hooks/$1"
	chmod +x "hooks/$1"
}
# An event of the portal that concerns no call.   event NAME [FIELD=VALUE...]
event() { assert_equal "$(deliver "$1" "$APP_TOKEN" "${@:2}")" 200; }
hooks() { bx-card hooks ls; }
# Waits for a record of the daemon's, whenever it came.   told EVENT
told() { bx-card -t 30 wait "$1" --since 0; }

@test "a hook that fails is run again, ever later, until it is given up and told of" {
	hook ONTEST 'echo "$BX_SEQ" >>ran; [ -e mended ]'
	installed --hooks "$PWD/hooks" --hook-tries 4 --hook-delay 10
	event ONTEST
	told hook.failed >failed.json
	jq -e '.source == "serve" and .portal == "demo" and .data.hook == "hooks/ONTEST" and .data.event == "ONTEST"
		and .data.tries == 4 and .data.status == 1' failed.json
	assert_equal "$(wc -l <ran)" 4
	assert_equal "$(sort -u ran)" "$(jq .data.seq failed.json)"
	hooks >listed
	jq -se '.[0] == {hook: "hooks/ONTEST", event: "ONTEST", running: 0, waiting: 0, failed: 1}
		and (.[1] | .tries == 4 and .status == 1 and .event == "ONTEST")' listed
	assert_equal "$(metric bx_serve_hooks_failed_total)" 1
	# It stays until somebody says that it may be tried again.
	touch mended
	run --separate-stderr bx-card hooks retry 1000000
	assert_failure 5
	mkfifo told
	hook ONTEST 'echo "$BX_SEQ" >>ran; echo >told'
	run --separate-stderr bx-card hooks retry "$(jq .data.seq failed.json)"
	assert_success
	assert_json '.hook == "hooks/ONTEST" and .tries == 4'
	read -r _ <told
	assert_equal "$(wc -l <ran)" 5
	stop serve
	serve_start --hooks "$PWD/hooks"
	hooks | jq -e '.waiting == 0 and .failed == 0'
	run --separate-stderr bx-card hooks retry
	assert_failure 5
}

@test "the daemon killed again and again: every record reaches its hook, and few do twice" {
	hook ONTEST 'echo "$BX_SEQ" >>ran; echo >gate'
	installed --hooks "$PWD/hooks"
	local round n
	mkfifo gate
	exec {GATE}<>gate
	for round in 1 2 3 4 5; do
		for n in $(seq 40); do event ONTEST "data[N]=$n"; done
		# Somewhere in the middle of them.
		for n in $(seq $((round * 5))); do read -r -t 30 _ <&"$GATE"; done
		stop serve KILL
		serve_start --hooks "$PWD/hooks"
	done
	mkfifo told
	hook ONLAST 'echo >told'
	kill -HUP "${BX_PIDS[serve]}"
	control reload
	event ONLAST
	read -r _ <told
	bx-card events | jq 'select(.event == "ONTEST").seq' | sort >wanted
	while [ "$(sort -u ran | wc -l)" -lt 200 ]; do
		event ONLAST
		read -r _ <told
	done
	assert_equal "$(wc -l <wanted)" 200
	assert_equal "$(sort -u ran)" "$(cat wanted)"
	# Those that ran when it was killed, at most.
	[ "$(wc -l <ran)" -le $((200 + 5 * 8)) ]
	stop serve
	exec {GATE}<&-
}

@test "eight at once, the others wait for their turn" {
	mkfifo gate started
	hook ONTEST 'echo "$BX_SEQ" >started; read -r _ <gate'
	installed --hooks "$PWD/hooks"
	local n
	exec {STARTED}<>started {GATE}<>gate
	for n in $(seq 11); do event ONTEST; done
	for n in $(seq 8); do read -r -t 20 _ <&"$STARTED"; done
	hooks | jq -e '.running == 8 and .waiting == 3'
	assert_equal "$(metric bx_serve_hooks)" 8
	for n in $(seq 3); do
		echo >&"$GATE"
		read -r -t 20 _ <&"$STARTED"
	done
	for n in $(seq 8); do echo >&"$GATE"; done
	stop serve
	exec {STARTED}<&- {GATE}<&-
}

@test "a hook that hangs is killed after its time, with what it started" {
	mkfifo gate
	hook ONTEST 'cat gate & cat gate'
	installed --hooks "$PWD/hooks" --hook-timeout 1 --hook-tries 1
	event ONTEST
	told hook.failed | jq -e '.data.status == 137 and .data.tries == 1'
	# Who is killed is gone once he had the processor for it.
	timeout 60 bash -c 'while pgrep -f "cat gat[e]" -s 0 >/dev/null; do :; done'
}

@test "a record whose call is not settled yet waits for that, also over a kill" {
	hook answerButtonClick 'echo "$BX_CALL_ID" >told'
	mkfifo told
	installed --hooks "$PWD/hooks"
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick)]"
	down '.a == 2'
	hooks | jq -e '.running == 0 and .waiting == 1'
	stop serve KILL
	line_close
	serve_start --hooks "$PWD/hooks"
	hooks | jq -e '.running == 0 and .waiting == 1'
	own c1
	assert_equal "$(cat told)" c1
}

@test "a hook of the command line is for an event in any of its names" {
	printf '#!/bin/sh\ncd "%s" && echo "$BX_EVENT" >>told\n' "$PWD" >tell
	chmod +x tell
	mkfifo told
	exec {TOLD}<>told
	installed --foreign --on "answer=$PWD/tell" --on "onTest=$PWD/tell" --on "client::done=$PWD/tell"
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick),$(click 3 client::done)]"
	down '.a == 3'
	event ONTEST
	for _ in 1 2 3; do read -r -t 30 line <&"$TOLD" && echo "$line"; done | sort >heard
	line_close
	assert_equal "$(tr '\n' ' ' <heard)" "ONTEST answerButtonClick client::done "
}

@test "another app's call leaves nothing behind, unless --foreign wants it" {
	hook answerButtonClick 'echo "$BX_CALL_ID" >told'
	mkfifo told
	installed --hooks "$PWD/hooks" --foreign
	token=$(frame_token)
	line_open
	hello "$token" "[$(initialized 1 c1),$(click 2 answerButtonClick)]"
	down '.a == 2'
	assert_equal "$(timeout 30 cat told)" c1
	line_close
}

@test "a hook that is not wanted for a while keeps what it still had to do" {
	mkfifo told
	installed --on "ONTEST=false" --hook-delay 3600000
	event ONTEST
	event ONOTHER
	stop serve
	serve_start --on 'ONOTHER=true'
	hooks | jq -e '.hook == "ONOTHER=true" and .waiting == 0'
	event ONTEST
	stop serve
	serve_start --on "ONTEST=false"
	hooks | jq -e '.waiting == 1'
}

@test "--verify: a removal is told to hooks once the portal has confirmed it" {
	mkfifo told
	hook ONAPPUNINSTALL 'echo "$BX_EVENT" >told'
	installed --hooks "$PWD/hooks" --verify
	assert_equal "$(deliver ONAPPUNINSTALL "$APP_TOKEN" 'data[CLEAN]=1')" 200
	told app.present
	hooks | jq -e '.running == 0 and .waiting == 0'
	stop serve
	serve_start --hooks "$PWD/hooks" --verify
	ctl uninstall >/dev/null
	assert_equal "$(timeout 30 cat told)" app.removed
}

@test "a hook for failures hears of those of others, and not of its own" {
	hook hook.failed 'cat >>heard; exit 1'
	installed --hooks "$PWD/hooks" --on 'ONTEST=false' --hook-tries 2 --hook-delay 1
	event ONTEST
	told hook.failed | jq -e '.data.hook == "ONTEST=false"'
	mkfifo told
	hook ONLAST 'echo >told'
	kill -HUP "${BX_PIDS[serve]}"
	control reload
	event ONLAST
	read -r _ <told
	hooks | jq -se 'map(select(.hook == "hooks/hook.failed" and has("failed") and has("waiting")))[0] | .failed + .waiting == 1'
	assert_equal "$(bx-card events -e hook.failed | wc -l)" 1
	jq -se 'all(.[]; .data.event == "ONTEST")' heard
}

@test "words about bad hooks" {
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --on 'ONX=true' --on 'ONX=true'
	assert_failure 2
	[[ $stderr == *"given twice"* ]]
	for event in card.goen answr X client:x client:: BackgroundCallCard::x; do
		run --separate-stderr bx-serve --listen 127.0.0.2:0 --on "$event=true"
		assert_failure 2
		assert_equal "$stderr" "bx-serve: '$event' is neither an event nor a button"
	done
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --hooks "$PWD/none"
	assert_failure 2
	run --separate-stderr bx-card hooks ls
	assert_failure 5
	run --separate-stderr bx-card hooks retry x
	assert_failure 2
	run bx-card -n hooks retry 7 --hook 'hooks/X'
	assert_json '. == {cmd: "hooks retry", seq: 7, hook: "hooks/X"}'
}
