# Section 2: addresses, parameters, authorization, envelopes, errors.
load portal

setup() { portal; }
teardown() { bx_teardown; }

TIME='.time | (.start, .finish, .duration, .processing, .operating_reset_at, .operating | type == "number")
	and (.date_start, .date_finish | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$"))'

@test "2.1: a method has several addresses" {
	local path
	for path in app.info app.info.json app.info/ app.info.json/ App.Info APP.INFO.json; do
		raw "$ADDRESS/rest/$path?auth=$TOKEN"
		granted '.result.ID == 3'
	done
	raw "$ADDRESS//rest//app.info?auth=$TOKEN"
	granted
	for path in server.time server.time.json server.time/ SERVER.TIME; do
		hook "$path"
		granted
	done
	raw "$ADDRESS/rest/app.info.JSON?auth=$TOKEN"
	refused 404 ERROR_METHOD_NOT_FOUND 'Method not found!'
	raw "$ADDRESS/rest/app.info.yaml?auth=$TOKEN"
	refused 404 ERROR_METHOD_NOT_FOUND
	raw "$ADDRESS/rest/"
	refused 404 ERROR_METHOD_NOT_FOUND
}

@test "2.2: a later source of a parameter replaces an earlier one" {
	raw "$ADDRESS/rest/method.get?auth=$TOKEN&name=nope" -d name=app.info
	granted '.result.isExisting'
	raw "$ADDRESS/rest/method.get?auth=$TOKEN&name=app.info" -H 'Content-Type: application/json' -d '{"name":"nope"}'
	granted '.result.isExisting | not'
	raw "$ADDRESS/rest/method.get?auth=nonsense&name=app.info" -d "auth=$TOKEN"
	granted '.result.isExisting'
	# whole values are replaced: nothing of the query's list is left
	raw "$ADDRESS/rest/user.get?auth=$TOKEN&FILTER%5BID%5D=2" -H 'Content-Type: application/json' -d '{"FILTER":{"UF_PHONE_INNER":"103"}}'
	granted '[.result[].ID] == ["3"]'
}

@test "2.2: a body is read by its type" {
	raw "$ADDRESS/rest/method.get" -H 'Content-Type: application/json; charset=utf-8' -d "{\"auth\":\"$TOKEN\",\"name\":\"scope\"}"
	granted '.result.isExisting'
	raw "$ADDRESS/rest/method.get" -F "auth=$TOKEN" -F name=scope
	granted '.result.isExisting'
	raw "$ADDRESS/rest/method.get" -H 'Content-Type: text/plain' -d "auth=$TOKEN&name=scope"
	granted '.result.isExisting'
	raw "$ADDRESS/rest/method.get" -H 'Content-Type:' -d "auth=$TOKEN&name=scope"
	granted '.result.isExisting'
	# broken JSON counts as no body
	raw "$ADDRESS/rest/method.get?auth=$TOKEN&name=scope" -H 'Content-Type: application/json' -d '{"name":"no'
	granted '.result.isExisting'
	raw "$ADDRESS/rest/method.get" -H 'Content-Type: application/json' -d "[\"$TOKEN\"]"
	refused 401 NO_AUTH_FOUND
}

@test "2.2: brackets nest, everything in a form is text" {
	raw "$ADDRESS/rest/user.get?auth=$TOKEN&FILTER[ID][]=2&FILTER[ID][]=3" -g
	granted '[.result[].ID] == ["2","3"]'
	raw "$ADDRESS/rest/user.get" -d "auth=$TOKEN&FILTER%5BID%5D%5B0%5D=4"
	granted '[.result[].ID] == ["4"]'
}

@test "2.2: truth is PHP's, null is absent" {
	local value
	for value in 0 '"0"' false '""' '[]'; do
		register "{\"SHOW\":$value}"
	done
	call method.get '{"name":null}'
	granted '.result.isExisting | not'
	call batch '{"halt":"N","cmd":["nope","server.time"]}'
	granted '.result.result == []'
	call batch '{"halt":"0","cmd":["nope","server.time"]}'
	granted '.result.result | length == 1'
}

@test "2.2: names of parameters in any case, or exactly" {
	call placement.list '{"scope":"telephony"}'
	granted '.result == ["CALL_CARD","TELEPHONY_ANALYTICS_MENU"]'
	call batch '{"CMD":["server.time"]}'
	granted '.result.result | length == 1'
	call feature.get '{"code":"rest_offline_extended"}'
	granted '.result.value == "Y"'
	call voximplant.statistic.get '{"filter":{"ID":0}}'
	granted '.total == 0'
	call scope '{"full":1}'
	granted '.result | length > 4'
	call telephony.externalCall.register '{"user_id":1,"phone_number":"+15550100199","type":1}'
	refused 400 ERROR_CORE 'USER_ID or USER_PHONE_INNER should be set'
	raw "$ADDRESS/rest/server.time?AUTH=$TOKEN"
	refused 401 NO_AUTH_FOUND
}

@test "2.2: state is taken out, and signed where it says so" {
	call app.info '{"state":"abc"}'
	granted '.signature | length > 20'
	call profile '{"state":"abc"}'
	granted 'has("signature")'
	call server.time '{"state":"abc"}'
	granted 'has("signature") | not'
	call app.info
	granted 'has("signature") | not'
}

@test "2.3: the header goes before auth, auth before access_token" {
	raw "$ADDRESS/rest/server.time?auth=nonsense" -H "Authorization: Bearer $TOKEN"
	granted
	raw "$ADDRESS/rest/server.time?auth=$TOKEN" -H "Authorization: Bearer nonsense"
	refused 401 invalid_token
	raw "$ADDRESS/rest/server.time?auth=$TOKEN&access_token=nonsense"
	granted
	raw "$ADDRESS/rest/server.time?access_token=$TOKEN"
	granted
}

@test "2.3: the order of the checks" {
	raw "$ADDRESS/rest/no.such.method?auth=nonsense"
	refused 404 ERROR_METHOD_NOT_FOUND 'Method not found!'
	raw "$ADDRESS/rest/telephony.externalCall.register"
	refused 401 NO_AUTH_FOUND 'Wrong authorization data'
	raw "$ADDRESS/rest/telephony.externalCall.register?auth=nonsense"
	refused 401 invalid_token
	world app '{"name":"Narrow","scope":"placement"}'
	world install '{"app":"Narrow"}'
	world access '{"app":"Narrow","users":[2]}'
	token 1 Narrow
	call telephony.externalCall.register
	refused 403 insufficient_scope
	call placement.bind
	refused 403 user_access_error 'The user does not have access to the application.'
	world access '{"app":"Narrow","users":null}'
	call placement.bind
	refused 400 ERROR_ARGUMENT
}

@test "2.3: webhooks" {
	hook server.time
	granted
	raw "${HOOK/\/1\//\/2\/}server.time"
	refused 403 INVALID_CREDENTIALS 'Invalid request credentials'
	raw "$ADDRESS/rest/1/nosuchcode/server.time"
	refused 403 INVALID_CREDENTIALS
	world webhook '{"user":2,"scope":"user"}'
	HOOK=$(jq -r .webhook <<<"$WORLD")
	hook user.current
	granted '.result.ID == "2"'
	hook telephony.externalCall.show
	refused 403 insufficient_scope
}

@test "2.3: dismissed employees and removed apps" {
	token 2
	world user '{"ID":2,"ACTIVE":false}'
	call server.time
	refused 401 authorization_error 'Unable to authorize user'
	token
	world uninstall
	call server.time
	refused 401 APPLICATION_NOT_FOUND 'Application not found'
}

@test "2.4: envelope and headers" {
	call server.time
	granted "$TIME" '.time.start | . == floor' 'keys == ["result","time"]'
	assert_equal "$(header Content-Type)" 'application/json; charset=utf-8'
	assert_equal "$(header Access-Control-Allow-Origin)" '*'
	assert_equal "$(header Access-Control-Allow-Headers)" 'origin, content-type, accept'
	assert_equal "$(header X-Content-Type-Options)" nosniff
	assert_equal "$(header X-Bitrix-Rest-Application)" "$CLIENT"
	call user.get
	granted "$TIME" '.total == 5' 'has("next") | not'
	raw "$ADDRESS/rest/server.time?auth=$TOKEN" -X OPTIONS -H 'Origin: https://app.example.net'
	assert_equal "$STATUS" 200
	assert_equal "$(header Access-Control-Allow-Origin)" '*'
}

@test "2.4: the time of older portals" {
	world variant '{"name":"old-time"}'
	call server.time
	granted
	assert_regex "$BODY" '"start":[0-9]+\.[0-9]{6},"finish":[0-9]+\.[0-9]{6},"duration":0\.[0-9]{6},"processing":0\.[0-9]{6},'
}

@test "2.4: slashes are escaped" {
	call placement.bind '{"PLACEMENT":"LEFT_MENU","HANDLER":"https://app.example.net/menu"}'
	call placement.get
	assert_regex "$BODY" 'https:\\/\\/app.example.net\\/menu'
}

@test "2.4: XML" {
	raw "$ADDRESS/rest/profile.xml?auth=$TOKEN"
	assert_equal "$STATUS" 200
	assert_equal "$(header Content-Type)" 'text/xml; charset=utf-8'
	assert_regex "$BODY" '^<response><result><ID>1</ID><ADMIN>1</ADMIN><NAME>Maria</NAME>'
	raw "$ADDRESS/rest/scope.xml?auth=$TOKEN"
	assert_regex "$BODY" '^<response><result><item>placement</item><item>telephony</item>'
	raw "$ADDRESS/rest/user.admin.xml"
	assert_equal "$STATUS" 401
	assert_equal "$BODY" '<response><error>NO_AUTH_FOUND</error><error_description>Wrong authorization data</error_description></response>'
}

@test "2.5: an answer that is not UTF-8" {
	raw "$ADDRESS/rest/telephony.externalLine.add?auth=$TOKEN&NUMBER=1&NAME=%ff"
	granted
	raw "$ADDRESS/rest/telephony.externalLine.get?auth=$TOKEN"
	refused 200 WRONG_ENCODING 'Wrong request encoding'
}

# fails CODE TEXT: the next call, once
fails() {
	world fault "$(jq -cn --arg code "$1" --arg text "$2" '{fault: "server.time=\($code)", $text}')"
	call server.time
}

@test "2.5: every error of the table can be had, with its status" {
	local code status
	while read -r code status; do
		world fault "{\"fault\":\"feature.get=$code\"}"
		call feature.get '{"CODE":"x"}'
		refused "$status" "$code"
		is '.error_description | length > 5' "(.error == \"ERROR_ARGUMENT\") == has(\"argument\")"
	done <<-'END'
		ERROR_METHOD_NOT_FOUND 404
		NO_AUTH_FOUND 401
		expired_token 401
		invalid_token 401
		INVALID_CREDENTIALS 403
		insufficient_scope 403
		user_access_error 403
		APPLICATION_NOT_FOUND 401
		authorization_error 401
		CONNECTION_ERROR 401
		ACCESS_DENIED 403
		WRONG_AUTH_TYPE 403
		WRONG_LICENSE 403
		METHOD_CONFIRM_WAITING 401
		METHOD_CONFIRM_DENIED 403
		QUERY_LIMIT_EXCEEDED 503
		OPERATION_TIME_LIMIT 429
		OVERLOAD_LIMIT 503
		INTERNAL_SERVER_ERROR 500
		ERROR_UNEXPECTED_ANSWER 500
		PORTAL_DELETED 500
		INVALID_REQUEST 400
		ERROR_ARGUMENT 400
		INVALID_ARGUMENT 400
		ERROR_CORE 400
		ERROR_NOT_FOUND 400
		WRONG_ENCODING 200
		ERROR_BATCH_LENGTH_EXCEEDED 400
		ERROR_BATCH_METHOD_NOT_ALLOWED 405
		ERROR_MANIFEST_IS_NOT_AVAILABLE 404
		ERROR_EVENT_NOT_FOUND 400
		ERROR_PLACEMENT_NOT_FOUND 400
		ERROR_PLACEMENT_MAX_COUNT 400
		ERROR_PLACEMENT_USER_MODE 400
		EMPTY_ERROR_HANDLER_URL 200
		ERROR_WRONG_HANDLER_URL 400
		ERROR_UNSUPPORTED_PROTOCOL 400
		CODE_EMPTY 400
	END
	call server.time
	granted
	fails ACCESS_DENIED 'REST API is available only on commercial plans'
	refused 403 ACCESS_DENIED 'REST API is available only on commercial plans'
	fails ERROR_CORE 'SQL query error!'
	refused 500 ERROR_CORE 'SQL query error!'
	call feature.get
	refused 400 CODE_EMPTY "CODE can't be empty"
}

@test "2.5: the other readings" {
	world variant '{"name":"empty-core"}'
	call telephony.externalCall.register
	refused 400 '' 'USER_ID or USER_PHONE_INNER should be set'
	world variant '{"name":"empty-core","on":false}'
	call telephony.externalCall.register
	refused 400 ERROR_CORE
	world variant '{"name":"old-status"}'
	raw "$ADDRESS/rest/1/nosuchcode/server.time"
	refused 401 INVALID_CREDENTIALS
	fails insufficient_scope 'no'
	refused 401 insufficient_scope
	fails user_access_error 'no'
	refused 401 user_access_error
	fails ACCESS_DENIED 'REST API is available only on commercial plans'
	refused 401 ACCESS_DENIED
	fails ACCESS_DENIED 'Access denied!'
	refused 403 ACCESS_DENIED
	fails OVERLOAD_LIMIT 'no'
	refused 401 OVERLOAD_LIMIT
	fails PORTAL_DELETED 'no'
	refused 403 PORTAL_DELETED
	call placement.bind '{"PLACEMENT":"NOWHERE","HANDLER":"https://app.example.net/"}'
	refused 200 ERROR_PLACEMENT_NOT_FOUND
	call placement.bind '{"PLACEMENT":"LEFT_MENU","HANDLER":"https://app.example.net/","USER_ID":1}'
	refused 200 ERROR_PLACEMENT_USER_MODE
	call placement.bind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/","OPTIONS":{"errorHandlerUrl":"x"}}'
	call placement.bind '{"PLACEMENT":"PAGE_BACKGROUND_WORKER","HANDLER":"https://app.example.net/"}'
	refused 200 ERROR_PLACEMENT_MAX_COUNT
}

@test "2.6: after a move the old address sends every call on" {
	local new=localhost:${ADDRESS##*:}
	world move "{\"host\":\"$new\"}"
	call server.time
	assert_equal "$STATUS" 302
	assert_equal "$(header Location)" "http://$new/rest/server.time"
	raw "$ADDRESS/rest/server.time?auth=$TOKEN"
	assert_equal "$(header Location)" "http://$new/rest/server.time?auth=$TOKEN"
	raw "$ADDRESS/rest/server.time" -H "Host: $new" -d "auth=$TOKEN"
	granted
	raw "$ADDRESS/oauth/token/" -d "grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$REFRESH"
	is ".client_endpoint == \"http://$new/rest/\""
}

@test "2.1: HTTPS required" {
	stop sandbox
	sandbox_start --require-https
	raw "$SANDBOX/rest/server.time"
	refused 400 INVALID_REQUEST 'Https required'
	raw "$SANDBOX/rest/no.such.method"
	refused 400 INVALID_REQUEST
	# beyond loopback it is the rule
	stop sandbox
	sandbox_start --listen 0.0.0.0:0
	ADDRESS=http://127.0.0.1:${DOMAIN##*:}
	raw "$ADDRESS/rest/server.time"
	refused 400 INVALID_REQUEST 'Https required'
	stop sandbox
	sandbox_start --listen 0.0.0.0:0 --no-require-https
	raw "http://127.0.0.1:${DOMAIN##*:}/rest/server.time"
	refused 401 NO_AUTH_FOUND
}

@test "2.1: an upgrade to h2c is passed over, and a host is any host" {
	local host
	raw --http2 "$ADDRESS/rest/server.time?auth=$TOKEN" -H 'Host: portal.example.com'
	granted
	assert_regex "$(head -n 1 "$BATS_TEST_TMPDIR/headers")" '^HTTP/1.1 200'
	for host in oauth.bitrix.info oauth.bitrix24.tech; do
		raw "$ADDRESS/oauth/token/" -H "Host: $host" \
			-d "grant_type=refresh_token&client_id=$CLIENT&client_secret=$SECRET&refresh_token=$REFRESH"
		assert_equal "$STATUS" 200
		REFRESH=$(jq -r .refresh_token <<<"$BODY")
	done
}
