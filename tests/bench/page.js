// The handler page by Node's http module: page.js FILE MEMBER TOKEN serves FILE, with a frame token
// signed anew in the place of its own, to who posts that member_id and application token. Prints its
// address and its process.
'use strict';
const crypto = require('node:crypto'), fs = require('node:fs'), http = require('node:http');

const [file, member, secret] = process.argv.slice(2);
const [head, tail] = fs.readFileSync(file, 'latin1').split(/(?<="t":")[^"]*/);
const key = crypto.randomBytes(32), digest = text => crypto.createHash('sha256').update(text).digest();
const wanted = digest(secret);

function page(url, text) {
	const query = new URLSearchParams(url.split('?')[1]), body = new URLSearchParams(text);
	if (body.get('member_id') !== member ||
		!crypto.timingSafeEqual(digest(body.get('APPLICATION_TOKEN') || ''), wanted)) return null;
	const token = [member, query.get('APP_SID'), crypto.randomBytes(6).toString('hex'), 'bench',
		Date.now() + 259200000].join();
	const mac = crypto.createHmac('sha256', key).update(token).digest('hex').slice(0, 32);
	return {domain: query.get('DOMAIN'), nonce: crypto.randomBytes(12).toString('hex'),
		text: head + token + ',' + mac + tail};
}

const server = http.createServer((request, response) => {
	const chunks = [];
	request.on('data', chunk => chunks.push(chunk));
	request.on('end', () => {
		const it = page(request.url, Buffer.concat(chunks).toString());
		if (!it) {
			response.writeHead(403).end();
			return;
		}
		const body = Buffer.from(it.text, 'latin1');
		response.writeHead(200, {
			'Content-Type': 'text/html; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-store',
			'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${it.nonce}'; frame-ancestors http://${it.domain}`,
		}).end(body);
	});
});
server.keepAliveTimeout = 75000;
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port} ${process.pid}`));
