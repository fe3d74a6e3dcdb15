# The daemon's public side: its certificate, its limits, and who is behind a proxy.
load lib

setup() { bx_setup; }
teardown() { bx_teardown; }

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem \
		-out cert.pem -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.2 2>/dev/null
}
# The name in the certificate a new connection is shown.
shown() { openssl s_client -connect "$SERVE_LISTEN" </dev/null 2>/dev/null | openssl x509 -noout -subject; }

@test "https by itself, and another certificate without a new start" {
	certificate first
	serve_start --tls-cert cert.pem --tls-key key.pem
	assert_equal "$(jq -r .worker <<<"$SERVE_INFO")" "https://$SERVE_LISTEN/worker"
	run curl -sS --cacert cert.pem "https://$SERVE_LISTEN/healthz"
	assert_output ok
	run shown
	assert_output --partial first
	certificate second
	kill -HUP "${BX_PIDS[serve]}"
	until grep -q 'read anew' serve.err; do shown >/dev/null; done
	run shown
	assert_output --partial second
	run curl -sS --cacert cert.pem "https://$SERVE_LISTEN/healthz"
	assert_output ok
	echo nonsense >cert.pem
	kill -HUP "${BX_PIDS[serve]}"
	until grep -q 'the old certificate stays' serve.err; do shown >/dev/null; done
	run shown
	assert_output --partial second
}

@test "a certificate needs its key, and both must be good" {
	certificate one
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --tls-cert cert.pem
	assert_failure 2
	[[ $stderr == *"--tls-cert and --tls-key belong together"* ]]
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --tls-cert cert.pem --tls-key nowhere
	assert_failure 2
	[[ $stderr == *"nowhere: No such file"* ]]
	cp key.pem other.pem
	certificate two
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --tls-cert cert.pem --tls-key other.pem
	assert_failure 9
	[[ $stderr == *"the certificate or its key"* ]]
}

@test "with -v each request is told with its client, which only a listed proxy may name" {
	serve_start -v --trusted-proxy 127.0.0.1 --trusted-proxy 10.0.0.7
	curl -sS -o /dev/null -H 'X-Forwarded-For: 8.8.8.8, 192.0.2.5, 10.0.0.7' "$SERVE/healthz"
	curl -sS -o /dev/null --interface 127.0.0.9 -H 'X-Forwarded-For: 8.8.8.8' "$SERVE/worker?a=b"
	curl -sS -o /dev/null -H 'X-Forwarded-For: 8.8.8.8' -H 'X-Forwarded-For: 192.0.2.6 , 10.0.0.7 ' "$SERVE/hook"
	curl -sS -o /dev/null -H 'X-Forwarded-For;' "$SERVE/oauth"
	curl -sS -o /dev/null -X POST "$SERVE/error/0123456789abcdef"
	curl -sS -o /dev/null "$SERVE/%0aevil"
	run cat serve.err
	assert_line --regexp '192[.]0[.]2[.]5 GET /healthz$'
	assert_line --regexp '192[.]0[.]2[.]6 GET /hook$'
	assert_line --regexp '127[.]0[.]0[.]9 GET /worker$'
	assert_line --regexp '127[.]0[.]0[.]1 GET /oauth$'
	assert_line --regexp 'POST /error/[.]{3}$'
	refute_output --partial 0123456789abcdef
	refute_output --partial 'a=b'
}

@test "the administrator's address is loopback or a path: nobody is asked for a password there" {
	for address in 0.0.0.0:0 '[::]:0'; do
		run --separate-stderr timeout 20 bx-serve --listen 127.0.0.2:0 --admin "$address"
		assert_failure 2
		refute_output
	done
	run --separate-stderr bx-serve --listen 127.0.0.2:0 --admin 0.0.0.0:0
	[[ $stderr == "bx-serve: --admin 0.0.0.0:"*" would show callers and operators"* ]]
	serve_start --admin 127.0.0.9:0
	curl -sS "http://$(jq -r .admin <<<"$SERVE_INFO")/metrics" | grep -q '^bx_serve_requests_total'
	stop serve
	serve_start --admin "$PWD/other.sock"
	curl -sS --unix-socket other.sock http://admin/metrics | grep -q '^bx_serve_requests_total'
}

@test "limits are options, and what passes them is refused and counted" {
	serve_start --max-body 2000 --max-headers 2000 --connections 8 --per-address 3
	run curl -sS -o /dev/null -w '%{http_code}' --data "$(head -c 2001 /dev/zero | tr '\0' x)" "$SERVE/event"
	assert_output 413
	run curl -sS -o /dev/null -w '%{http_code}' -H "X: $(head -c 2001 /dev/zero | tr '\0' x)" "$SERVE/healthz"
	assert_output 431
	for i in 1 2 3; do
		exec {fd}<>"/dev/tcp/${SERVE_LISTEN%:*}/${SERVE_LISTEN##*:}"
		printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n' >&"$fd"
		IFS= read -r -u "$fd" line
	done
	run curl -sS "$SERVE/healthz"
	assert_failure
	run curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics
	assert_line 'bx_serve_refused_total{why="body"} 1'
	assert_line 'bx_serve_refused_total{why="headers"} 1'
	assert_line 'bx_serve_refused_total{why="connections"} 1'
	run --separate-stderr bx-serve --max-body 3
	assert_failure 2
	[[ $stderr == *"--max-body '3' is not a whole number from 1024"* ]]
}

@test "who sends too slowly is cut and counted" {
	serve_start --deadline 1
	exec {fd}<>"/dev/tcp/${SERVE_LISTEN%:*}/${SERVE_LISTEN##*:}"
	printf 'POST /event HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx' >&"$fd"
	run cat <&"$fd"
	refute_output
	run curl -sS --unix-socket "$BX_STATE/admin.sock" http://admin/metrics
	assert_line 'bx_serve_refused_total{why="deadline"} 1'
}
