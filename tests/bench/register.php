<?php
// The same register as a PHP script would make it: BENCH_URL, BENCH_TOKEN, and the id of the call.
$params = [
	'USER_ID' => 1, 'PHONE_NUMBER' => '+15550100199', 'TYPE' => 2, 'SHOW' => 0,
	'EXTERNAL_CALL_ID' => $argv[1], 'auth' => getenv('BENCH_TOKEN'),
];
$curl = curl_init(getenv('BENCH_URL'));
curl_setopt_array($curl, [
	CURLOPT_POST => true,
	CURLOPT_POSTFIELDS => json_encode($params),
	CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
	CURLOPT_RETURNTRANSFER => true,
]);
$answer = json_decode(curl_exec($curl), true);
if (!isset($answer['result']['CALL_ID'])) {
	fwrite(STDERR, "no CALL_ID\n");
	exit(1);
}
echo json_encode($answer['result']), "\n";
