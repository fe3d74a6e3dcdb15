# Section 6: authorization.
load portal

setup() { portal; }
teardown() { bx_teardown; }

# ask FIELD...: a request to the token endpoint, by POST
ask() {
	local field args=()
	for field in "client_id=$CLIENT" "client_secret=$SECRET" "$@"; do
		args+=(--data-urlencode "$field")
	done
	raw "$ADDRESS/oauth/token/" "${args[@]}"
}

# CODE of an authorisation in the browser.   authorize [QUERY]
authorize() {
	raw "$ADDRESS/oauth/authorize/?client_id=$CLIENT&state=a%20b%26c$1"
	assert_equal "$STATUS" 302
	CODE=$(header Location | sed 's/.*[?&]code=\([^&]*\).*/\1/')
}

answered() {
	assert_equal "$STATUS" 200
	assert_equal "$(header Content-Type)" 'application/json; charset=utf-8'
	is '.access_token, .refresh_token | type == "string"' '.expires_in == 3600' '.status == "L"' \
		".member_id == \"$MEMBER\"" ".client_endpoint == \"$SANDBOX/rest/\"" \
		".server_endpoint == \"$AUTH_SERVER/rest/\"" ".domain == \"${AUTH_SERVER#*//}\"" \
		'.scope == "placement,telephony,user,crm"' '.user_id | type == "number"' '.expires | type == "number"'
}

@test "6.1: from the browser to a pair of tokens" {
	local place
	authorize
	place=$(header Location)
	assert_equal "${place%%\?*}" "$SINK/oauth"
	assert_regex "$place" "state=a%20b%26c&domain=127.0.0.1%3A[0-9]+&member_id=$MEMBER&scope=placement%2Ctelephony%2Cuser%2Ccrm&server_domain=127.0.0.1%3A[0-9]+$"
	ask grant_type=authorization_code "code=$CODE"
	answered '.user_id == 1'
	TOKEN=$(jq -r .access_token <<<"$BODY")
	call user.current
	granted '.result.ID == "1"'
	# a code is good once
	ask grant_type=authorization_code "code=$CODE"
	refused 400 invalid_grant
}

@test "6.1: a code lives thirty seconds" {
	world clock '{"move":"freeze"}'
	authorize
	world clock '{"move":"+29"}'
	ask grant_type=authorization_code "code=$CODE"
	answered
	authorize
	world clock '{"move":"+31"}'
	ask grant_type=authorization_code "code=$CODE"
	refused 400 invalid_grant
}

@test "6.1: who cannot be authorised sees a page of the portal" {
	authorize '&sandbox_user=2'
	ask grant_type=authorization_code "code=$CODE"
	is '.user_id == 2'
	world access '{"users":[1]}'
	raw "$ADDRESS/oauth/authorize/?client_id=$CLIENT&sandbox_user=2"
	assert_equal "$STATUS" 200
	world uninstall
	raw "$ADDRESS/oauth/authorize/?client_id=$CLIENT"
	assert_equal "$STATUS" 200
	refute [ -n "$(header Location)" ]
	raw "$ADDRESS/oauth/authorize/?client_id=nobody"
	assert_equal "$STATUS" 200
}

@test "6.1: a refresh token is changed at each use" {
	local first=$REFRESH
	raw "$ADDRESS/oauth/token/?grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$first"
	answered
	REFRESH=$(jq -r .refresh_token <<<"$BODY")
	refute [ "$REFRESH" = "$first" ]
	ask grant_type=refresh_token "refresh_token=$first"
	refused 400 invalid_grant 'Invalid grant'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	answered
	raw "$ADDRESS/oauth/token" -d "grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$(jq -r .refresh_token <<<"$BODY")"
	answered
}

@test "6.1: what is wrong with a request" {
	raw "$ADDRESS/oauth/token/"
	refused 400 invalid_request
	ask grant_type=password
	refused 400 invalid_request
	raw "$ADDRESS/oauth/token/" -d "grant_type=refresh_token&client_id=$CLIENT&client_secret=wrong&refresh_token=$REFRESH"
	refused 401 invalid_client
	raw "$ADDRESS/oauth/token/" -d "grant_type=refresh_token&client_id=local.0.0&client_secret=$SECRET&refresh_token=$REFRESH"
	refused 401 invalid_client
	ask grant_type=refresh_token refresh_token=nonsense
	refused 400 invalid_grant
	ask grant_type=refresh_token "refresh_token=$TOKEN"
	refused 400 invalid_grant
	ask grant_type=refresh_token "refresh_token=$REFRESH" scope=task
	refused 400 invalid_scope
	world app '{"name":"Other app"}'
	world install '{"app":"Other app"}'
	token 1 'Other app'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 invalid_grant
	world uninstall
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 401 invalid_client
}

@test "6.2: an access token lives an hour, a refresh token 180 days" {
	world clock '{"move":"freeze"}'
	token
	world clock '{"move":"+3599"}'
	call server.time
	granted
	world clock '{"move":"+2"}'
	call server.time
	refused 401 expired_token 'The access token provided has expired'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	answered
	TOKEN=$(jq -r .access_token <<<"$BODY") REFRESH=$(jq -r .refresh_token <<<"$BODY")
	call server.time
	granted
	world clock '{"move":"+15552001"}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 invalid_grant
}

@test "6.2: expiry on order, of one token or all" {
	local first=$TOKEN
	token
	world expire "{\"token\":\"$first\"}"
	call server.time
	granted
	TOKEN=$first
	call server.time
	refused 401 expired_token
	world expire
	token
	call server.time
	granted
}

@test "6.1: a period that is over" {
	world change '{"STATUS":"T","EXPIRED":true}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 402 PAYMENT_REQUIRED
	call app.info
	granted '.result | .PAYMENT_EXPIRED == "Y" and .STATUS == "T"'
	world change '{"EXPIRED":false}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	assert_equal "$STATUS" 200
	is '.status == "T"'
}

@test "6.3: the pair of a frame is as good as any other" {
	local boot
	call placement.bind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/w","OPTIONS":{"errorHandlerUrl":"https://app.example.net/e"}}'
	boot=$(curl -sS "$ADDRESS/page/2" | sed -n 's/.*id="boot">\(.*\)<\/script>.*/\1/p')
	TOKEN=$(jq -r '.frames[0].fields.AUTH_ID' <<<"$boot")
	call user.current
	granted '.result.ID == "2"'
	ask grant_type=refresh_token "refresh_token=$(jq -r '.frames[0].fields.REFRESH_ID' <<<"$boot")"
	answered '.user_id == 2'
}

@test "6.4: the state of the app at the server's endpoint" {
	raw "$AUTH_SERVER/rest/app.info?auth=$TOKEN"
	granted '.result | type == "object"'
}

@test "6.1: faults of the token endpoint" {
	world fault '{"fault":"oauth=cut"}'
	run ! curl -sS "$ADDRESS/oauth/token/?grant_type=refresh_token"
	world fault '{"fault":"oauth=invalid_grant","text":"no","status":400}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 invalid_grant no
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	answered
	REFRESH=$(jq -r .refresh_token <<<"$BODY")
	world fault '{"fault":"oauth=insufficient_scope"}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 insufficient_scope
	# an answer that breaks on its way leaves the old token used up
	world fault '{"fault":"oauth=html"}'
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	assert_equal "$STATUS" 502
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 invalid_grant
	token
	world drop '{"method":"oauth"}'
	run ! ask grant_type=refresh_token "refresh_token=$REFRESH"
	ask grant_type=refresh_token "refresh_token=$REFRESH"
	refused 400 invalid_grant
}
