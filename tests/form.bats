# bx-auth add at a terminal: the portal's form, and the end of the command by itself.
load lib
load client

setup() {
	bx_setup
	PATH=$BX_BIN/../tests/tools:$PATH
	export TERM=xterm
}
teardown() { bx_teardown; }

@test "add says what to type where, and ends by itself when the app is installed" {
	sandbox_start
	serve_start
	secret=$(jq -r .app.client_secret <<<"$SANDBOX_INFO")
	export SERVE
	run pty -o out bx-auth -o json add demo --app --domain "$DOMAIN" --auth-server "$AUTH_SERVER" <<-END
		see $SERVE/worker
		see $SERVE/install
		see Telephony
		see client_id of the app:
		type $(jq -r .app.client_id <<<"$SANDBOX_INFO")\\r
		see client_secret
		type $secret\\r
		see ends by itself
		run bx-sandbox ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" >/dev/null
	END
	assert_success
	refute_output --partial "$secret"
	jq -e '.portal == "demo" and (.waiting | not) and .member_id != ""' out
}

@test "without bx-serve it says what is to be done" {
	run pty -o out bx-auth -o json add demo --app --domain crm.example.com --client-id local.1.2 <<-'END'
		see public-url
		see client_secret
		type a-secret-of-some-length\r
		see bx-auth login demo
	END
	assert_success
	jq -e .waiting out
	run --separate-stderr bx-auth add other --app --domain crm.example.com <<<secret
	assert_failure 2
}
