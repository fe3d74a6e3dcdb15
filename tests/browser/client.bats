# The user's own client in the hidden frame: --client-js, bx-card send, client::* and frame.log.
load ../lib
load ../webdriver
load ../serve

setup() {
	bx_setup
	cp "$BX_ROOT/tests/own-client.js" client.js
}
teardown() { bx_teardown; }

ring() {
	bx-call register --ext "$1" --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >row.json
}
# Waits for the next of these events of any frame, after the last one so awaited.   next EVENT...
next() { run --separate-stderr bx-card -t 30 wait --cursor test "$@"; assert_success; }

@test "a client comes after the load: its line is open, it leads, and the shell talks with it" {
	whole_portal --client-js client.js --presence --on "client::hello.world=tee $PWD/hooked.json"
	wd_start
	wd_open "$(page_of 101)"
	next client::ready
	assert_json '.data == "</script>"'
	next client::leader
	assert_json ".data == {is: true, user: \"$(user_of 101)\"} and .user == $(user_of 101) and .own == true and .source == \"card\""
	run bx-card send '{"emit":"hello.world","data":[1,"ä"],"answer":{"yes":1}}'
	assert_success
	assert_json ".verb == \"send\" and .ok and (.users | length) == 1 and .users[0].user == $(user_of 101)
		and .users[0].result == [{yes: 1}] and (.users[0].frames | length) == 1"
	next client::hello.world
	await_line '"event":"client::hello.world"' hooked.json
	assert_json '.data == [1, "ä"] and (has("CALL_ID") | not) or .CALL_ID == null'
	run --separate-stderr bx-card send '{"throw":"no such thing"}'
	assert_failure 1
	assert_equal "$stderr" "bx-card: send: no such thing (user $(user_of 101))"
	run --separate-stderr bx-card send --user 3 1
	assert_failure 5
	run bx-card send '{'
	assert_failure 2
	wd_open about:blank
	next client::left
	run wd_console
	refute_output --partial SEVERE
}

@test "a client and a card: messages by the call, the operator's buttons, commands as verbs" {
	whole_portal --client-js client.js
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	run bx-card -c "$CALL" send '{"call":["state","connected"]}'
	assert_success
	wd_state connected
	run --separate-stderr bx-card -c "$CALL" send '{"call":["state","nonsense"]}'
	assert_failure 1
	assert_equal "$stderr" "bx-card: send: Invalid ui state (user $(user_of 101))"
	wd_press mute
	run --separate-stderr bx-card -c "$CALL" -t 20 wait client::heard.mute
	assert_success
	assert_json ".data == true and .CALL_ID == \"$CALL\" and .own == true"
	run --separate-stderr bx-card -c nosuchcall send 1
	assert_failure 5
}

@test "what the client writes to its console is readable in the journal, and no secret is in it" {
	whole_portal --client-js client.js
	wd_start
	wd_open "$(page_of 101)"
	next client::leader
	bx-card send '{"log":"warn","text":"token a1b2c3d4e5f60718293a4b5c6d7e8f90 came","more":{"a":[1]}}' >/dev/null
	next frame.log
	assert_json '.data == {level: "warn", text: "token ... came {\"a\":[1]}"}'
	bx-card send '{"eval":"throw"}' >/dev/null
	next frame.log
	assert_json '.data.level == "error" and (.data.text | contains("undefinedThing is not defined"))'
	bx-card send '{"eval":"reject"}' >/dev/null
	next frame.log
	assert_json '.data.text | contains("nobody caught this")'
}

@test "what a client may emit has ceilings, of which it is told by an exception" {
	cat >client.js <<-'END'
		bx.on('message', list => list.map(([name, text, times]) => {
			try { bx.emit(name, text.repeat(times)); } catch (e) { return e.message; }
		}));
	END
	whole_portal --client-js client.js
	wd_start
	wd_open "$(page_of 101)"
	bx-call register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >/dev/null
	told() { bx-card -c "$CALL" send "$1" | jq -c '.users[0].result[0]'; }
	long=$(printf 'n%.0s' {1..64})
	assert_equal "$(told "[[\"$long\",\"x\",1],[\"n$long\",\"x\",1],[\"a b\",\"x\",1],[\"\",\"x\",1]]")" \
		"[null,\"an event has letters, digits, _ . and -, not n$long\",\"an event has letters, digits, _ . and -, not a b\",\"an event has letters, digits, _ . and -, not \"]"
	# Bytes of JSON count, not characters.
	assert_equal "$(told '[["big","x",16382],["bigger","x",16383],["wide","ä",8191],["wider","ä",8192]]')" \
		'[null,"bigger: more than 16384 bytes",null,"wider: more than 16384 bytes"]'
	bx-card -c "$CALL" -t 20 wait client::wide >/dev/null
	assert_equal "$(told '[["one","x",16000],["two","x",16000],["three","x",16000],["small","x",1]]')" \
		'[null,null,"three: too much waits for the daemon already",null]'
	bx-card -c "$CALL" -t 20 wait client::small >/dev/null
	assert_equal "$(bx-card -c "$CALL" events | jq -r 'select(.event | startswith("client::")) | "\(.event[8:12]) \(.data | tojson | utf8bytelength)"' | tr '\n' ' ')" \
		'nnnn 3 big 16384 wide 16384 one 16002 two 16002 smal 3 '
}

@test "the client read again on SIGHUP; what cannot be used is not taken" {
	printf 'a\0b' >binary.js
	printf '\xff' >latin.js
	: >empty.js
	sandbox_start
	portal_app demo >/dev/null
	for file in binary.js latin.js empty.js nosuch.js; do
		run bx-serve --public-url http://127.0.0.1:1 --client-js "$file"
		assert_failure 2
		assert_output --partial "--client-js: "
	done
	run bx-serve --client-js client.js --connect-src 'wss://sip.example.net/path'
	assert_failure 2
	assert_output --partial "--connect-src is https, wss, http or ws://HOST[:PORT], not wss://sip.example.net/path"
	run bx-serve --connect-src wss://sip.example.net
	assert_failure 2
	serve_start --client-js client.js --connect-src wss://sip.example.net:8443 --connect-src https://turn.example.net
	portal_install >/dev/null
	cmp <(curl -sS "$SERVE/client.js") client.js
	wd_start
	wd_open "$(page_of 101)"
	next client::ready
	echo "bx.emit('second')" >client.js
	kill -HUP "${BX_PIDS[serve]}"
	await_line 'are read anew' serve.err
	wd_reload
	next client::second client::ready
	assert_json '.event == "client::second"'
	: >client.js
	kill -HUP "${BX_PIDS[serve]}"
	await_line 'the old client stays' serve.err
	assert_equal "$(curl -sS "$SERVE/client.js")" "bx.emit('second')"
}

@test "/mic grants the microphone and shows that it hears, or says why not" {
	installed
	page() { curl -sS -D- "$SERVE/mic?DOMAIN=$DOMAIN&PROTOCOL=0&LANG=en&APP_SID=$SID" "$@"; }
	run page -d "member_id=$MEMBER" -d "APPLICATION_TOKEN=$APP_TOKEN" -d PLACEMENT=LEFT_MENU
	assert_line --partial "frame-ancestors http://$DOMAIN;"
	assert_output --partial 'Your browser asks once'
	run page -d member_id=unknown -d APPLICATION_TOKEN=x
	assert_line --partial '403 '
	wd_browser granting --use-fake-device-for-media-stream --use-fake-ui-for-media-stream
	wd_open "$SERVE/mic"
	wd_click button
	wd_wait 'body[data-state=works]'
	wd_js 'return document.querySelector("meter").value > 0' | grep -q true
	run wd_console
	refute_output --partial SEVERE
	wd_browser refusing --use-fake-device-for-media-stream --deny-permission-prompts
	wd_open "$SERVE/mic"
	wd_click button
	wd_wait 'body[data-state=failed]'
	run wd_text 'p'
	assert_output --partial 'is not allowed'
}

@test "where no WebSocket passes, the client leads, is sent to and tells all the same" {
	behind_proxy --client-js client.js
	kill -USR2 "${BX_PIDS[proxy]}"
	wd_start
	wd_open "$(page_of 101)"
	next client::leader
	assert_json '.data.is == true'
	run --separate-stderr bx-card -t 20 send '{"emit":"hello","answer":"posted"}'
	assert_json '.users[0].result == ["posted"]'
	next client::hello
	ring 101
	run --separate-stderr bx-card -c "$CALL" -t 20 state connected
	assert_success
	wd_state connected
	assert_equal "$(metric bx_serve_frame_lines_total)" 0
	stop proxy KILL
}

# The page that leads of those that are open; it is in LEADER, and a script's message goes there alone.
leads() {
	next client::leader
	assert_json ".data.is and .frame != \"$LEADER\""
	LEADER=$(field .frame)
	run --separate-stderr bx-card -t 20 send '{"answer":1}'
	assert_json ".users | length == 1 and .[0].frames == [\"$LEADER\"] and .[0].result == [1]"
}
# Each page has a client, and one of them leads; another one does once its tab is closed.   one_leads COUNT
one_leads() {
	local tab count=$1
	LEADER=''
	open_tabs "$count"
	for ((tab = 0; tab < count; tab++)); do
		run --separate-stderr bx-card -t 30 wait --cursor tabs client::ready
		assert_success
	done
	assert_equal "$(metric bx_serve_frame_lines)" "$count"
	leads
	assert_equal "$(bx-card events --since 0 -e client::leader | jq -s 'map(select(.data.is)) | length')" 1
	wd_switch "${TABS[0]}"
	wd_close_tab
	TABS=("${TABS[@]:1}")
	wd_switch "${TABS[-1]}"
	leads
}

# A card in each of the tabs, and a page more that is not slow, by WebSocket and by posts.
cards_in_all() {
	local thirteenth
	ctl tabs all
	ring 101
	bx-card -c "$CALL" state connected >/dev/null
	in_each wd_state connected
	wd_new_tab >thirteenth
	not_slow wd_open "$(page_of 101)"
	next client::ready
	assert_equal "$(metric bx_serve_frame_lines)" $((${#TABS[@]} + 1))
	kill -USR2 "${BX_PIDS[proxy]}"
	bx-card -c "$CALL" -t 20 title 'Without a line' >/dev/null
	in_each wd_wait_text card-title 'Without a line'
	wd_press mute
	for tab in 1 2; do next muteButtonClick client::heard.mute; done
	wd_switch "$(cat thirteenth)"
	not_slow wd_reload
	assert_equal "$(metric bx_serve_frame_lines)" 0
}

@test "twelve tabs of a browser with a card in each: one leads, and a page more is not slow" {
	behind_proxy --client-js client.js
	wd_start
	one_leads 13
	cards_in_all
	stop proxy KILL
}

@test "a browser that lets nothing be stored: the daemon says which tab leads" {
	whole_portal --client-js client.js
	wd_driver
	mkdir -p "$WD_DIR/blocked/Default"
	echo '{"profile":{"default_content_setting_values":{"cookies":2}}}' >"$WD_DIR/blocked/Default/Preferences"
	wd_browser blocked
	one_leads 3
}
