# The portal as the public JavaScript client sees it, which is written by others and taken as it
# is: in a worker frame of the page, and on Node over REST.
load page

setup() {
	export NODE_PATH=${BX_BIN%/bin}/sdk/node_modules
	[ -d "$NODE_PATH" ] || fail 'the client is not there: make sdk'
	bx_setup
}
teardown() { bx_teardown; }

certify() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=crm.example.com \
		-addext subjectAltName=DNS:crm.example.com,IP:127.0.0.1 2>/dev/null
	export CURL_CA_BUNDLE=$PWD/cert.pem NODE_EXTRA_CA_CERTS=$PWD/cert.pem
}

# The client's page becomes the worker of the portal.   frame_setup [CERT KEY]
frame_setup() {
	start worker node "$BX_ROOT/tests/sdk/serve.cjs" 127.0.0.2 "$@"
	PRACTICE=$FIRST HANDLER=$FIRST/worker
	world install >/dev/null
	TOKEN=$(world token | jq -r .access_token)
	bind_worker >/dev/null
}

# What the client says in its frame.   js SCRIPT [ARG...]
js() { frame "return (async () => { const b24 = await client; $1 })()" "${@:2}"; }
# A command of the card through the client's call().   gives JSON COMMAND [JSON]
gives() {
	local answer
	answer=$(js 'return b24.placement.call(arguments[0], JSON.parse(arguments[1]))' "$2" "${3:-{\}}")
	assert_equal "$(jq -cS . <<<"$answer")" "$(jq -cS . <<<"$1")"
}

# Handshake, lists, subscriptions, commands, clicks, REST and a renewed token, in one frame.
life_of_a_frame() {
	local origin=$1 events
	page
	assert_equal "$(js 'return [b24.getTargetOrigin(), b24.getLang(), b24.getAppSid().length, b24.auth.isAdmin,
		b24.isInstallMode, b24.isFirstRun, b24.placement.placement, b24.placement.options.ID,
		b24.placement.options.URI]' | jq -c .)" \
		"[\"$origin\",\"en\",32,true,false,true,\"PAGE_BACKGROUND_WORKER\",\"PAGE_BACKGROUND_WORKER\",\"/page/1\"]"
	assert_equal "$(js 'return b24.auth.getAuthData().member_id' | jq -r .)" "$(jq -r .member_id <<<"$SANDBOX_INFO")"

	# It hears of the nine commands and seventeen events, and nothing of what every frame has.
	js 'return b24.placement.getInterface()' >interface
	jq -e '(.command | length) == 9 and (.event | length) == 17 and (.command | index("getInitData") | not)' interface >/dev/null
	# Subscribed once its promise has settled, which takes the silence of a moment: what comes
	# before that goes to the promise and not to the handler.
	assert_equal "$(js 'return Promise.all(arguments[0].split(" ").map(event =>
		b24.placement.bindEvent(event, value => keep(event, value))))' "$(jq -r '.event | join(" ")' interface)" |
		jq -c 'unique')" '[{"isSafely":true}]'

	gives "$no_card" CallCardSetMute '{"muted":true}'
	ring
	assert_equal "$(js 'return heard(arguments[0])' "${PAGE_CARD}initialized" | jq -r '.CALL_ID, .PHONE_NUMBER, .LINE_NUMBER')" \
		"$CALL"$'\n+15550100199\n15550100'

	gives '["incoming","transferIncoming","outgoing","connectingIncoming","connectingOutgoing",
		"connected","transferring","transferFailed","transferConnected","error","moneyError","redial"]' CallCardGetListUiStates
	gives '[]' CallCardSetUiState '{"uiState":"incoming"}'
	wd_press answer
	assert_equal "$(js 'return heard(arguments[0])' "${PAGE_CARD}answerButtonClick")" '""'
	gives "$no_state" CallCardSetUiState '{"uiState":"talking"}'
	gives '[]' CallCardSetUiState '{"uiState":"connected","disableAutoStartTimer":true}'
	wd_state connected
	gives '[]' CallCardSetCardTitle '{"title":"Ann: a::b"}'
	gives '[]' CallCardSetStatusText '{"statusText":"<b>on line</b>"}'
	assert_equal "$(wd_text '#card-title') $(wd_text '#card-status')" 'Ann: a::b <b>on line</b>'
	# Both are silent when they succeed, and the client takes silence for success.
	gives '{"isSafely":true}' CallCardStartTimer
	wd_wait '#card-timer'
	gives '{"isSafely":true}' CallCardStopTimer
	wd_press mute
	assert_equal "$(js 'return heard(arguments[0])' "${PAGE_CARD}muteButtonClick")" true
	gives '[]' CallCardSetMute '{"muted":false}'
	gives '[]' CallCardSetHold '{"held":true}'
	wd_press hold
	assert_equal "$(js 'return heard(arguments[0])' "${PAGE_CARD}holdButtonClick")" false
	gives '[]' CallCardClose
	gives "$no_card" CallCardSetStatusText '{"statusText":"late"}'
	# Nothing was heard twice, and no command made an event of its own.
	assert_equal "$(js 'return Object.entries(got).filter(([name]) => !name.endsWith("entityChanged"))
		.map(([name, list]) => list.length)' | jq -c .)" '[1,1,1,1]'

	# Calls from the frame itself, before and after its token has expired.
	assert_equal "$(js 'return rest("user.current", {})' | jq -r .ID)" 1
	assert_equal "$(js 'return rest("telephony.externalCall.show", {CALL_ID: arguments[0]})' "$CALL")" true
	assert_equal "$(js 'return rest("telephony.externalCall.finish", {CALL_ID: arguments[0], USER_ID: 1, DURATION: 3})' "$CALL" |
		jq -r .CALL_ID)" "$CALL"
	assert_equal "$(js 'return rest("telephony.externalCall.finish", {CALL_ID: arguments[0], USER_ID: 1})' "$CALL" |
		jq -c '[.code, .status]')" '["ERROR_CORE",400]'
	js 'globalThis.before = b24.auth.getAuthData().access_token' >/dev/null
	world expire >/dev/null
	assert_equal "$(js 'return rest("user.current", {})' | jq -r .ID)" 1
	assert_equal "$(js 'const now = b24.auth.getAuthData(); return [now.access_token !== before, now.expires_in]' | jq -c .)" \
		'[true,3600]'
}

@test "12, 13: the client in a worker frame: handshake, events, commands, REST, a renewed token" {
	wd_start
	sandbox_start
	frame_setup
	life_of_a_frame "$SANDBOX"
	# The card its own REST call raised again has closed with the call, without an event.
	wd_gone card
}

@test "12.1: the same under the portal's own name, over https" {
	certify
	sandbox_start --tls-cert cert.pem --tls-key key.pem --require-https --domain crm.example.com
	local there
	there=$(jq -r .listening <<<"$SANDBOX_INFO")
	# The name leads there for curl and for the browser alone, at the usual port.
	export CURL_HOME=$PWD
	echo "connect-to = \"crm.example.com:443:$there\"" >.curlrc
	frame_setup cert.pem key.pem
	wd_start --ignore-certificate-errors "--host-resolver-rules=MAP crm.example.com:443 $there"
	life_of_a_frame https://crm.example.com
}

@test "12.4: the client's other calls: options, the window, a panel, silence" {
	wd_start
	sandbox_start
	frame_setup
	page
	assert_equal "$(js 'await b24.options.userSet("tune", "bell"); await b24.options.appSet("plan", {a: [1, 2]});
		return [b24.options.userGet("tune"), b24.options.appGet("plan")]' | jq -c .)" '["bell",{"a":[1,2]}]'
	wd_reload
	wd_wait 'body[data-ready]'
	assert_equal "$(js 'return [b24.options.userGet("tune"), b24.options.appGet("plan"), b24.isFirstRun]' | jq -c .)" \
		'["bell",{"a":[1,2]},false]'
	assert_equal "$(js 'return b24.parent.resizeWindow(400, 300)' | jq -c .)" '{"height":300,"width":400}'
	# Denied to a placement: silence, which the client takes for success after its moment.
	assert_equal "$(js 'return b24.parent.setTitle("mine")' | jq -c .)" '{"isSafely":true}'
	assert_equal "$(js 'return b24.placement.call("No:Such", {})' | jq -c .)" '{"isSafely":true}'
	# It has settled before any event and after it.
	assert_equal "$(js 'const old = b24.auth.getAuthData().access_token, fresh = await b24.auth.refreshAuth();
		return [fresh.access_token === old, fresh.access_token === b24.auth.getAuthData().access_token]' | jq -c .)" \
		'[false,true]'
}

@test "7.1: the client finishes an installation from its page" {
	wd_start
	sandbox_start
	start worker node "$BX_ROOT/tests/sdk/serve.cjs" 127.0.0.2
	world install "{\"ui\":true,\"install_url\":\"$FIRST/installer\"}" >/dev/null
	page
	wd_click '#installer-3'
	wd_frame '#slider-body iframe'
	wd_wait '#here'
	assert_equal "$(wd_js 'return client.then(b24 => [b24.isInstallMode, b24.placement.isDefault])' | jq -c .)" '[true,true]'
	# The page loads again in the middle of it.
	wd_js 'client.then(b24 => b24.installFinish())' >/dev/null
	wd_top
	wd_wait 'body[data-ready]:not(:has(#installer-3))'
	run wd_js 'return location.search'
	assert_output --partial install_finished=Y
}

# On Node the client takes https for granted; its packages are found from where the script lies.
# node_client [ARG...]
node_client() {
	cp "$BX_ROOT/tests/sdk/rest.mjs" . && ln -s "$NODE_PATH" node_modules && node rest.mjs "$@"
}

@test "2, 4: the client on Node with a webhook" {
	certify
	sandbox_start --tls-cert cert.pem --tls-key key.pem --require-https
	node_client hook "$(jq -r .webhook <<<"$SANDBOX_INFO")"
}

@test "5, 6, 11: the client on Node with the tokens of an app" {
	certify
	sandbox_start --tls-cert cert.pem --tls-key key.pem --require-https
	world install "{\"redirect_url\":\"$SANDBOX/sandbox/sink/oauth\"}" >/dev/null
	node_client oauth "$SANDBOX_INFO"
}
