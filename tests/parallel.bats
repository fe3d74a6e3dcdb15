# bx-rest batch -j: requests at once, results in order; one connection where the server has HTTP/2,
# authorities and proxies as curl has them.
load lib
load client

setup() { bx_setup; }
teardown() {
	[ ! -e nginx.pid ] || nginx -p "$PWD" -c nginx.conf -s stop 2>nginx.err
	bx_teardown
}

# COUNT commands whose results tell them apart.
commands() {
	jq -nc --argjson n "$1" 'range($n) | {id: .} + if . % 33 == 0 then {method: "no.such.method"}
		else {method: "user.get", params: {FILTER: {ID: (. % 5 + 1)}}} end'
}
in_order() { cmp <(jq .id out) <(seq 0 "$(($1 - 1))"); }

@test "requests at once: results in the order of the commands, groups whole, errors apart" {
	client_portal
	ctl limit off >/dev/null
	bx-auth set demo --limit 10000:1000 >/dev/null
	commands 3000 >in
	bx-rest batch -j 8 <in >out 2>err && fail "failures are no success" || assert_equal $? 1
	assert_equal "$(grep -v "ASan doesn't fully support" err)" "bx-rest: batch: 91 commands failed"
	in_order 3000
	assert_equal "$(jq -r 'select(.result) | .id % 5 + 1 | tostring' out)" "$(jq -r 'select(.result) | .result[0].ID' out)"
	assert_equal "$(asked batch)" 60
	{
		for i in $(seq 49); do echo '{"method":"server.time"}'; done
		echo '{"id":"me","method":"profile"}'
		echo '{"id":"same","method":"user.get","params":{"FILTER":{"ID":"$result[me][ID]"}}}'
		for i in $(seq 100); do echo '{"method":"server.time"}'; done
	} >in
	run --separate-stderr bx-rest batch -j 3 <in
	assert_success
	assert_equal "$(jq -r 'select(.id == "same") | .result[0].ID' <<<"$output")" 1
}

@test "they are under way together" {
	client_portal
	ctl latency batch=50000:0 >/dev/null
	for i in $(seq 200); do echo '{"method":"server.time"}'; done >in
	mkfifo trace
	bx-rest -v batch -j 4 <in >out 2>trace &
	sent=0
	while [ "$sent" -lt 4 ]; do
		read -r line || fail "it ended after $sent requests"
		case $line in
		*'> POST /rest/batch'*) sent=$((sent + 1)) ;;
		*'< HTTP'*) fail "answered after $sent requests" ;;
		esac
	done <trace
	kill $!
	run --separate-stderr bx-rest batch -j 2 --halt <in
	assert_failure 2
	run --separate-stderr bx-rest batch -j 0 <in
	assert_failure 2
}

@test "a slow request does not hold up those after it" {
	client_portal
	ctl latency batch=600000:1 >/dev/null
	for i in $(seq 1000); do echo '{"method":"server.time"}'; done >in
	mkfifo trace
	bx-rest -v batch -j 2 <in >out 2>trace &
	answered=0
	while [ "$answered" -lt 7 ]; do
		read -r line || fail "it ended after $answered answers"
		[[ $line != *'< HTTP'* ]] || answered=$((answered + 1))
	done <trace
	kill $!
	# They wait to be told of in their order, and so not without end.
	assert_equal "$(asked batch) $(wc -l <out)" '8 0'
}

@test "what is done is told while more commands are waited for" {
	client_portal
	mkfifo in out
	bx-rest batch -j 2 <in >out &
	exec 8>in 7<out
	for i in $(seq 100); do echo '{"method":"server.time"}'; done >&8
	for i in $(seq 50); do
		read -r line <&7
		assert_equal "$(jq .id <<<"$line")" "$i"
	done
	assert_equal "$(asked batch)" 1
	exec 8>&-
	assert_equal "$(wc -l <&7)" 50
	wait $!
}

@test "one expired token is refreshed once for all of them" {
	client_portal
	for i in $(seq 400); do echo '{"method":"server.time"}'; done >in
	ctl expire >/dev/null
	run --separate-stderr bx-rest batch -j 8 <in
	assert_success
	assert_equal "${#lines[@]}" 400
	assert_equal "$(asked oauth)" 2
}

nginx_conf() {
	cat <<-END
		pid nginx.pid; error_log stderr; events {}
		http {
			log_format short '\$connection \$server_protocol \$uri';
			access_log access.log short;
			client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
			server {
				listen 127.0.0.1:$TLS ssl http2;
				ssl_certificate $PWD/ca.pem; ssl_certificate_key $PWD/key.pem;
				location / { proxy_pass $SANDBOX; proxy_set_header Host $DOMAIN; proxy_set_header X-Forwarded-Proto https; }
			}
		}
	END
}

# A TLS server with HTTP/2 before the sandbox, of an authority of our own.
tls_portal() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout key.pem -out ca.pem 2>/dev/null
	# It returns when it listens, or when that port is somebody else's.
	for TLS in $(shuf -i 20000-29999 -n 10); do
		nginx_conf >nginx.conf
		nginx -p "$PWD" -c nginx.conf 2>nginx.err 3>&- && return
		grep -q 'Address already in use' nginx.err || break
	done
	fail "$(cat nginx.err)"
}

@test "HTTP/2 takes one connection for all, and the authority is the one that curl's variable names" {
	client_portal
	tls_portal
	unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	bx-auth set demo --domain "https://localhost:$TLS" >/dev/null
	: >access.log
	for i in $(seq 400); do echo '{"method":"server.time"}'; done >in
	run --separate-stderr bx-rest -t 5 server.time
	assert_failure 3
	[[ $stderr == *[Cc]ertificate* ]] || fail "$stderr"
	CURL_CA_BUNDLE=ca.pem run --separate-stderr bx-rest batch -j 4 <in
	assert_success
	assert_equal "$(grep -c 'HTTP/2.0 /rest/batch' access.log)" 8
	assert_equal "$(grep batch access.log | cut -d' ' -f1 | sort -u | wc -l)" 1
	SSL_CERT_FILE=ca.pem run --separate-stderr bx-rest server.time
	assert_success
}

# Runs a command where the system's authorities are those in ./certs; 1 where no name space can be made.
of_own() {
	local own='mount --bind certs /etc/ssl/certs && exec "$@"' how
	for how in 'unshare --mount' 'unshare --user --map-root-user --mount'; do
		$how sh -c "$own" own true 2>/dev/null || continue
		$how sh -c "$own" own "$@"
		return
	done
	return 1
}

@test "a file of authorities that is named counts, and a directory is looked into alone" {
	client_portal
	tls_portal
	unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	bx-auth set demo --domain "https://localhost:$TLS" >/dev/null
	mkdir full empty
	cp ca.pem "full/$(openssl x509 -hash -noout -in ca.pem).0"
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	SSL_CERT_DIR=full run --separate-stderr strace -o trace -e trace=openat bx-rest server.time
	assert_success
	grep -q full/ trace
	run grep ca-certificates.crt trace
	assert_failure
	SSL_CERT_DIR=none SSL_CERT_FILE=ca.pem run --separate-stderr bx-rest server.time
	assert_success
	SSL_CERT_DIR=none CURL_CA_BUNDLE=ca.pem run --separate-stderr bx-rest server.time
	assert_success
	: >access.log
	SSL_CERT_DIR=empty run --separate-stderr bx-rest -t 5 server.time
	assert_failure 3
	[[ $stderr == *[Cc]ertificate* ]] || fail "$stderr"
	SSL_CERT_DIR=full CURL_CA_BUNDLE=none.pem run --separate-stderr bx-rest -t 5 server.time
	assert_failure 3
	[[ $stderr == *"CA cert"* ]] || fail "$stderr"
	assert_equal "$(cat access.log)" ""
}

@test "a server that is gone at the second look at the authorities is told of as not trusted" {
	client_portal
	unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	mkdir empty
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout key.pem -out ca.pem 2>/dev/null
	coproc SERVER { exec openssl s_server -accept 127.0.0.1:0 -naccept 1 -cert ca.pem -key key.pem 2>&1 3>&-; }
	while IFS= read -r line <&"${SERVER[0]}" && [[ $line != "ACCEPT "* ]]; do :; done
	bx-auth set demo --domain "https://localhost:${line##*:}" >/dev/null
	SSL_CERT_DIR=empty run --separate-stderr bx-rest -t 10 server.time
	assert_failure 3
	[[ $stderr == *[Cc]ertificate* ]] || fail "$stderr"
}

@test "the system's file of authorities is taken as well where a directory does not do" {
	client_portal
	tls_portal
	unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	bx-auth set demo --domain "https://localhost:$TLS" --auth-server "https://localhost:$TLS" >/dev/null
	mkdir certs empty
	cp ca.pem certs/ca-certificates.crt
	of_own true || skip 'no name space of our own can be made here'
	# A token is asked for once, so that no second request mends the first.
	run --separate-stderr of_own bx-auth refresh demo
	assert_success
	SSL_CERT_DIR=empty run --separate-stderr of_own bx-auth refresh demo
	assert_success
	for i in $(seq 400); do echo '{"method":"server.time"}'; done >in
	run --separate-stderr of_own bx-rest batch -j 4 <in
	assert_success
	assert_equal "${#lines[@]}" 400
}

@test "calls go through the proxy that curl's variable names" {
	client_portal
	bx-auth set demo --domain http://portal.invalid --insecure-http >/dev/null
	unset no_proxy NO_PROXY
	http_proxy=http://127.0.0.1:1 run --separate-stderr bx-rest -q -t 5 server.time
	assert_failure 3
	[[ $stderr == *"Connection refused"* ]] || fail "$stderr"
	# Two requests, and one warning.
	for i in $(seq 100); do echo '{"method":"server.time"}'; done >in
	http_proxy=$SANDBOX run --separate-stderr bx-rest batch <in
	assert_success
	assert_equal "${#lines[@]}" 100
	assert_equal "$stderr" 'bx-rest: credentials go to portal.invalid without TLS'
}
