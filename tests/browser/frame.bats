# The frame in the real world: proxies, restarts, several registrations, the installer's page.
load ../lib
load ../webdriver

setup() { bx_setup; }
teardown() { bx_teardown; }

ring() {
	bx-call register --ext "$1" --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	bx-card -c "$CALL" -t 20 wait initialized >row.json
}
metric() { curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics | grep "^$1 " | cut -d' ' -f2; }

@test "an idle page holds no line; a card opens one" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	wd_wait '#card-template, body'
	assert_equal "$(metric bx_serve_frame_lines_total)" 0
	ring 101
	assert_equal "$(metric bx_serve_frame_lines)" 1
	run wd_console
	refute_output --partial SEVERE
}

@test "where no WebSocket passes, posts do: the same call to its end" {
	sandbox_start
	portal_app demo >/dev/null
	start proxy "$BX_BIN/../tests/tools/oldproxy" 127.0.0.2 target
	serve_start --public-url "http://$(jq -r .listening <<<"$FIRST")"
	echo "$SERVE_LISTEN" >target
	portal_install >/dev/null
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	jq -e --argjson user "$(user_of 101)" '.user == $user' row.json
	run bx-card -c "$CALL" state incoming
	assert_success
	wd_state incoming
	wd_press answer
	run --separate-stderr bx-card -c "$CALL" -t 20 wait answer
	assert_success
	run bx-card -c "$CALL" timer start
	assert_success
	run bx-card -c "$CALL" close
	assert_success
	wd_gone card
	assert_equal "$(metric bx_serve_frame_lines_total)" 0
	[ "$(metric bx_serve_frame_posts_total)" -gt 3 ]
	stop proxy KILL
}

@test "a general and a personal registration: one of the two frames speaks" {
	whole_portal
	bx-bind worker --user "$(user_of 101)" >/dev/null
	wd_start
	wd_open "$(page_of 101)"
	ring 101
	run bx-card -c "$CALL" state connected
	assert_success
	assert_json '.users[0].frames | length == 1'
	wd_state connected
	wd_press mute
	bx-card -c "$CALL" -t 20 wait mute >/dev/null
	assert_equal "$(metric bx_serve_frame_lines_total)" 1
	run bash -c 'bx-card events | jq -r .event | grep -c -e initialized -e muteButtonClick'
	assert_output 2
}

# A call of that profile's app, whose button is heard by it and not by the other.   talk NAME OTHER
talk() {
	bx-call -p "$1" register --ext 101 --phone '+1 555 010 0199' --type in >call.json
	CALL=$(jq -r .CALL_ID call.json)
	run --separate-stderr bx-card -p "$1" -c "$CALL" -t 20 wait initialized
	assert_json ".portal == \"$1\" and .own and .user == $(user_of 101)"
	FRAMES+=("$(field .frame)")
	run --separate-stderr bx-card -p "$1" -c "$CALL" state connected
	assert_json ".users == [{user: $(user_of 101), frames: [\"${FRAMES[-1]}\"], ok: true}]"
	wd_state connected
	run --separate-stderr bx-card -p "$2" -c "$CALL" -t 0.2 state incoming
	assert_failure
	wd_press mute
	run --separate-stderr bx-card -p "$1" -c "$CALL" -t 20 wait mute
	assert_json ".portal == \"$1\" and .frame == \"${FRAMES[-1]}\""
	run --separate-stderr bx-card -p "$2" -c "$CALL" -t 0.2 wait mute
	assert_failure 6
	wd_state connected
	bx-card -p "$1" -c "$CALL" close >/dev/null
	wd_gone card
	bx-card events | jq -se --arg call "$CALL" --arg name "$1" \
		'map(select(.CALL_ID == $call and .own)) | length > 3 and all(.portal == $name)'
}

@test "two apps of one portal at one daemon: each card's buttons and commands are those of its own app" {
	local -a FRAMES=()
	whole_portal
	ctl app Second --scope placement,telephony,user >second.json
	jq -r .client_secret second.json | bx-auth add second --app --domain "$DOMAIN" \
		--auth-server "$AUTH_SERVER" --client-id "$(jq -r .client_id second.json)" >/dev/null
	ctl install --app Second --install-url "$SERVE/install" --event-url "$SERVE/event" >/dev/null
	ctl idle >/dev/null
	bx-bind -p second worker | jq -e '.action == "bound"'
	wd_start
	wd_open "$(page_of 101)"
	talk demo second
	talk second demo
	assert_not_equal "${FRAMES[0]}" "${FRAMES[1]}"
	assert_equal "$(metric bx_serve_frame_lines)" 2
}

@test "the installer's page finishes the installation by itself" {
	sandbox_start
	portal_app demo >/dev/null
	serve_start
	ctl install --ui --install-url "$SERVE/install" --event-url "$SERVE/event"
	wd_start
	wd_open "$(page_of 101)"
	wd_click "[id^=installer-]"
	run --separate-stderr bx-card -t 20 wait app.installed --since 0
	assert_success
	assert_json '.portal == "demo" and .data == null'
	wd_wait 'body[data-ready]:not(:has([id^=installer-]))'
	run bx-rest app.info
	assert_json '.INSTALLED == true'
}

@test "errors and console messages of the hidden frame are in the journal, within bounds" {
	whole_portal
	wd_start
	wd_open "$(page_of 101)"
	wd_wait 'body[data-ready]'
	wd_call POST /frame '{"id":0}' >/dev/null
	wd_js 'console.warn("one", {a: 1});
		const script = document.createElement("script");
		script.nonce = document.scripts[0].nonce;
		script.text = `Promise.reject(new Error("no")); throw new Error("boom")`;
		document.head.append(script);
		return 1' >/dev/null
	wd_js 'for (let i = 0; i < 100; i++) console.log("x".repeat(9999)); return 1' >/dev/null
	wd_top
	run --separate-stderr bx-card -t 20 wait frame.log --since 0
	assert_json '.source == "serve" and .portal == "demo" and .frame and .data == {level: "warn", text: "one [object Object]"}'
	# A page's later messages come after its earlier ones.
	wd_open "$(page_of 101)"
	wd_wait 'body[data-ready]'
	wd_call POST /frame '{"id":0}' >/dev/null
	wd_js 'console.error("last"); return 1' >/dev/null
	exec {FOLLOW}< <(exec bx-card events -f --since 0 -e frame.log 3>&-)
	local pid=$! line=''
	while [[ $line != *'"last"'* ]] && read -r -t 20 line <&"$FOLLOW"; do
		printf '%s\n' "$line" >>logs
	done
	kill "$pid"
	exec {FOLLOW}<&-
	assert_equal "$(wc -l <logs)" 21
	jq -se 'any(.[]; .data.level == "error" and (.data.text | . == "Uncaught Error: boom 1"))
		and any(.[]; .data.level == "error" and (.data.text | . == "Error: no"))
		and all(.[]; .data.text | length <= 500)' logs
	assert_equal "$(metric bx_serve_frame_logs_total)" 21
}
