// Serves customer.html. The first line of its output is its address, the others are what the page
// says; what is posted to /tell goes to the page.
const http = require('http'), fs = require('fs'), path = require('path');
const lines = [];
let ear;
const server = http.createServer((request, response) => {
	const parts = [];
	request.on('data', part => parts.push(part)).on('end', () => {
		const text = Buffer.concat(parts).toString();
		if (request.url === '/told') {
			response.writeHead(200, {'Content-Type': 'text/event-stream'});
			response.flushHeaders();
			ear = response;
			lines.splice(0).forEach(line => ear.write(line));
			return;
		}
		if (request.url === '/say') process.stdout.write(text + '\n');
		else if (request.url === '/tell') {
			const line = 'data: ' + JSON.stringify(JSON.parse(text)) + '\n\n';
			ear ? ear.write(line) : lines.push(line);
		} else {
			response.setHeader('Content-Type', 'text/html');
			return response.end(fs.readFileSync(path.join(__dirname, 'customer.html')));
		}
		response.end();
	});
});
server.listen(0, '127.0.0.3', () => console.log('http://127.0.0.3:' + server.address().port + '/'));
process.on('SIGTERM', () => process.exit(0));
