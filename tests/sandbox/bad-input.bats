# Input of every bad kind is answered or cut; the portal lives on and forgets nothing.
load portal

setup() { portal; }
teardown() {
	[ -z "${BX_PIDS[sandbox]:-}" ] || alive
	bx_teardown
}

alive() {
	call server.time
	granted
}

# bytes: sends standard input as it is; what comes back is in REPLY
bytes() {
	local host=${ADDRESS#http://}
	REPLY=$(timeout 20 bash -c 'exec 3<>"/dev/tcp/$1/$2"; cat >&3; cat <&3' - "${host%:*}" "${host#*:}" | tr -d '\0')
}

# filled TEXT N: TEXT that often
filled() { printf "%0.s$1" $(seq "$2"); }

@test "JSON that is too deep, too long, or none" {
	local body
	for body in "$(filled '[' 100000)" "$(filled '{"a":' 50000)" "$(filled '{"a":' 900)1$(filled '}' 900)" \
		'{"auth":{"a":[]},"x":1e999}' '{"a":"\ud800"}' '"text"' 'null' '[]' '{}' '{"":""}' $'{"a":"\x01"}' "$(printf '{"\\u0000":1}')"; do
		printf '%s' "$body" >body
		raw "$ADDRESS/rest/user.get?auth=$TOKEN" -H 'Content-Type: application/json' --data-binary @body
		is 'has("result") or has("error")'
		raw "$ADDRESS/rest/telephony.externalCall.register?auth=$TOKEN" -H 'Content-Type: application/json' --data-binary @body
		is 'has("error")'
	done
}

@test "JSON of very many keys" {
	jq -cn '[range(200000) | {key: "k\(.)", value: .}] | from_entries' >body
	raw "$ADDRESS/rest/server.time?auth=$TOKEN" -H 'Content-Type: application/json' --data-binary @body
	granted
	jq -cn '{FILTER: ([range(100000) | {key: "k\(.)", value: .}] | from_entries)}' >body
	raw "$ADDRESS/rest/user.get?auth=$TOKEN" -H 'Content-Type: application/json' --data-binary @body
	is 'has("result") or has("error")'
}

@test "values of every wrong type" {
	local methods='telephony.externalCall.register telephony.externalCall.show telephony.externalCall.finish
		telephony.externalCall.attachRecord telephony.call.attachTranscription telephony.externalLine.add
		placement.bind placement.unbind event.bind event.unbind voximplant.statistic.get user.get batch method.get scope
		event.offline.get feature.get telephony.externalCall.searchCrmEntities voximplant.user.get event.test'
	local keys='CALL_ID USER_ID PHONE_NUMBER TYPE LINE_NUMBER CRM_ENTITY_TYPE CALL_START_DATE FILENAME FILE_CONTENT
		RECORD_URL MESSAGES NUMBER NAME PLACEMENT HANDLER OPTIONS LANG_ALL event handler auth_type event_type options
		FILTER SORT ORDER start cmd halt name full CODE filter order limit clear state select sort'
	local values='[5, 1e300, -1, true, "x", [], {}, [[]], {"a": {"b": null}}, "\u0001", [null]]'
	jq -rn --arg base "$ADDRESS/rest/" --arg auth "$TOKEN" --arg methods "$methods" --arg keys "$keys" --argjson values "$values" '
		[($methods | splits("\\s+")) as $m | $values[] as $v |
		({$auth} + ([$keys | splits("\\s+") | {key: ., value: $v}] | from_entries)) as $body |
		"url=\($base)\($m)\nheader=\"Content-Type: application/json\"\ndata=\($body | tojson | tojson)"] | join("\nnext\n")' >requests
	curl -sS -K requests -w '\n' >answers
	assert_equal "$(jq -s length answers)" 220
	jq -e 'has("result") or has("error")' answers >/dev/null || fail "$(cat answers)"
}

@test "forms that are broken or too long" {
	local form
	for form in '%' '%zz=%' '=&=&&&' 'a[=1' 'a]b[=1' 'a[[[]]]=1' "auth[x]=1" '%00=%00' "$(filled 'a%5B%5D=1&' 5200)" \
		"a$(filled '[x]' 3000)=1" "$(filled '%5B' 1000)"; do
		printf '%s' "$form" >body
		raw "$ADDRESS/rest/user.get?auth=$TOKEN" --data-binary @body
		is 'has("result") or has("error")'
		raw "$ADDRESS/rest/batch?auth=$TOKEN" --data-binary "cmd[a]=user.get?$form"
		is 'has("result") or has("error")'
	done
}

@test "multipart that is broken" {
	local type='Content-Type: multipart/form-data; boundary=b' body
	for body in '' '--b' '--b--' $'--b\r\n' $'--b\r\n\r\n' $'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx' \
		$'--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n' $'--b\r\nContent-Disposition: form-data; name="\r\n\r\nx\r\n--b--' \
		$'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'; do
		printf '%s' "$body" >body
		raw "$ADDRESS/rest/server.time?auth=$TOKEN" -H "$type" --data-binary @body
		granted
	done
	raw "$ADDRESS/rest/server.time?auth=$TOKEN" -H 'Content-Type: multipart/form-data' -d x
	granted
}

@test "references that lead nowhere" {
	local value
	for value in '$result' '$result[' '$result[]' '$result[][][]' '$result[a' '$result]' '$$result[u]' '$result[u][99999999999999999999]' \
		'$result[u][-1]' '$time' '$error[0][0]' '$result[u][0][ID][x][y]' "\$result$(filled '[u]' 2000)" '$next[u] $total[u] $nothing[u]'; do
		call batch "$(jq -cn --arg v "$value" '{cmd: {u: "user.get", l: ("user.get?FILTER[NAME]=" + ($v | @uri)), k: ("user.get?FILTER[" + ($v | @uri) + "]=1")}}')"
		granted '.result.result | has("u")'
	done
	call batch '{"cmd":{"0":"?","1":"","2":"?a=b","3":"user.get??","4":"%","5":"$result[0]"}}'
	granted
	call batch '{"cmd":"text"}'
	granted '.result.result == []'
}

@test "addresses that are none" {
	local path
	for path in '/rest/%' '/rest/%00' '/rest/1/2/3/4' '/rest/1/' '/rest/1/x' "/rest/$(filled a 5000)" '/rest/../rest/server.time' '/rest/api/server.time' '//' '/%2e%2e' \
		'/oauth' '/oauth/' '/sandbox' '/sandbox/' '/sandbox/nothing' '/sandbox/sink' '/page/x' '/page/99999999999999999999'; do
		raw --path-as-is "$ADDRESS$path"
		assert_regex "$STATUS" '^[245]'
	done
	raw -X DELETE "$ADDRESS/rest/server.time?auth=$TOKEN"
	assert_regex "$STATUS" '^[245]'
}

@test "more than the portal will read" {
	raw -H 'Content-Length: 1073741824' -H 'Expect:' -d x "$ADDRESS/rest/server.time?auth=$TOKEN" || true
	assert_equal "$STATUS" 413
	raw -H "X-Long: $(filled x 60000)" "$ADDRESS/rest/server.time?auth=$TOKEN" || true
	assert_regex "$STATUS" '^(431|000)$'
	head -c 40000000 /dev/zero | tr '\0' x >body
	raw -H 'Expect:' --data-binary @body "$ADDRESS/rest/server.time?auth=$TOKEN" || true
	assert_regex "$STATUS" '^(413|000)$'
}

@test "what is no HTTP" {
	bytes < <(printf 'GET / HTTP/1.1\r\n\r\n')
	assert_regex "$REPLY" '^HTTP/1.1 [24]'
	bytes < <(printf '\x16\x03\x01\x02\x00\x01\r\n\r\n')
	bytes < <(printf 'POST /rest/server.time HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde')
	assert_regex "$REPLY" '^HTTP/1.1 400'
	bytes < <(printf 'POST /rest/server.time HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\nConnection: close\r\n\r\nabcde')
	raw "$ADDRESS/rest/server.time?auth=$TOKEN" --http2
	granted
}

@test "orders to the sandbox that are wrong" {
	local body
	for body in '[]' 'x' '{"user":"x"}' '5'; do
		raw "$ADDRESS/sandbox/token" -H 'Content-Type: application/json' -d "$body"
		assert_equal "$STATUS" 400
	done
	raw "$ADDRESS/sandbox/token" -d '{}'
	assert_equal "$STATUS" 400
	raw "$ADDRESS/sandbox/token"
	assert_equal "$STATUS" 400
	for body in 'fault {"fault":"x"}' 'fault {"fault":"server.time=NOTHING"}' 'fault {}' 'latency {"latency":"a=b"}' 'clock {"move":"soon"}' \
		'move {"host":"a b"}' 'limit {"limit":"5"}' 'variant {"name":"x"}' 'user {"ID":99}' 'tabs {"mode":"x"}' 'restore {"tables":{"users":5}}' 'restore {"tables":{"lines":[],"users":[{"ID":1}]}}' 'restore {"tables":{"apps":[{"CODE":"a","NAME":"b","scope":[5]}]}}' \
		'user {"ID":1,"NAME":5}' 'user {"LAST_NAME":null}' 'change {"NAME":[]}' \
		'confirm {"decision":"maybe"}' 'install {"app":"nobody"}' 'foreign {"finish":"x"}' 'entity {"call":"x"}' 'join {"call":"x"}' 'serve {"name":"x","base64":"!"}'; do
		raw "$ADDRESS/sandbox/${body%% *}" -H 'Content-Type: application/json' -d "${body#* }"
		assert_regex "$STATUS" '^4'
		is '.error | length > 5'
	done
}

@test "transports that break on order" {
	local break
	for break in cut drop half garbage; do
		world fault "{\"fault\":\"server.time=$break\"}"
		run ! curl -sS -m 20 -f "$ADDRESS/rest/server.time?auth=$TOKEN"
	done
	# byte after byte, and whole in the end
	world fault '{"fault":"server.time=trickle","ms":1}'
	raw --trace trace "$ADDRESS/rest/server.time?auth=$TOKEN"
	granted
	[ "$(grep -c '^<= Recv data, 1 bytes' trace)" -gt 20 ] || fail "$(grep '^<= Recv' trace)"
	world fault '{"fault":"server.time=html"}'
	call server.time
	assert_equal "$STATUS" 502
	world fault '{"fault":"server.time=empty"}'
	call server.time
	assert_equal "$STATUS$BODY" 200
	# cut: not executed; drop: executed
	world fault '{"fault":"telephony.externalCall.register=cut"}'
	run ! call telephony.externalCall.register '{"USER_ID":1,"PHONE_NUMBER":"1","TYPE":1,"SHOW":0}'
	world dump
	assert_equal "$(jq '.tables.calls.rows | length' <<<"$WORLD")" 0
	world drop '{"method":"telephony.externalCall.register"}'
	run ! call telephony.externalCall.register '{"USER_ID":1,"PHONE_NUMBER":"1","TYPE":1,"SHOW":0}'
	world dump
	assert_equal "$(jq '.tables.calls.rows | length' <<<"$WORLD")" 1
	world fault '{"fault":"*=expired_token:3"}'
	for break in 1 2 3; do
		call server.time
		refused 401 expired_token
	done
	world fault '{"fault":"server.time=OVERLOAD_LIMIT:0"}'
	for break in 1 2 3 4 5; do
		call server.time
		refused 503 OVERLOAD_LIMIT
	done
	world clear
}
