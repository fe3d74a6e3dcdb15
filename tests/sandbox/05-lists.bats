# Section 5: lists and their pages.
load portal

setup() { portal; }
teardown() { bx_teardown; }

# calls N: finished calls of 1, 2, … seconds
calls() {
	local cmd
	cmd=$(ordered -cn --argjson n "$1" '[range($n / 25 | ceil) as $b | [range($b * 25; [$b * 25 + 25, $n] | min) as $i |
		{key: "r\($i)", value: "telephony.externalCall.register?USER_ID=1&PHONE_NUMBER=5550\($i)&TYPE=\($i % 2 + 1)&SHOW=0&EXTERNAL_CALL_ID=e\($i)"},
		{key: "f\($i)", value: "telephony.externalCall.finish?USER_ID=\($i % 3 + 1)&DURATION=\($i + 1)&CALL_ID=$result[r\($i)][CALL_ID]"}] | from_entries] | .[]')
	while IFS= read -r cmd; do
		call batch "{\"cmd\":$cmd}"
		granted '.result.result_error == []'
	done <<<"$cmd"
}

statistic() {
	call voximplant.statistic.get "$1"
	granted
}

@test "5: pages of fifty" {
	calls 120
	statistic '{}'
	is '.total == 120' '.next == 50' '.result | length == 50' '.result[0].CALL_DURATION == "1"'
	statistic '{"start":50}'
	is '.total == 120' '.next == 100' '.result[0].CALL_DURATION == "51"'
	statistic '{"start":100}'
	is '.total == 120' 'has("next") | not' '.result | length == 20'
	statistic '{"start":7}'
	is '.next == 57' '.result[0].CALL_DURATION == "8"'
	statistic '{"start":500}'
	is '.result == []' '.total == 120' 'has("next") | not'
	statistic '{"start":-1,"FILTER":{">ID":"60"},"SORT":"ID","ORDER":"ASC"}'
	is '.total == 0' 'has("next") | not' '.result | length == 50' '.result[0].ID == "61"'
	world variant '{"name":"no-total"}'
	statistic '{"start":-1}'
	is 'has("total") or has("next") | not' '.result | length == 50'
	statistic '{}'
	is '.total == 120'
}

@test "5: pages of employees start at a page" {
	local i
	for ((i = 6; i <= 55; i++)); do
		world user "{\"NAME\":\"N$i\"}"
	done
	call user.get '{"start":51}'
	granted '.total == 55' '.result | length == 5' '.result[0].ID == "51"'
	call user.get
	granted '.next == 50' '.result | length == 50'
}

@test "11.8: filters" {
	calls 12
	filtered() {
		statistic "{\"FILTER\":$1}"
		assert_equal "$(jq -c '[.result[].ID | tonumber]' <<<"$BODY")" "$2"
	}
	filtered '{"ID":"3"}' '[3]'
	filtered '{"=ID":3}' '[3]'
	filtered '{"ID":[3,4]}' '[3,4]'
	filtered '{"!ID":[3,4,5,6,7,8,9,10,11,12]}' '[1,2]'
	filtered '{"!=CALL_TYPE":1}' '[2,4,6,8,10,12]'
	filtered '{">CALL_DURATION":10}' '[11,12]'
	filtered '{">=CALL_DURATION":"10"}' '[10,11,12]'
	filtered '{"<CALL_DURATION":2}' '[1]'
	filtered '{"<=CALL_DURATION":2}' '[1,2]'
	filtered '{"><CALL_DURATION":[4,6]}' '[4,5,6]'
	filtered '{"!><CALL_DURATION":[2,11]}' '[1,12]'
	filtered '{"%PHONE_NUMBER":"11"}' '[12]'
	filtered '{"!%PHONE_NUMBER":"5550"}' '[]'
	filtered '{"?EXTERNAL_CALL_ID":"E1"}' '[2,11,12]'
	filtered '{"PORTAL_USER_ID":1,"CALL_TYPE":2}' '[4,10]'
	filtered '{">CALL_START_DATE":"2001-01-01T00:00:00+03:00","<CALL_DURATION":3}' '[1,2]'
	filtered '{"<CALL_START_DATE":"2001-01-01"}' '[]'
	filtered '{"CALL_FAILED_CODE":"304"}' '[]'
	form voximplant.statistic.get 'FILTER[>CALL_DURATION]=11' 'SORT=ID' 'ORDER=DESC'
	granted '.result[0].ID == "12"'
}

@test "11.8: sorting needs both words" {
	calls 12
	statistic '{"SORT":"CALL_DURATION","ORDER":"DESC"}'
	is '[.result[].CALL_DURATION | tonumber] == [range(12; 0; -1)]'
	statistic '{"SORT":"CALL_DURATION"}'
	is '[.result[].CALL_DURATION | tonumber] == [range(1; 13)]'
	statistic '{"SORT":"PORTAL_USER_ID","ORDER":"ASC"}'
	is '[.result[].PORTAL_USER_ID | tonumber] | . == sort'
}

@test "11.8: rows" {
	calls 1
	statistic '{}'
	is '.result[0] | [.ID, .CALL_CATEGORY, .CALL_DURATION, .CALL_TYPE, .COST, .PORTAL_NUMBER, .REST_APP_ID] == ["1","external","1","1","0.0000","REST_APP:3","3"]' \
		'.result[0] | .RECORD_FILE_ID == null and .CALL_RECORD_URL == null and .CRM_ENTITY_TYPE == null' \
		'.result[0].CALL_START_DATE | test("^\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}[+-]\\d\\d:\\d\\d$")' \
		'.result[0] | keys | length == 29'
	token 2
	world user '{"ID":2,"STATISTICS":false}'
	call voximplant.statistic.get
	refused 403 ACCESS_DENIED 'Access denied!'
}

@test "10.7: filters of employees" {
	found() {
		call user.get "$1"
		granted
		assert_equal "$(jq -c '[.result[].ID | tonumber]' <<<"$BODY")" "$2"
	}
	found '{"FILTER":{"UF_PHONE_INNER":"102"}}' '[2]'
	found '{"FILTER":{"NAME_SEARCH":"fisch"}}' '[3]'
	found '{"FILTER":{"ACTIVE":true},"sort":"ID","order":"DESC"}' '[5,4,3,2,1]'
	world user '{"ID":4,"ACTIVE":false}'
	found '{"FILTER":{"ACTIVE":"N"}}' '[4]'
	found '{"FILTER":{"ACTIVE":"1","!ID":1}}' '[2,3,5]'
	found '{"FILTER":{"USER_TYPE":"employee","ID":[4,5]}}' '[4,5]'
	found '{"FILTER":{">DATE_REGISTER":"nonsense"}}' '[]'
	call user.get '{"select":["NAME"],"FILTER":{"ID":2}}'
	granted '.result == [{"ID":"2","NAME":"Tom"}]'
}
