# A portal of an intranet, known by plain http and by a name that is not of this machine alone: to a
# browser such pages are not secure, and have less than those of https.
load ../lib
load ../webdriver
load ../serve

setup() { bx_setup; }
teardown() {
	web_server_stop
	bx_teardown
}

# The house's names: our tools ask a proxy for the portal, the browser is told of both. The portal
# itself knows the daemon by its number.
intranet() {
	sandbox_start --domain portal.intranet
	BX_SANDBOX=http://$(jq -r .listening <<<"$SANDBOX_INFO")
	web_server "location / { proxy_pass $BX_SANDBOX; proxy_set_header Host \$http_host; }"
	export http_proxy=http://$WEB no_proxy=127.0.0.1,127.0.0.2,admin
	jq -r .app.client_secret <<<"$SANDBOX_INFO" |
		bx-auth add demo --app --insecure-http --domain "$SANDBOX" --auth-server "$BX_SANDBOX" \
			--client-id "$(jq -r .app.client_id <<<"$SANDBOX_INFO")" >/dev/null
	serve_start --public-url http://bx.intranet "$@"
	portal_install >/dev/null
	wd_browser clerk --no-proxy-server \
		"--host-resolver-rules=MAP portal.intranet ${BX_SANDBOX#http://}, MAP bx.intranet $SERVE_LISTEN"
}

@test "a portal on plain http in an intranet: its cards, the client, and a warning of what goes in the clear" {
	cat >client.js <<-'END'
		bx.on('leader', is => bx.emit('leader', {is, locks: 'locks' in navigator}));
		bx.on('message', message => message);
	END
	intranet --client-js client.js --presence
	wd_open "$(page_of 101)"
	# Such a page cannot agree with others who leads.
	run --separate-stderr bx-card -t 30 wait client::leader --since 0
	assert_json '.data == {is: true, locks: false}'
	LEADER=$(field .frame)
	wd_new_tab >tab
	wd_open "$(page_of 101)"
	run --separate-stderr bx-call register --ext 101 --phone '+1 555 010 0199' --type in
	assert_success
	assert_equal "$stderr" 'bx-call: credentials go to portal.intranet without TLS'
	echo "$output" >call.json
	run --separate-stderr bx-card -c - -t 20 wait initialized <call.json
	assert_json ".user == $(user_of 101)"
	run --separate-stderr bx-card -c - state connected <call.json
	assert_success
	run --separate-stderr bx-card send '{"to":"the leader"}'
	assert_json ".users == [{user: $(user_of 101), frames: [\"$LEADER\"], ok: true, result: [{to: \"the leader\"}]}]"
	wd_close_tab
	wd_switch "$(wd_call GET /window/handles | jq -r '.[0]')"
	wd_state connected
	wd_press mute
	run --separate-stderr bx-card -c - -t 20 wait mute <call.json
	assert_json '.data == true'
	run wd_console
	refute_output --partial SEVERE
}

@test "/mic on plain http says that https is needed" {
	intranet
	wd_open http://bx.intranet/mic
	wd_click button
	wd_wait 'body[data-state=failed]'
	run wd_text p
	assert_output 'Browsers give a microphone to pages of https alone.'
	run wd_console
	refute_output --partial SEVERE
}
