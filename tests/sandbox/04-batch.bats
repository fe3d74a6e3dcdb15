# Section 4: batch.
load portal

setup() { portal; }
teardown() { bx_teardown; }

# batch CMD-JSON [HALT]
batch() {
	call batch "{\"cmd\":$1,\"halt\":${2:-0}}"
	granted '.result | keys_unsorted == ["result","result_error","result_total","result_next","result_time"]'
}

@test "4: shapes: a list where the keys are 0..n-1, else a map, nothing is a list" {
	batch '["server.time","server.time","server.time"]'
	is '.result.result | type == "array" and length == 3' '.result.result_error == []' \
		'.result.result_time | type == "array" and length == 3'
	batch '["server.time","nope","server.time"]'
	is '.result.result | keys == ["0","2"]' '.result.result_error | keys == ["1"]'
	batch '["nope","server.time","server.time"]'
	is '.result.result | keys == ["1","2"]' '.result.result_error | type == "array" and length == 1'
	batch '["nope","nope"]'
	is '.result.result == []' '.result.result_error | type == "array" and length == 2' '.result.result_time == []'
	batch '{"a":"user.get","b":"server.time"}'
	is '.result.result_total == {"a":5}' '.result.result_next == []' '.result.result_time | keys == ["a","b"]'
	batch '{"0":"server.time","1":"server.time"}'
	is '.result.result | type == "array"'
	batch '{"1":"server.time"}'
	is '.result.result | type == "object"'
	call batch
	granted '.result == {"result":[],"result_error":[],"result_total":[],"result_next":[],"result_time":[]}'
}

@test "4: fifty items run, those beyond are refused" {
	local cmd
	cmd=$(jq -cn '[range(53) | "server.time"]')
	batch "$cmd"
	is '.result.result | length == 50' '.result.result_error | keys == ["50","51","52"]' \
		'.result.result_error["50"] == {"error":"ERROR_BATCH_LENGTH_EXCEEDED","error_description":"Max batch length exceeded"}'
	# what is no text is skipped, and counts
	cmd=$(jq -cn '[range(60) | if . < 20 then 7 else "server.time" end]')
	batch "$cmd"
	is '.result.result | length == 30' '.result.result_error | length == 10'
}

@test "4: halt ends at the first failure" {
	batch '["server.time","nope","server.time"]' 1
	is '.result.result | length == 1' '.result.result_error | keys == ["1"]'
	batch '{"a":"nope","b":"server.time"}' true
	is '.result.result == []' '.result.result_error | keys == ["a"]'
}

@test "4: some methods are not for a batch" {
	batch '{"a":"batch?cmd[x]=server.time","b":"upload?token=x","c":"download?token=x"}'
	is '.result.result == []' \
		'.result.result_error | keys == ["a","b","c"]' \
		'[.result.result_error[]] | unique == [{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"}]'
	batch '{"a":"server.time.json","b":"crm.contact.get"}'
	is '[.result.result_error[].error] == ["ERROR_METHOD_NOT_FOUND","ERROR_METHOD_NOT_FOUND"]'
}

@test "4: a missing scope has no words within a batch" {
	world webhook '{"scope":"user"}'
	HOOK=$(jq -r .webhook <<<"$WORLD")
	hook batch '{"cmd":["telephony.externalCall.show"]}'
	is '.result.result_error == [{"error":"insufficient_scope","error_description":""}]'
	raw "$ADDRESS/rest/batch" -d auth=nonsense
	refused 401 invalid_token
}

@test "4: parameters of an item" {
	batch '{"a":"user.get?FILTER[ID][]=2&FILTER[ID][]=3","b":"user.get?FILTER%5BUF_PHONE_INNER%5D=104","c":"method.get?name=user%2Eget"}'
	is '[.result.result.a[].ID] == ["2","3"]' '[.result.result.b[].ID] == ["4"]' '.result.result.c.isExisting'
	form batch 'cmd[a]=user.get?FILTER[ID]=5' 'cmd[b]=telephony.externalLine.add?NUMBER=%2B1&NAME=a%26b' 'cmd[c]=telephony.externalLine.get'
	granted '.result.result.a[0].ID == "5"' '.result.result.c == [{"NUMBER":"+1","NAME":"a&b","CRM_AUTO_CREATE":"Y"}]'
	batch '{"a":"server.time?auth=nonsense"}'
	is '.result.result | has("a")'
}

@test "4: references" {
	batch '{"all":"user.get","one":"user.get?FILTER[ID]=$result[all][2][ID]","who":"user.get?FILTER[NAME]=$result[one][0][NAME]&FILTER[LAST_NAME]=$result[one][0][LAST_NAME]"}'
	is '.result.result.who[0].ID == "3"'
	# a whole value keeps its type, whatever it is
	batch '{"me":"user.current","same":"user.get?FILTER[UF_DEPARTMENT]=$result[me][UF_DEPARTMENT]&FILTER[ID]=$result[me][ID]"}'
	is '.result.result.same | length == 1'
	# within a text it is put in when it is a text or number, and ends at white space
	batch '{"me":"user.current","l":"telephony.externalLine.add?NUMBER=7&NAME=by $result[me][NAME] of $result[me][UF_DEPARTMENT] x","g":"telephony.externalLine.get"}'
	is '.result.result.g[0].NAME == "by Maria of $result[me][UF_DEPARTMENT] x"'
	# a step that is not there ends the walk at the deepest value
	batch '{"me":"user.current","l":"telephony.externalLine.add?NUMBER=8&NAME=$result[me][NAME][deeper]","g":"telephony.externalLine.get"}'
	is '.result.result.g[1].NAME == "Maria"'
	batch '["user.current","user.get?FILTER[ID]=$result[0][ID]"]'
	is '.result.result[1][0].ID == "1"'
	batch '{"a":"nope","l":"telephony.externalLine.add?NUMBER=9&NAME=$error[a][error]","u":"user.get","m":"telephony.externalLine.add?NUMBER=10&NAME=n $total[u]","t":"telephony.externalLine.add?NUMBER=11&NAME=$time[u][date_start]","g":"telephony.externalLine.get"}'
	is '[.result.result.g[2:][].NAME] | .[0] == "ERROR_METHOD_NOT_FOUND" and .[1] == "n 5" and (.[2] | test("^20"))'
	# to what failed they are no errors
	batch '{"a":"nope","b":"method.get?name=$result[a][x]"}'
	is '.result.result.b.isExisting | not'
	# in a key
	batch '{"me":"user.current","b":"user.get?FILTER[$result[me][NAME]]=1"}'
	is '.result.result | has("b")'
}

@test "4: events and calls of items are real" {
	batch '{"r":"telephony.externalCall.register?USER_ID=1&PHONE_NUMBER=%2B15550100199&TYPE=2&SHOW=0","f":"telephony.externalCall.finish?CALL_ID=$result[r][CALL_ID]&USER_ID=1&DURATION=5","h":"voximplant.statistic.get?FILTER[CALL_ID]=$result[r][CALL_ID]"}'
	is '.result.result.h[0].CALL_DURATION == "5"' '.result.result_total.h == 1'
}
