# Sends the exchanges of http/*.http with curl and compares the answers. For bats and for bash.
#
#   wire_init PORTAL-URL AUTH-URL      where "to: portal" and "to: auth" go
#   wire_know SAMPLE ACTUAL            SAMPLE stands for ACTUAL, in requests and in answers
#   wire_know_number SAMPLE ACTUAL     the same for a number that stands alone
#   wire_learn SAMPLE…                 the next answer that has SAMPLE tells what it stands for
#   wire_pick FILE NAME                one exchange, into the WIRE_ variables
#   wire_send FILE NAME                picks and sends it; the answer is in WIRE_CODE, WIRE_GOT
#   wire_same [FILTER]                 the answer is the sample's, after the jq FILTER
#   wire_names FILE                    names of its exchanges
# shellcheck shell=bash disable=SC2016,SC2034 # jq programs; variables for the caller

declare -gA WIRE_TEXT=() WIRE_NUMBER=() WIRE_FREE=()
declare -g WIRE_PORTAL='' WIRE_AUTH='' WIRE_TMP=''
declare -g WIRE_TO WIRE_GIVEN WIRE_METHOD WIRE_PATH WIRE_STATUS WIRE_ANSWER WIRE_CODE WIRE_GOT
declare -ga WIRE_HEADERS=()
declare -g WIRE_ANSWER_HEADERS=''

wire_init() {
	WIRE_PORTAL=$1 WIRE_AUTH=$2
	WIRE_TMP=${BATS_TEST_TMPDIR:-$(mktemp -d)}
	WIRE_TEXT=() WIRE_NUMBER=() WIRE_FREE=()
}

wire_know() {
	WIRE_TEXT[$1]=$2
}

wire_know_number() {
	WIRE_NUMBER[$1]=$2
}

wire_learn() {
	local sample
	for sample; do
		WIRE_FREE[$sample]=1
	done
}

wire_names() {
	sed -n 's/^=== //p' "$1"
}

# The lines of one exchange.
_wire_lines() {
	NAME=$2 awk '/^=== /{on = $0 == "=== " ENVIRON["NAME"]; next} on' "$1"
}

# Bytes of a body of which the text is on standard input.
_wire_bytes() {
	local line first=1 end=$'\n'
	[[ $1 == yes ]] && end=$'\r\n'
	while IFS= read -r line; do
		((first)) || printf '%s' "$end"
		first=0
		if [[ $line =~ ^\{\{base64\ (.*)\}\}$ ]]; then
			base64 -d <<<"${BASH_REMATCH[1]}"
		else
			printf '%s' "$line"
		fi
	done
	[[ $1 == yes ]] && printf '%s' "$end"
	return 0
}

wire_pick() {
	local all head request answer crlf='' line
	all=$(_wire_lines "$1" "$2")
	[[ -n $all ]] || { echo "$1 has no exchange '$2'" >&2; return 1; }
	head=${all%%$'\n>>>\n'*}
	request=${all#*$'\n>>>\n'}
	answer=${request##*$'\n<<< '}
	request=${request%$'\n<<< '*}
	WIRE_TO=$(sed -n 's/^to: //p' <<<"$head")
		WIRE_GIVEN=$(sed -n 's/^given: //p' <<<"$head")
	crlf=$(sed -n 's/^crlf: //p' <<<"$head")
	read -r WIRE_METHOD WIRE_PATH _ <<<"$request"
	WIRE_HEADERS=()
	while IFS= read -r line && [[ -n $line ]]; do
		WIRE_HEADERS+=("$line")
	done < <(tail -n +2 <<<"$request")
	: >"$WIRE_TMP/body"
	if [[ $request == *$'\n\n'* ]]; then
		_wire_bytes "$crlf" <<<"${request#*$'\n\n'}" >"$WIRE_TMP/body"
	fi
	WIRE_STATUS=${answer%% *}
	WIRE_ANSWER='' WIRE_ANSWER_HEADERS=''
	if [[ $answer == *$'\n'* ]]; then
		WIRE_ANSWER=${answer#*$'\n'}
	fi
	if [[ $WIRE_ANSWER =~ ^[A-Z][A-Za-z-]*:\  ]]; then
		WIRE_ANSWER_HEADERS=${WIRE_ANSWER%%$'\n\n'*}
		[[ $WIRE_ANSWER == *$'\n\n'* ]] && WIRE_ANSWER=${WIRE_ANSWER#*$'\n\n'} || WIRE_ANSWER=''
	fi
	return 0
}

_wire_quote() {
	sed 's/[][\.*^$()|{}+?/&]/\\&/g' <<<"$1"
}

_wire_percent() {
	jq -rn --arg text "$1" '$text | @uri'
}

# A sed script that puts the actual values in place of the samples, the longest first; for forms
# and addresses, where everything is encoded, or for other texts.   _wire_script form|text
_wire_script() {
	local kind=$1 sample
	for sample in "${!WIRE_TEXT[@]}"; do
		printf '%s %s\n' "${#sample}" "$sample"
	done | sort -rn | while read -r _ sample; do
		[[ $kind == form ]] ||
			printf 's/%s/%s/g\n' "$(_wire_quote "$sample")" "$(_wire_quote "${WIRE_TEXT[$sample]}")"
		printf 's/%s/%s/g\n' "$(_wire_quote "$(_wire_percent "$sample")")" \
			"$(_wire_quote "$(_wire_percent "${WIRE_TEXT[$sample]}")")"
	done
	for sample in "${!WIRE_NUMBER[@]}"; do
		printf 's/(^|[^0-9A-Za-z.+-])%s([^0-9A-Za-z.:+-]|$)/\\1%s\\2/g\n' "$sample" \
			"${WIRE_NUMBER[$sample]}"
	done
}

wire_send() {
	wire_pick "$1" "$2" || return
	local base=$WIRE_PORTAL kind=text path args=() header
	[[ $WIRE_TO == auth ]] && base=$WIRE_AUTH
	path=$(sed -E "$(_wire_script form)" <<<"$WIRE_PATH")
	for header in "${WIRE_HEADERS[@]}"; do
		[[ $header == *x-www-form-urlencoded ]] && kind=form
		[[ $header == Host:* || $header == Content-Length:* ]] || args+=(-H "$header")
	done
	if [[ -s $WIRE_TMP/body ]]; then
		LC_ALL=C sed -E "$(_wire_script "$kind")" <"$WIRE_TMP/body" >"$WIRE_TMP/sent"
		args+=(--data-binary "@$WIRE_TMP/sent")
	fi
	WIRE_CODE=$(curl -sS -X "$WIRE_METHOD" "${args[@]}" -D "$WIRE_TMP/headers" -o "$WIRE_TMP/got" \
		-w '%{http_code}' "$base$path") || return
	WIRE_GOT=$(<"$WIRE_TMP/got")
}

# {SAMPLE: ACTUAL} of a map of the shell
_wire_json() {
	local -n map=$1
	local key
	for key in "${!map[@]}"; do
		jq -cn --arg k "$key" --arg v "${map[$key]}" '{($k): $v}'
	done | jq -cs 'add // {}'
}

# Compares two trees: maps of times are T, learned and known values are those of the sample, and
# the keys come in the sample's order. Prints what was learned, and fails showing both.
_WIRE_COMPARE='def times: walk(if type == "object" and ([ "start", "finish", "duration", "processing",
	"date_start", "date_finish" ] - keys == []) then "T" else . end);
def at($p): . as $o | try ($o | getpath($p)) catch null;
def sample_text: reduce ($text | to_entries | sort_by(-(.value | length))[]) as $e (.;
	if $e.value == "" then . else split($e.value) | join($e.key) end);
($want | times) as $w | ($got | times) as $g |
(reduce ($w | paths(scalars)) as $p ({}; ($w | getpath($p)) as $s | ($g | at($p)) as $a |
	($s | tostring) as $k | if $free[$k] and .[$k] == null and ($s | type) == ($a | type)
	then .[$k] = ($a | tostring) else . end)) as $learned |
($number + $learned + ($text | with_entries(select(.key as $k | $number[$k] == null)))) as $all |
(reduce ($w | paths(scalars)) as $p ($g; ($w | getpath($p)) as $s | (. | at($p)) as $a |
	if ($s | type) == ($a | type) and $a != null and $all[$s | tostring] == ($a | tostring)
	then setpath($p; $s) else . end)) |
walk(if type == "string" then sample_text else . end) as $g |
if ($w | tojson) == ($g | tojson) then $learned
else "want \($w | tojson)\n got \($g | tojson)\n" | halt_error(1) end'

wire_same() {
	local filter=${1:-.} want learned sample value
	if [[ $WIRE_CODE != "$WIRE_STATUS" ]]; then
		echo "want status $WIRE_STATUS, got $WIRE_CODE: $WIRE_GOT" >&2
		return 1
	fi
	if [[ -z $WIRE_ANSWER ]]; then
		return 0
	fi
	if ! grep -qi '^content-type: application/json; charset=utf-8' "$WIRE_TMP/headers"; then
		echo "not a JSON answer:" "$(<"$WIRE_TMP/headers")" >&2
		return 1
	fi
	if [[ $WIRE_ANSWER == *'\/'* && $WIRE_GOT =~ [^\\]/ ]]; then
		echo "slashes are not escaped: $WIRE_GOT" >&2
		return 1
	fi
	want=$(sed -E ':a; s/([:[,])T([],}])/\1"T"\2/; ta' <<<"$WIRE_ANSWER")
	learned=$(command jq -cn --argjson want "$want" \
		--argjson got "$(command jq -c "$filter" <<<"$WIRE_GOT")" --argjson text "$(_wire_json WIRE_TEXT)" \
		--argjson number "$(_wire_json WIRE_NUMBER)" --argjson free "$(_wire_json WIRE_FREE)" \
		"$_WIRE_COMPARE") || return
	while IFS=$'\t' read -r sample value; do
		unset "WIRE_FREE[$sample]"
		if [[ $sample =~ ^[0-9]+$ ]]; then
			wire_know_number "$sample" "$value"
		else
			wire_know "$sample" "$value"
		fi
	done < <(jq -r 'to_entries[] | [.key, .value] | @tsv' <<<"$learned")
}
