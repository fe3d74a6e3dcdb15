# bx-auth add and login at a terminal: the portal's form, and the end of the command by itself.
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
		see client_secret of the app:
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
		see client_secret of the app:
		type a-secret-of-some-length\r
		see https://crm.example.com/oauth/authorize/?client_id=local.1.2&state=
		see the code
		type \r
		see bx-auth login demo
	END
	assert_success
	jq -e .waiting out
	run --separate-stderr bx-auth add other --app --domain crm.example.com <<<secret
	assert_failure 2
	run pty bx-auth login demo <<<$'see public-url\nsee the code\ntype \\r\nsee no code was given'
	assert_failure 2
	run pty bx-auth login -t 1 demo <<<'see nobody authorised demo in time'
	assert_failure 6
}

# The installed app, and a code as the portal gives it.
installed() {
	sandbox_start
	ctl install --install-url "$SANDBOX/sandbox/sink/install" --redirect-url "$SANDBOX/sandbox/sink/oauth" >/dev/null
	secret=$(jq -r .app.client_secret <<<"$SANDBOX_INFO")
	id=$(jq -r .app.client_id <<<"$SANDBOX_INFO")
}
code() {
	curl -s -o /dev/null -w '%{redirect_url}' "$SANDBOX/oauth/authorize/?client_id=$id&state=x" |
		grep -oE 'code=[^&]+' | cut -d= -f2
}

@test "the code does it too, for add and login, with bx-serve or without" {
	installed
	for serve in no yes; do
		[ $serve = no ] || serve_start
		pasted=$(code)
		run pty -o out bx-auth -o json add $serve --app --domain "$DOMAIN" --auth-server "$AUTH_SERVER" --client-id "$id" <<-END
			see client_secret of the app:
			type $secret\\r
			see /oauth/authorize/
			see the code
			type $pasted\\r
		END
		assert_success
		refute_output --partial "$pasted"
		jq -e '.portal == "'$serve'" and (.waiting | not) and .member_id != ""' out
		pasted=$(code)
		run pty -o out bx-auth -o json login $serve <<-END
			see /oauth/authorize/
			see the code
			type $pasted\\r
		END
		assert_success
		refute_output --partial "Handler path"
		jq -e '.portal == "'$serve'"' out
		bx-auth rm $serve
	done
}

@test "login at a terminal shows the form, and ends by itself when the app is installed" {
	sandbox_start && portal_app demo >/dev/null 2>&1 && serve_start
	export SERVE
	run pty -o out bx-auth -o json login demo <<-END
		see $SERVE/install
		see the code
		run bx-sandbox ctl install --install-url "$SERVE/install" --event-url "$SERVE/event" >/dev/null
	END
	assert_success
	jq -e '.portal == "demo" and .member_id != ""' out
}

@test "Ctrl-C at a hidden prompt leaves a terminal that shows what is typed" {
	run pty bash -c 'trap : INT; bx-auth add x --webhook; stty -a' <<-'END'
		see URL of the webhook
		type \x03
		see -echoprt
	END
	[[ $output =~ [[:space:]]echo[[:space:]] ]] || fail "$output"
}
