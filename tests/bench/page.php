<?php
// The handler page by PHP-FPM: the file BENCH_PAGE, with a frame token signed anew in the place of its
// own, to who posts the right member_id and application token.
$member = $_SERVER['BENCH_MEMBER'];
if (($_POST['member_id'] ?? '') !== $member || !hash_equals($_SERVER['BENCH_TOKEN'], $_POST['APPLICATION_TOKEN'] ?? '')) {
	http_response_code(403);
	exit;
}
$token = implode(',', [$member, $_GET['APP_SID'], bin2hex(random_bytes(6)), 'bench', (time() + 259200) * 1000]);
$mac = substr(hash_hmac('sha256', $token, $_SERVER['BENCH_KEY']), 0, 32);
$nonce = bin2hex(random_bytes(12));
header('Content-Type: text/html; charset=utf-8');
header('Cache-Control: no-store');
header("Content-Security-Policy: default-src 'none'; script-src 'nonce-$nonce'; frame-ancestors http://{$_GET['DOMAIN']}");
echo preg_replace('/(?<="t":")[^"]*/', "$token,$mac", file_get_contents($_SERVER['BENCH_PAGE']), 1);
